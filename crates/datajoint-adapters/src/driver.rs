//! What every driver does the same way, written once for their types.

/// The functions of a driver: `$bind` puts a value into the arguments, `Decoder` reads a column.
macro_rules! driver {
    ($database:ty, $connection:ty, $arguments:ty, $row:ty) => {
        use datajoint_sql::{Statement, Value};
        use futures_util::TryStreamExt as _;
        use sqlx::{Executor as _, Row as _};
        use tokio::sync::mpsc;

        use $crate::Result;

        fn query(statement: &Statement) -> Result<sqlx::query::Query<'_, $database, $arguments>> {
            let mut arguments = <$arguments>::default();
            for value in &statement.parameters {
                bind(&mut arguments, value)?;
            }
            Ok(prepared(&statement.sql, arguments))
        }

        #[expect(clippy::disallowed_methods, reason = "this crate is the one that talks to databases")]
        fn prepared(sql: &str, arguments: $arguments) -> sqlx::query::Query<'_, $database, $arguments> {
            // The texts come from datajoint-sql, in which values are bound and names quoted.
            sqlx::query_with(sqlx::AssertSqlSafe(sql.to_owned()), arguments)
        }

        pub(crate) async fn execute(connection: &mut $connection, statement: &Statement) -> Result<u64> {
            Ok(query(statement)?.execute(connection).await?.rows_affected())
        }

        /// Runs a text of its own and binds the values, for statements that come again and again.
        pub(crate) async fn execute_with(
            connection: &mut $connection,
            sql: &str,
            values: &[Value],
        ) -> Result<u64> {
            let mut arguments = <$arguments>::default();
            for value in values {
                bind(&mut arguments, value)?;
            }
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

        pub(crate) async fn send(
            connection: &mut $connection,
            statement: &Statement,
            size: usize,
            sender: &mpsc::Sender<Result<Vec<Vec<Value>>>>,
        ) -> Result<()> {
            let mut rows = query(statement)?.fetch(connection);
            let mut decoders = Vec::new();
            let mut batch = Vec::with_capacity(size);
            while let Some(row) = rows.try_next().await? {
                let mut values = Vec::with_capacity(decoders.len());
                decode(&row, &mut decoders, &mut values)?;
                batch.push(values);
                if batch.len() == size
                    && sender.send(Ok(std::mem::replace(&mut batch, Vec::with_capacity(size)))).await.is_err()
                {
                    // Nobody listens any more.
                    return Ok(());
                }
            }
            let _ = sender.send(Ok(batch)).await;
            Ok(())
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
