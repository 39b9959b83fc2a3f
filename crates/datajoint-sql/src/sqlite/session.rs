use crate::{Access, Session, Statement};

/// For ever, as far as SQLite has it.
const LONG: u64 = 2_147_483;

pub(super) fn setup(session: Session) -> Vec<Statement> {
    let lock_timeout = if session.lock_timeout == 0 { LONG } else { session.lock_timeout.min(LONG) };
    let mut setup = vec![Statement::plain(format!("PRAGMA busy_timeout = {}", lock_timeout * 1000))];
    let tables = [
        "PRAGMA foreign_keys = ON",
        "PRAGMA journal_mode = WAL",
        "CREATE TABLE IF NOT EXISTS \"~schema\" (\"schema_name\" TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID",
        // A comment of a table has an empty column name.
        "CREATE TABLE IF NOT EXISTS \"~comment\" (\"table_name\" TEXT NOT NULL, \"column_name\" TEXT NOT NULL, \
         \"comment\" TEXT NOT NULL, PRIMARY KEY (\"table_name\", \"column_name\")) STRICT, WITHOUT ROWID",
    ]
    .map(Statement::plain);
    setup.extend(tables);
    if session.is_read_only {
        setup.push(Statement::plain("PRAGMA query_only = ON"));
    }
    setup
}

/// A reader that writes later would fail when another one wrote in between, so writers take the lock first.
pub(super) fn begin(access: Access) -> &'static str {
    match access {
        Access::Read => "BEGIN",
        Access::Write | Access::Locking => "BEGIN IMMEDIATE",
    }
}
