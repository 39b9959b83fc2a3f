//! Waiting for the lock of a file outside of SQLite.
//!
//! Within it a thread would wait, and nobody could call it back: a statement whose caller has gone would be carried out when the
//! lock is free, over what others have written since. So SQLite says at once that the file is locked, and is asked again from
//! here, for as long as somebody waits.

use std::time::{Duration, Instant};

use datajoint_sql::Value;
use futures_util::future::BoxFuture;
use sqlx::Connection as _;

use super::Lent;
use crate::admitted::Admitted;
use crate::backoff::Backoff;
use crate::driver::{Driver, Handed, Next, Rows};
use crate::rest::Rest;
use crate::writers::Turn;
use crate::{ColumnType, Error, Result, RetryPolicy};

/// Others need a moment for what they write, or as long as their transactions last.
const PAUSES: RetryPolicy = RetryPolicy::new(Duration::from_millis(1), Duration::from_millis(50), None);

/// A connection that is asked again while another client has the file.
pub(super) struct Patient {
    connection: Lent,
    /// For how long.
    patience: Duration,
    /// Whoever writes in one has the file already, or read before others wrote, so that waiting is of no use.
    is_in_transaction: bool,
}

impl Patient {
    pub(super) const fn new(connection: Lent, patience: Duration) -> Self {
        Self { connection, patience, is_in_transaction: false }
    }

    fn wait(&self) -> Wait {
        Wait { start: Instant::now(), patience: self.patience, pauses: PAUSES.start() }
    }

    fn wait_to_write(&self) -> Wait {
        let patience = if self.is_in_transaction { Duration::ZERO } else { self.patience };
        Wait { patience, ..self.wait() }
    }
}

/// A wait of one statement.
struct Wait {
    start: Instant,
    patience: Duration,
    pauses: Backoff,
}

impl Wait {
    /// Returns true, after a pause, when another client had the file and it may be free now.
    async fn again<T>(&mut self, outcome: &Result<T>) -> bool {
        outcome.as_ref().is_err_and(is_busy)
            && self.start.elapsed() < self.patience
            && self.pauses.again().await
    }
}

/// True where another client has the file for now.
fn is_busy(error: &Error) -> bool {
    /// SQLITE_BUSY, whatever stands in the higher bytes.
    const BUSY: u32 = 5;
    /// SQLITE_BUSY_SNAPSHOT: others wrote since the transaction began.
    const CHANGED: u32 = 517;

    let code = error.code().and_then(|code| code.parse::<u32>().ok());
    code.is_some_and(|code| code & 0xff == BUSY && code != CHANGED)
}

/// Rows of which it is known whether some were taken: then the query can't begin anew.
struct Begun<'r> {
    rows: &'r mut dyn Rows,
    has_some: bool,
}

impl Rows for Begun<'_> {
    fn take(&mut self, row: &mut Vec<Value>) -> Next {
        self.has_some = true;
        self.rows.take(row)
    }

    fn flush(&mut self) -> BoxFuture<'_, bool> {
        self.rows.flush()
    }
}

impl Driver for Patient {
    fn execute<'a>(&'a mut self, statement: Admitted<'a>) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move {
            let mut wait = self.wait_to_write();
            loop {
                let outcome = self.connection.execute(statement).await;
                if !wait.again(&outcome).await {
                    return outcome;
                }
            }
        })
    }

    fn execute_rows<'a>(
        &'a mut self,
        sql: &'a str,
        columns: &'a [ColumnType],
        values: &'a [Value],
    ) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move {
            let mut wait = self.wait_to_write();
            loop {
                let outcome = self.connection.execute_rows(sql, columns, values).await;
                if !wait.again(&outcome).await {
                    return outcome;
                }
            }
        })
    }

    fn one<'a>(&'a mut self, sql: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut wait = self.wait_to_write();
            loop {
                let outcome = self.connection.one(sql).await;
                if !wait.again(&outcome).await {
                    return outcome;
                }
            }
        })
    }

    /// Of several statements some may have been carried out.
    fn raw<'a>(&'a mut self, sql: &'a str) -> BoxFuture<'a, Result<()>> {
        self.connection.raw(sql)
    }

    /// Readers wait too: while the log of the file is made good after a crash, or is taken away.
    fn rows<'a>(
        &'a mut self,
        statement: Admitted<'a>,
        rows: &'a mut dyn Rows,
        rest: Rest,
    ) -> BoxFuture<'a, Result<Handed>> {
        Box::pin(async move {
            let mut wait = self.wait();
            let mut begun = Begun { rows, has_some: false };
            loop {
                let outcome = self.connection.rows(statement, &mut begun, rest).await;
                if begun.has_some || !wait.again(&outcome).await {
                    return outcome;
                }
            }
        })
    }

    fn begin<'a>(&'a mut self, sql: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.one(sql).await?;
            self.is_in_transaction = true;
            Ok(())
        })
    }

    fn commit<'a>(&'a mut self, last: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut wait = self.wait();
            loop {
                let outcome = self.connection.commit(last).await;
                if wait.again(&outcome).await {
                    continue;
                }
                self.is_in_transaction &= outcome.is_err();
                return outcome;
            }
        })
    }

    fn rollback(&mut self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            self.connection.rollback().await?;
            self.is_in_transaction = false;
            Ok(())
        })
    }

    fn wait_at_most(&mut self, patience: Duration) {
        self.patience = patience;
    }

    fn forget(&mut self) -> BoxFuture<'_, Result<()>> {
        self.connection.forget()
    }

    fn close(self: Box<Self>) {
        self.detach();
    }

    fn detach(self: Box<Self>) {
        super::ending::end(self.connection.connection.detach());
    }

    /// What is under way can't be called back: whoever writes next comes after it.
    fn abandon(self: Box<Self>, turn: Option<Turn>) {
        let connection = self.connection.connection.detach();
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            if let Err(error) = connection.close().await {
                tracing::debug!(%error, "a connection whose statement was given up ended with an error");
            }
            drop(turn);
        });
    }
}
