use super::Sqlite;
use crate::dialect::Sessions;
use crate::{Access, Session, Statement};

impl Sessions for Sqlite {
    fn session_setup(&self, session: Session) -> Vec<Statement> {
        let patience = session.lock_patience().as_millis();
        let mut setup = vec![Statement::plain(format!("PRAGMA busy_timeout = {patience}"))];
        // Of the session, not of the file: these hold in a file that is only read, too.
        setup.extend(["PRAGMA foreign_keys = ON", "PRAGMA case_sensitive_like = ON"].map(Statement::plain));
        let tables = [
            "PRAGMA journal_mode = WAL",
            "CREATE TABLE IF NOT EXISTS \"~schema\" (\"schema_name\" TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID",
            // A comment of a table has an empty column name.
            "CREATE TABLE IF NOT EXISTS \"~comment\" (\"table_name\" TEXT NOT NULL, \"column_name\" TEXT NOT NULL, \
             \"comment\" TEXT NOT NULL, PRIMARY KEY (\"table_name\", \"column_name\")) STRICT, WITHOUT ROWID",
        ]
        .map(Statement::plain);
        if !session.is_existing {
            setup.extend(tables);
        }
        if session.is_read_only {
            setup.push(Statement::plain("PRAGMA query_only = ON"));
        }
        // From here on the client waits itself: what the engine waits for can't be called back.
        setup.push(Statement::plain("PRAGMA busy_timeout = 0"));
        setup
    }

    /// A reader that writes later would fail when another one wrote in between, so writers take the lock first.
    fn begin(&self, access: Access) -> &'static str {
        match access {
            Access::Read => "BEGIN",
            Access::Write | Access::Locking => "BEGIN IMMEDIATE",
        }
    }

    fn utc(&self) -> &'static str {
        "strftime('%Y-%m-%d %H:%M:%f', 'now')"
    }

    fn login(&self) -> &'static str {
        "''"
    }

    fn may_insert(&self, _: &str, _: &[String]) -> Option<Statement> {
        None
    }

    fn current_user(&self) -> Option<&'static str> {
        None
    }

    /// Whoever writes has the whole file to himself.
    fn lock_tables(&self, _: &[String]) -> Vec<Statement> {
        Vec::new()
    }

    fn fact_queries(&self) -> Vec<Statement> {
        Vec::new()
    }
}
