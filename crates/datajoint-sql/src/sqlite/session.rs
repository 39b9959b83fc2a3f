use crate::{Access, Statement};

pub(super) fn setup() -> Vec<Statement> {
    [
        "PRAGMA busy_timeout = 60000",
        "PRAGMA foreign_keys = ON",
        "PRAGMA journal_mode = WAL",
        "CREATE TABLE IF NOT EXISTS \"~schema\" (\"schema_name\" TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID",
        // A comment of a table has an empty column name.
        "CREATE TABLE IF NOT EXISTS \"~comment\" (\"table_name\" TEXT NOT NULL, \"column_name\" TEXT NOT NULL, \
         \"comment\" TEXT NOT NULL, PRIMARY KEY (\"table_name\", \"column_name\")) STRICT, WITHOUT ROWID",
    ]
    .map(Statement::plain)
    .to_vec()
}

/// A reader that writes later would fail when another one wrote in between, so writers take the lock first.
pub(super) fn begin(access: Access) -> &'static str {
    match access {
        Access::Read => "BEGIN",
        Access::Write => "BEGIN IMMEDIATE",
    }
}
