//! Statements that may be sent.

use std::ops::Deref;

use datajoint_sql::{Statement, Value, is_one_statement, row_functions};

use crate::connection::All;
use crate::driver::Handed;
use crate::rest::Rest;
use crate::{Connection, Error, Result};

/// A statement that is one alone, and calls nothing of which its writer does not know. Drivers take no other.
#[derive(Clone, Copy)]
pub(crate) struct Admitted<'a>(&'a Statement);

impl<'a> Admitted<'a> {
    /// One that this library has written without a word of a user's, or has written anew after it was admitted.
    pub(crate) const fn ours(statement: &'a Statement) -> Self {
        Self(statement)
    }

    pub(crate) const fn statement(self) -> &'a Statement {
        self.0
    }
}

impl Deref for Admitted<'_> {
    type Target = Statement;

    fn deref(&self) -> &Statement {
        self.0
    }
}

impl Connection {
    /// Looks at a statement before it is sent.
    ///
    /// Fails for several statements, and for a name behind a point that may be a function of somebody's, which the server would
    /// call with a row.
    pub(crate) async fn admit<'a>(&mut self, statement: &'a Statement) -> Result<Admitted<'a>> {
        self.check_one(&statement.sql)?;
        let Some(question) = row_functions(self.backend, &statement.parts_of_rows) else {
            return Ok(Admitted(statement));
        };
        let mut rows = All(Vec::new());
        let outcome = self.start()?.rows(Admitted::ours(&question), &mut rows, Rest::Whole).await;
        let Handed { fault, .. } = self.settled(outcome)?;
        match (fault, rows.0.into_iter().flatten().next()) {
            (Some(fault), _) => Err(fault),
            (None, Some(Value::Text(name))) => Err(Error::RowFunction { name }),
            (None, _) => Ok(Admitted(statement)),
        }
    }

    /// Fails for a text of several statements. PostgreSQL refuses it in the protocol that is used, SQLite and, for what
    /// it does not prepare, MySQL would run all of them.
    pub(crate) fn check_one(&self, sql: &str) -> Result<()> {
        if is_one_statement(self.backend, sql) {
            return Ok(());
        }
        Err(Error::SeveralStatements { sql: sql.chars().take(200).collect() })
    }
}
