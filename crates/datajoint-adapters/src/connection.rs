use std::sync::Arc;

use datajoint_definition::Backend;
use datajoint_sql::{Statement, Value};
use tokio::sync::OwnedSemaphorePermit;

use crate::shelf::Shelf;
use crate::{BulkInsert, Result, bulk};

/// One connection of a pool, for as long as it is kept.
pub struct Connection {
    pub(crate) backend: Backend,
    /// There until it is dropped.
    driver: Option<Driver>,
    /// The largest statement the server takes, in bytes.
    pub(crate) largest_statement: usize,
    /// True when the last statement ran to its end, so that the next can follow at once.
    is_settled: bool,
    /// True when it is not to be used again.
    ends: bool,
    shelf: Arc<Shelf>,
    _permit: OwnedSemaphorePermit,
}

pub(crate) enum Driver {
    #[cfg(feature = "sqlite")]
    Sqlite(sqlx::pool::PoolConnection<sqlx::Sqlite>),
    #[cfg(feature = "mysql")]
    Mysql(sqlx::pool::PoolConnection<sqlx::MySql>),
    #[cfg(feature = "postgres")]
    Postgres(sqlx::pool::PoolConnection<sqlx::Postgres>),
}

/// The same call on the connection of whichever driver it is.
macro_rules! on_driver {
    ($driver:expr, $module:ident :: $function:ident ( $($argument:expr),* )) => {
        match $driver {
            #[cfg(feature = "sqlite")]
            $crate::connection::Driver::Sqlite(connection) => {
                $crate::sqlite::$function(&mut **connection $(, $argument)*).await
            }
            #[cfg(feature = "mysql")]
            $crate::connection::Driver::Mysql(connection) => {
                $crate::mysql::$function(&mut **connection $(, $argument)*).await
            }
            #[cfg(feature = "postgres")]
            $crate::connection::Driver::Postgres(connection) => {
                $crate::postgres::$function(&mut **connection $(, $argument)*).await
            }
        }
    };
}
pub(crate) use on_driver;

impl Driver {
    /// Ends the connection here and now, also outside of a runtime.
    pub(crate) fn detach(self) {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(connection) => drop(connection.detach()),
            #[cfg(feature = "mysql")]
            Self::Mysql(connection) => drop(connection.detach()),
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => drop(connection.detach()),
        }
    }
}

impl Connection {
    pub(crate) const fn new(
        backend: Backend,
        driver: Driver,
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
    pub(crate) const fn driver(&mut self) -> &mut Driver {
        self.driver.as_mut().expect("a connection that is not dropped")
    }

    /// Notes that a statement begins: until it is [`settled`](Self::settled), the pool has to look after the connection.
    pub(crate) const fn start(&mut self) -> &mut Driver {
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
    pub async fn execute(&mut self, statement: &Statement) -> Result<u64> {
        let outcome = on_driver!(self.start(), driver::execute(statement));
        self.settled(outcome)
    }

    /// Runs statements that are not worth preparing, one after the other.
    pub async fn script(&mut self, statements: &[Statement]) -> Result<()> {
        for statement in statements {
            if statement.parameters.is_empty() {
                let outcome = on_driver!(self.start(), driver::raw(&statement.sql));
                self.settled(outcome)?;
            } else {
                self.execute(statement).await?;
            }
        }
        Ok(())
    }

    /// All rows of a query.
    pub async fn fetch(&mut self, statement: &Statement) -> Result<Vec<Vec<Value>>> {
        let mut rows = Vec::new();
        self.for_each::<crate::Error, _>(statement, |row| {
            rows.push(std::mem::take(row));
            Ok(())
        })
        .await?;
        Ok(rows)
    }

    /// Hands each row of a query to a function, in one buffer that is used again.
    ///
    /// What the function gives ends the query when it is an error.
    pub async fn for_each<E, F>(&mut self, statement: &Statement, mut each: F) -> Result<(), E>
    where
        E: From<crate::Error>,
        F: FnMut(&mut Vec<Value>) -> Result<(), E> + Send,
        E: Send,
    {
        let outcome = on_driver!(self.start(), driver::for_each(statement, &mut each));
        self.settled(outcome)
    }

    /// Inserts many rows by the backend's fastest way; gives the number of rows.
    ///
    /// In a transaction all are inserted or none; otherwise a failure may leave the rows of earlier chunks.
    pub async fn bulk_insert(&mut self, insert: BulkInsert<'_>) -> Result<u64> {
        self.start();
        let outcome = bulk::insert(self, insert).await;
        self.settled(outcome)
    }

    /// Makes the connection end instead of going back to the pool.
    pub(crate) fn end_on_drop(&mut self) {
        self.ends = true;
        match self.driver() {
            #[cfg(feature = "sqlite")]
            Driver::Sqlite(connection) => connection.close_on_drop(),
            #[cfg(feature = "mysql")]
            Driver::Mysql(connection) => connection.close_on_drop(),
            #[cfg(feature = "postgres")]
            Driver::Postgres(connection) => connection.close_on_drop(),
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
