//! A connection of whichever driver it is, and what every driver does the same way, written once for their types.

use datajoint_sql::{Statement, Value};
use futures_util::future::BoxFuture;

use crate::{ColumnType, Result};

/// A connection that the pool has had for so long may be gone.
pub(crate) const RESTED: std::time::Duration = std::time::Duration::from_secs(1);

/// How long a connection may take before it is looked at why.
#[cfg(any(feature = "mysql", feature = "postgres"))]
const UNUSUAL: std::time::Duration = std::time::Duration::from_millis(300);

/// Connects, and gives up at once when nobody listens there: the driver would try again and again, for as long as one
/// may wait for a connection.
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(crate) async fn unless_refused<T>(
    options: &crate::ConnectOptions,
    connect: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    use futures_util::future::{Either, select};

    let refusal = async {
        tokio::time::sleep(UNUSUAL).await;
        match tokio::net::TcpStream::connect((options.host.as_str(), options.port())).await {
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => error,
            // It may still come to pass.
            _ => std::future::pending().await,
        }
    };
    match select(std::pin::pin!(connect), std::pin::pin!(refusal)).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right((refusal, _)) => Err(refusal.into()),
    }
}

/// A connection of a driver.
///
/// Its futures are boxed, so that what the drivers do is compiled once, here, and not again in each program.
pub(crate) trait Driver: Send + Sync {
    /// Runs a statement; gives the number of rows it changed.
    fn execute<'a>(&'a mut self, statement: &'a Statement) -> BoxFuture<'a, Result<u64>>;

    /// Runs a text of its own and binds the values of rows that have these columns.
    fn execute_rows<'a>(
        &'a mut self,
        sql: &'a str,
        columns: &'a [ColumnType],
        values: &'a [Value],
    ) -> BoxFuture<'a, Result<u64>>;

    /// Runs a statement that is not worth preparing.
    fn raw<'a>(&'a mut self, sql: &'a str) -> BoxFuture<'a, Result<()>>;

    /// Hands over the rows of a query; false when no more were wanted.
    fn rows<'a>(
        &'a mut self,
        statement: &'a Statement,
        rows: &'a mut dyn Rows,
    ) -> BoxFuture<'a, Result<bool>>;

    /// Inserts rows in the binary form of the server, where it has one for all of the values.
    fn copy<'a>(
        &'a mut self,
        _sql: &'a str,
        _columns: &'a [ColumnType],
        _values: &'a [Value],
    ) -> BoxFuture<'a, Result<Option<u64>>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    /// Makes the connection end instead of going back to the pool.
    fn close_on_drop(&mut self);

    /// Ends the connection here and now, also outside of a runtime.
    fn detach(self: Box<Self>);
}

/// The connections of a driver.
pub(crate) trait Pool: Send + Sync {
    fn acquire(&self) -> BoxFuture<'_, Result<Box<dyn Driver>>>;

    /// Ends all connections, after those in use are given back.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// What takes the rows of a query.
pub(crate) trait Rows: Send {
    /// Takes one, in a buffer that is used again.
    fn take(&mut self, row: &mut Vec<Value>) -> Next;

    /// Passes on what was taken; false when no more is wanted.
    fn flush(&mut self) -> BoxFuture<'_, bool> {
        Box::pin(std::future::ready(true))
    }
}

/// What is to be done after a row.
pub(crate) enum Next {
    /// Reading the next one.
    Row,
    /// Passing on those that were taken.
    Flush,
    /// Nothing: no more are wanted.
    Stop,
}

