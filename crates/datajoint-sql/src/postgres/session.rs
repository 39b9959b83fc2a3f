use crate::{Access, Session, Statement};

pub(super) fn setup(session: Session) -> Vec<Statement> {
    let Session { lock_timeout, statement_timeout, idle_timeout, is_read_only } = session;
    let read_only = if is_read_only { "; SET default_transaction_read_only = on" } else { "" };
    vec![Statement::plain(format!(
        // Literals in declarations rely on the first.
        "SET standard_conforming_strings = on; SET lock_timeout = '{lock_timeout}s'; \
         SET statement_timeout = '{statement_timeout}s'; \
         SET idle_in_transaction_session_timeout = '{idle_timeout}s'{read_only}"
    ))]
}

pub(super) fn begin(access: Access) -> &'static str {
    match access {
        Access::Read | Access::Write => "BEGIN ISOLATION LEVEL REPEATABLE READ",
        Access::Locking => "BEGIN ISOLATION LEVEL READ COMMITTED",
    }
}
