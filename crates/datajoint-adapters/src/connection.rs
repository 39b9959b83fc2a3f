use std::sync::Arc;

use datajoint_definition::Backend;
use datajoint_sql::{Statement, Value};
use futures_util::future::BoxFuture;
use tokio::sync::OwnedSemaphorePermit;

use crate::driver::{Driver, Next, Rows};
use crate::shelf::Shelf;
use crate::{BulkInsert, Result, bulk};

/// One connection of a pool, for as long as it is kept.
pub struct Connection {
    pub(crate) backend: Backend,
    /// There until it is dropped.
    driver: Option<Box<dyn Driver>>,
    /// The largest statement the server takes, in bytes.
    pub(crate) largest_statement: usize,
    /// True when the last statement ran to its end, so that the next can follow at once.
    is_settled: bool,
    /// True when it is not to be used again.
    ends: bool,
    shelf: Arc<Shelf>,
    _permit: OwnedSemaphorePermit,
}

impl Connection {
    pub(crate) const fn new(
        backend: Backend,
        driver: Box<dyn Driver>,
        largest_statement: usize,
        shelf: Arc<Shelf>,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        Self {
            backend,
            driver: Some(driver),
            largest_statement,
            is_settled: true,
            ends: false,
            shelf,
            _permit: permit,
        }
    }

    #[expect(clippy::expect_used, reason = "the driver is taken only when the connection is dropped")]
    pub(crate) fn driver(&mut self) -> &mut dyn Driver {
        self.driver.as_deref_mut().expect("a connection that is not dropped")
    }

    /// Notes that a statement begins: until it is [`settled`](Self::settled), the pool has to look after the connection.
    pub(crate) fn start(&mut self) -> &mut dyn Driver {
        self.is_settled = false;
        self.driver()
    }

    /// Notes that a statement has ended.
    pub(crate) fn settled<T, E>(&mut self, outcome: Result<T, E>) -> Result<T, E> {
        self.is_settled = outcome.is_ok();
        outcome
    }

    /// The kind of database.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// Runs a statement; gives the number of rows it changed.
    pub fn execute<'a>(&'a mut self, statement: &'a Statement) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async {
            let outcome = self.start().execute(statement).await;
            self.settled(outcome)
        })
    }

    /// Runs statements that are not worth preparing, one after the other.
    pub fn script<'a>(&'a mut self, statements: &'a [Statement]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for statement in statements {
                if statement.parameters.is_empty() {
                    let outcome = self.start().raw(&statement.sql).await;
                    self.settled(outcome)?;
                } else {
                    self.execute(statement).await?;
                }
            }
            Ok(())
        })
    }

    /// All rows of a query.
    pub fn fetch<'a>(&'a mut self, statement: &'a Statement) -> BoxFuture<'a, Result<Vec<Vec<Value>>>> {
        Box::pin(async {
            let mut rows = Vec::new();
            self.for_each::<crate::Error, _>(statement, |row| {
                rows.push(std::mem::take(row));
                Ok(())
            })
            .await?;
            Ok(rows)
        })
    }

    /// Hands each row of a query to a function, in one buffer that is used again.
    ///
    /// What the function gives ends the query when it is an error.
    pub async fn for_each<E, F>(&mut self, statement: &Statement, each: F) -> Result<(), E>
    where
        E: From<crate::Error>,
        F: FnMut(&mut Vec<Value>) -> Result<(), E> + Send,
        E: Send,
    {
        let mut rows = Each { each, failure: None };
        let outcome = self.hand_over(statement, &mut rows).await;
        match rows.failure {
            Some(failure) => Err(failure),
            None => Ok(outcome?),
        }
    }

    /// Hands over the rows of a query, until no more are wanted.
    pub(crate) fn hand_over<'a>(
        &'a mut self,
        statement: &'a Statement,
        rows: &'a mut dyn Rows,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async {
            // What is left of a query whose rows are not wanted any more is for the pool to take away.
            self.is_settled = self.start().rows(statement, rows).await?;
            Ok(())
        })
    }

    /// Inserts many rows by the backend's fastest way; gives the number of rows.
    ///
    /// In a transaction all are inserted or none; otherwise a failure may leave the rows of earlier chunks.
    pub fn bulk_insert<'a>(&'a mut self, insert: BulkInsert<'a>) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async {
            self.start();
            let outcome = bulk::insert(self, insert).await;
            self.settled(outcome)
        })
    }

    /// Makes the connection end instead of going back to the pool, as one must whose session was set to something.
    pub fn end_on_drop(&mut self) {
        self.ends = true;
        self.driver().close_on_drop();
    }
}

/// A function that takes the rows, until it fails.
struct Each<E, F> {
    each: F,
    failure: Option<E>,
}

impl<E: Send, F: FnMut(&mut Vec<Value>) -> Result<(), E> + Send> Rows for Each<E, F> {
    fn take(&mut self, row: &mut Vec<Value>) -> Next {
        match (self.each)(row) {
            Ok(()) => Next::Row,
            Err(failure) => {
                self.failure = Some(failure);
                Next::Stop
            }
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.is_settled
            && !self.ends
            && let Some(driver) = self.driver.take()
        {
            self.shelf.put(driver);
        }
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Connection({})", self.backend)
    }
}
