use datajoint_definition::Backend;
use datajoint_sql::{Statement, Value};

use crate::{BulkInsert, Result, bulk};

/// One connection of a pool, for as long as it is kept.
pub struct Connection {
    pub(crate) backend: Backend,
    pub(crate) driver: Driver,
    /// The largest statement the server takes, in bytes.
    pub(crate) largest_statement: usize,
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

impl Connection {
    /// The kind of database.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// Runs a statement; gives the number of rows it changed.
    pub async fn execute(&mut self, statement: &Statement) -> Result<u64> {
        on_driver!(&mut self.driver, driver::execute(statement))
    }

    /// Runs statements that are not worth preparing, one after the other.
    pub async fn script(&mut self, statements: &[Statement]) -> Result<()> {
        for statement in statements {
            if statement.parameters.is_empty() {
                on_driver!(&mut self.driver, driver::raw(&statement.sql))?;
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
        on_driver!(&mut self.driver, driver::for_each(statement, &mut each))
    }

    /// Inserts many rows by the backend's fastest way; gives the number of rows.
    ///
    /// In a transaction all are inserted or none; otherwise a failure may leave the rows of earlier chunks.
    pub async fn bulk_insert(&mut self, insert: BulkInsert<'_>) -> Result<u64> {
        bulk::insert(self, insert).await
    }

    /// Makes the connection end instead of going back to the pool.
    pub(crate) fn end_on_drop(&mut self) {
        match &mut self.driver {
            #[cfg(feature = "sqlite")]
            Driver::Sqlite(connection) => connection.close_on_drop(),
            #[cfg(feature = "mysql")]
            Driver::Mysql(connection) => connection.close_on_drop(),
            #[cfg(feature = "postgres")]
            Driver::Postgres(connection) => connection.close_on_drop(),
        }
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Connection({})", self.backend)
    }
}