/// A driver, and its functions: `bind` puts a value into the arguments, `Decoder` reads a column, and `distinct` makes
/// texts differ whose values can't share a prepared statement, and `make_room` is called before another one is prepared.
macro_rules! driver {
    ($database:ty, $connection:ty, $arguments:ty, $row:ty $(, $more:item)*) => {
        use datajoint_sql::{Statement, Value};
        use futures_util::TryStreamExt as _;
        use futures_util::future::BoxFuture;
        use sqlx::{Executor as _, Row as _};

        use $crate::driver::{Driver, Next, Pool, Rows};
        use $crate::{ColumnType, Result};

        impl Pool for sqlx::Pool<$database> {
            fn acquire(&self) -> BoxFuture<'_, Result<Box<dyn Driver>>> {
                Box::pin(async { Ok(Box::new(Self::acquire(self).await?) as Box<dyn Driver>) })
            }

            fn close(&self) -> BoxFuture<'_, ()> {
                Box::pin(Self::close(self))
            }
        }

        impl Driver for sqlx::pool::PoolConnection<$database> {
            fn execute<'a>(&'a mut self, statement: &'a Statement) -> BoxFuture<'a, Result<u64>> {
                Box::pin(async {
                    make_room(self).await?;
                    Ok(query(statement)?.execute(&mut **self).await?.rows_affected())
                })
            }

            fn execute_rows<'a>(
                &'a mut self,
                sql: &'a str,
                columns: &'a [ColumnType],
                values: &'a [Value],
            ) -> BoxFuture<'a, Result<u64>> {
                Box::pin(async {
                    make_room(self).await?;
                    let arguments = arguments(columns, values)?;
                    let sql = distinct(sql, values, columns);
                    Ok(prepared(sql, arguments).execute(&mut **self).await?.rows_affected())
                })
            }

            fn raw<'a>(&'a mut self, sql: &'a str) -> BoxFuture<'a, Result<()>> {
                Box::pin(raw(self, sql))
            }

            fn rows<'a>(
                &'a mut self,
                statement: &'a Statement,
                rows: &'a mut dyn Rows,
            ) -> BoxFuture<'a, Result<bool>> {
                Box::pin(hand_over(self, statement, rows))
            }

            $($more)*

            fn close_on_drop(&mut self) {
                Self::close_on_drop(self);
            }

            fn detach(self: Box<Self>) {
                drop(Self::detach(*self));
            }
        }

        /// A pool whose connections are set up, and asked whether they are still there after they stood idle.
        fn pool_options(
            options: &$crate::ConnectOptions,
            setup: std::sync::Arc<[Statement]>,
        ) -> sqlx::pool::PoolOptions<$database> {
            sqlx::pool::PoolOptions::new()
                .max_connections(options.max_connections)
                .acquire_timeout(options.acquire_timeout)
                .test_before_acquire(false)
                .before_acquire(|connection: &mut $connection, known| {
                    let has_rested = known.idle_for > $crate::driver::RESTED;
                    Box::pin(async move {
                        use sqlx::Connection as _;
                        Ok(!has_rested || connection.ping().await.is_ok())
                    })
                })
                .after_connect(move |connection, _| {
                    let setup = std::sync::Arc::clone(&setup);
                    Box::pin(async move {
                        for statement in setup.iter() {
                            raw(connection, &statement.sql).await.map_err(into_sqlx)?;
                        }
                        Ok(())
                    })
                })
        }

        fn into_sqlx(error: $crate::Error) -> sqlx::Error {
            match error {
                $crate::Error::Driver(error) => *error,
                other => sqlx::Error::Configuration(Box::new(other)),
            }
        }

        fn query(statement: &Statement) -> Result<sqlx::query::Query<'_, $database, $arguments>> {
            let mut arguments = <$arguments>::default();
            for value in &statement.parameters {
                bind(&mut arguments, value)?;
            }
            Ok(prepared(distinct(&statement.sql, &statement.parameters, &[]), arguments))
        }

        #[expect(clippy::disallowed_methods, reason = "this crate is the one that talks to databases")]
        fn prepared<'a>(sql: String, arguments: $arguments) -> sqlx::query::Query<'a, $database, $arguments> {
            // The texts come from datajoint-sql, in which values are bound and names quoted.
            sqlx::query_with(sqlx::AssertSqlSafe(sql), arguments)
        }

        /// The values of rows that have these columns.
        fn arguments(columns: &[ColumnType], values: &[Value]) -> Result<$arguments> {
            let mut arguments = <$arguments>::default();
            let mut column_types = columns.iter().cycle();
            for value in values {
                match (value, column_types.next()) {
                    (Value::Null, Some(column)) => bind_null(&mut arguments, *column)?,
                    _ => bind(&mut arguments, value)?,
                }
            }
            Ok(arguments)
        }

        #[expect(clippy::disallowed_methods, reason = "this crate is the one that talks to databases")]
        async fn raw(connection: &mut $connection, sql: &str) -> Result<()> {
            connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()))).await?;
            Ok(())
        }

        async fn hand_over(
            connection: &mut $connection,
            statement: &Statement,
            rows: &mut dyn Rows,
        ) -> Result<bool> {
            make_room(connection).await?;
            let mut answer = query(statement)?.fetch(connection);
            let (mut decoders, mut values) = (Vec::new(), Vec::new());
            while let Some(row) = answer.try_next().await? {
                decode(&row, &mut decoders, &mut values)?;
                let goes_on = match rows.take(&mut values) {
                    Next::Row => true,
                    Next::Flush => rows.flush().await,
                    Next::Stop => false,
                };
                if !goes_on {
                    return Ok(false);
                }
            }
            Ok(rows.flush().await)
        }

        /// Reads a row into `values`; the decoders are chosen with the first row.
        fn decode(row: &$row, decoders: &mut Vec<Decoder>, values: &mut Vec<Value>) -> Result<()> {
            values.clear();
            if decoders.len() != row.len() {
                *decoders = row.columns().iter().map(decoder).collect::<Result<_>>()?;
            }
            for (place, decoder) in decoders.iter().enumerate() {
                values.push(read(row, place, *decoder)?);
            }
            Ok(())
        }
    };
}
pub(crate) use driver;
