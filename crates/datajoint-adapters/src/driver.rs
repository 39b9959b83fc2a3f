//! What every driver does the same way, written once for their types.

/// A connection that the pool has had for so long may be gone.
pub(crate) const RESTED: std::time::Duration = std::time::Duration::from_secs(1);

/// The functions of a driver: `bind` puts a value into the arguments, `Decoder` reads a column, and `distinct` makes
/// texts differ whose values can't share a prepared statement.
macro_rules! driver {
    ($database:ty, $connection:ty, $arguments:ty, $row:ty) => {
        use datajoint_sql::{Statement, Value};
        use futures_util::TryStreamExt as _;
        use sqlx::{Executor as _, Row as _};
        use tokio::sync::mpsc;

        use $crate::{ColumnType, Result};

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

        pub(crate) async fn execute(connection: &mut $connection, statement: &Statement) -> Result<u64> {
            Ok(query(statement)?.execute(connection).await?.rows_affected())
        }

        /// Runs a text of its own and binds the values of rows that have these columns.
        pub(crate) async fn execute_rows(
            connection: &mut $connection,
            sql: &str,
            columns: &[ColumnType],
            values: &[Value],
        ) -> Result<u64> {
            let mut arguments = <$arguments>::default();
            let mut column_types = columns.iter().cycle();
            for value in values {
                match (value, column_types.next()) {
                    (Value::Null, Some(column)) => bind_null(&mut arguments, *column)?,
                    _ => bind(&mut arguments, value)?,
                }
            }
            let sql = distinct(sql, values, columns);
            Ok(prepared(sql, arguments).execute(connection).await?.rows_affected())
        }

        #[expect(clippy::disallowed_methods, reason = "this crate is the one that talks to databases")]
        pub(crate) async fn raw(connection: &mut $connection, sql: &str) -> Result<()> {
            connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()))).await?;
            Ok(())
        }

        pub(crate) async fn for_each<E: From<$crate::Error>>(
            connection: &mut $connection,
            statement: &Statement,
            each: &mut (impl FnMut(&mut Vec<Value>) -> Result<(), E> + Send),
        ) -> Result<(), E> {
            let mut rows = query(statement)?.fetch(connection);
            let (mut decoders, mut values) = (Vec::new(), Vec::new());
            while let Some(row) = rows.try_next().await.map_err($crate::Error::from)? {
                decode(&row, &mut decoders, &mut values)?;
                each(&mut values)?;
            }
            Ok(())
        }

        /// Sends the rows of a query in batches; false when nobody listens any more.
        pub(crate) async fn send<R: Send, E: From<$crate::Error> + Send>(
            connection: &mut $connection,
            statement: &Statement,
            read: &mut (impl FnMut(&mut Vec<Value>) -> Result<R, E> + Send),
            sender: &mpsc::Sender<Result<Vec<R>, E>>,
        ) -> Result<bool, E> {
            let mut rows = query(statement)?.fetch(connection);
            let (mut decoders, mut values) = (Vec::new(), Vec::new());
            let mut batch = $crate::stream::Batch::default();
            while let Some(row) = rows.try_next().await.map_err($crate::Error::from)? {
                decode(&row, &mut decoders, &mut values)?;
                let bytes = values.iter().map(Value::size).sum();
                if let Some(full) = batch.push(read(&mut values)?, bytes)
                    && sender.send(Ok(full)).await.is_err()
                {
                    return Ok(false);
                }
            }
            let _ = sender.send(Ok(batch.into_rows())).await;
            Ok(true)
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
