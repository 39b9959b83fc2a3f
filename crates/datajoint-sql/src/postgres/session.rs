use crate::{Access, Statement};

pub(super) fn setup() -> Vec<Statement> {
    // Literals in declarations rely on it.
    vec![Statement::plain("SET standard_conforming_strings = on")]
}

pub(super) fn begin(_: Access) -> &'static str {
    "BEGIN ISOLATION LEVEL REPEATABLE READ"
}
