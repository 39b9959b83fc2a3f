//! Sessions that a pooler lends for a transaction at a time, as PgBouncer does in transaction mode.
//!
//! Nothing of a session is there for longer: no prepared statement, no setting, no lock. So every statement that is not
//! in a transaction gets one of its own, its settings are those of the transaction, and what was prepared in it is closed
//! before it ends.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use datajoint_sql::{Statement, Value};
use futures_util::future::BoxFuture;
use sqlx::Connection as _;

use super::Lent;
use crate::admitted::Admitted;
use crate::driver::{Driver, Handed, Rows};
use crate::rest::Rest;
use crate::{ColumnType, Error, Kind, Result};

/// What all connections by way of the pooler have in common.
pub(super) struct Shared {
    /// What a transaction is set to.
    setup: String,
    /// What stands behind each statement that is prepared, once one was outdated; nothing before.
    ///
    /// A pooler that knows prepared statements keeps them by their text, in each of its sessions, also when their tables are
    /// made anew. With another text they are other ones.
    mark: AtomicU64,
}

impl Shared {
    pub(super) fn new(setup: String) -> Self {
        Self { setup, mark: AtomicU64::new(0) }
    }

    fn marked<'a>(&self, sql: &'a str) -> Cow<'a, str> {
        match self.mark.load(Ordering::Relaxed) {
            0 => Cow::Borrowed(sql),
            mark => Cow::Owned(format!("{sql} /* {mark:x} */")),
        }
    }

    fn marked_statement<'a>(&self, statement: Admitted<'a>) -> Cow<'a, Statement> {
        let statement = statement.statement();
        match self.marked(&statement.sql) {
            Cow::Borrowed(_) => Cow::Borrowed(statement),
            Cow::Owned(sql) => Cow::Owned(Statement { sql, ..statement.clone() }),
        }
    }

    /// From now on statements have a mark that no other client has either.
    fn mark_anew(&self) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let moment = (now.as_secs() << 30) | u64::from(now.subsec_nanos());
        let mark = moment ^ (u64::from(std::process::id()) << 40);
        self.mark.store(mark.max(1), Ordering::Relaxed);
    }
}

/// A connection whose session may be another for each transaction.
pub(super) struct Pooled {
    connection: Lent,
    shared: Arc<Shared>,
    is_in_transaction: bool,
}

impl Pooled {
    pub(super) fn new(connection: Lent, shared: Arc<Shared>) -> Self {
        Self { connection, shared, is_in_transaction: false }
    }

    /// Begins a transaction for one statement, unless there is one.
    async fn enter(&mut self) -> Result<bool> {
        if self.is_in_transaction {
            return Ok(false);
        }
        self.begin_set("BEGIN").await?;
        Ok(true)
    }

    /// Begins a transaction that is set up; none is left where the server refuses that.
    async fn begin_set(&mut self, sql: &str) -> Result<()> {
        let begun = self.connection.raw(&format!("{sql}; {}", self.shared.setup)).await;
        if begun.as_ref().is_err_and(Error::is_refusal) {
            self.connection.rollback().await?;
        }
        begun
    }

    /// Ends the transaction of one statement.
    async fn leave<T>(&mut self, is_alone: bool, outcome: Result<T>) -> Result<T> {
        if outcome.as_ref().is_err_and(|error: &Error| error.kind() == Some(Kind::Outdated)) {
            self.shared.mark_anew();
        }
        if !is_alone {
            return outcome;
        }
        match outcome {
            Ok(done) => {
                self.forget().await?;
                self.connection.commit("").await?;
                Ok(done)
            }
            Err(error) => {
                if error.is_refusal() || error.is_before_sending() {
                    self.forget().await?;
                    self.connection.rollback().await?;
                }
                Err(error)
            }
        }
    }
}

