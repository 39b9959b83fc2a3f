use crate::{Access, Statement};

/// The modes that DataJoint for Python sets.
const MODES: &str = "NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,STRICT_ALL_TABLES,\
                     NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY";

pub(super) fn setup() -> Vec<Statement> {
    vec![Statement::plain(format!("SET SESSION sql_mode = '{MODES}'"))]
}

/// The snapshot is taken here rather than with the first query, for writers too.
pub(super) fn begin(_: Access) -> &'static str {
    "START TRANSACTION WITH CONSISTENT SNAPSHOT"
}