impl Driver for Pooled {
    fn execute<'a>(&'a mut self, statement: Admitted<'a>) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move {
            let is_alone = self.enter().await?;
            let shared = Arc::clone(&self.shared);
            let marked = shared.marked_statement(statement);
            let outcome = self.connection.execute(Admitted::ours(&marked)).await;
            self.leave(is_alone, outcome).await
        })
    }

    fn execute_rows<'a>(
        &'a mut self,
        sql: &'a str,
        columns: &'a [ColumnType],
        values: &'a [Value],
    ) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move {
            let is_alone = self.enter().await?;
            let shared = Arc::clone(&self.shared);
            let outcome = self.connection.execute_rows(&shared.marked(sql), columns, values).await;
            self.leave(is_alone, outcome).await
        })
    }

    fn one<'a>(&'a mut self, sql: &'a str) -> BoxFuture<'a, Result<()>> {
        // Some statements can't be in a transaction, and preparing takes two steps that may meet two sessions. That it is
        // one statement was looked at before.
        self.connection.raw(sql)
    }

    fn raw<'a>(&'a mut self, sql: &'a str) -> BoxFuture<'a, Result<()>> {
        self.connection.raw(sql)
    }

    fn rows<'a>(
        &'a mut self,
        statement: Admitted<'a>,
        rows: &'a mut dyn Rows,
        rest: Rest,
    ) -> BoxFuture<'a, Result<Handed>> {
        Box::pin(async move {
            let is_alone = self.enter().await?;
            let shared = Arc::clone(&self.shared);
            let marked = shared.marked_statement(statement);
            let outcome = self.connection.rows(Admitted::ours(&marked), rows, rest).await;
            // What was not read to its end is of no use any more: the connection is closed, and its transaction with it.
            let is_alone = is_alone && outcome.as_ref().map_or(true, |handed| handed.is_whole);
            self.leave(is_alone, outcome).await
        })
    }

    fn copy<'a>(
        &'a mut self,
        sql: &'a str,
        columns: &'a [ColumnType],
        values: &'a [Value],
    ) -> BoxFuture<'a, Result<Option<u64>>> {
        Box::pin(async move {
            let is_alone = self.enter().await?;
            let outcome = self.connection.copy(sql, columns, values).await;
            self.leave(is_alone, outcome).await
        })
    }

    fn begin<'a>(&'a mut self, sql: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.begin_set(sql).await?;
            self.is_in_transaction = true;
            Ok(())
        })
    }

    fn commit<'a>(&'a mut self, last: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.forget().await?;
            self.connection.commit(last).await?;
            self.is_in_transaction = false;
            Ok(())
        })
    }

    fn rollback(&mut self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            self.forget().await?;
            self.connection.rollback().await?;
            self.is_in_transaction = false;
            Ok(())
        })
    }

    /// While the session is still the same: another client prepares by the same names.
    ///
    /// A name is needed within the transaction all the same: what has none is gone when the driver asks the server about a
    /// type that it has not met before.
    fn forget(&mut self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async {
            if self.connection.connection.cached_statements_size() > 0 {
                self.connection.forget().await?;
            }
            Ok(())
        })
    }

    fn close(self: Box<Self>) {
        Box::new(self.connection).close();
    }

    fn detach(self: Box<Self>) {
        Box::new(self.connection).detach();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that meets an error has failed")]

    use super::*;

    #[tokio::test]
    #[expect(clippy::disallowed_methods, reason = "this variable is for the tests, not settings")]
    async fn settings_that_are_refused_leave_no_transaction() {
        let Ok(url) = std::env::var("DJ_TEST_POSTGRES_URL") else { return };
        let pool = sqlx::PgPool::connect(&url).await.unwrap();
        let shared = Arc::new(Shared::new("SET LOCAL work_mem = 'much'".to_owned()));
        let mut pooled = Pooled::new(Lent::new(pool.acquire().await.unwrap()), shared);
        for begun in [pooled.enter().await.map(drop), pooled.begin("BEGIN").await] {
            assert!(begun.unwrap_err().is_refusal());
        }
        // One that was aborted would refuse it.
        pooled.connection.raw("SELECT 1").await.unwrap();
        assert!(!pooled.is_in_transaction);
    }
}
