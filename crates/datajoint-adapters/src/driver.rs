//! A connection of whichever driver it is, and what every driver does the same way, written once for their types.

use datajoint_sql::Value;
use futures_util::future::BoxFuture;

use crate::admitted::Admitted;
use crate::rest::Rest;
use crate::writers::Turn;
use crate::{ColumnType, Result};

/// A connection that the pool has had for so long may be gone.
pub(crate) const RESTED: std::time::Duration = std::time::Duration::from_secs(1);

/// A connection of a driver.
///
/// Its futures are boxed, so that what the drivers do is compiled once, here, and not again in each program.
pub(crate) trait Driver: Send + Sync {
    /// Runs a statement; gives the number of rows it changed.
    fn execute<'a>(&'a mut self, statement: Admitted<'a>) -> BoxFuture<'a, Result<u64>>;

    /// Runs a text of its own and binds the values of rows that have these columns.
    fn execute_rows<'a>(
        &'a mut self,
        sql: &'a str,
        columns: &'a [ColumnType],
        values: &'a [Value],
    ) -> BoxFuture<'a, Result<u64>>;

    /// Runs a statement without values in the protocol that takes one statement alone.
    fn one<'a>(&'a mut self, sql: &'a str) -> BoxFuture<'a, Result<()>>;

    /// Runs a text of ours in the protocol that takes several statements.
    fn raw<'a>(&'a mut self, sql: &'a str) -> BoxFuture<'a, Result<()>>;

    /// Hands over the rows of a query, and deals so with those that are not wanted any more.
    fn rows<'a>(
        &'a mut self,
        statement: Admitted<'a>,
        rows: &'a mut dyn Rows,
        rest: Rest,
    ) -> BoxFuture<'a, Result<Handed>>;

    /// Begins a transaction.
    fn begin<'a>(&'a mut self, sql: &'a str) -> BoxFuture<'a, Result<()>> {
        self.raw(sql)
    }

    /// Ends a transaction so that what was done in it lasts; fails when the server undoes it instead. In the same turn
    /// statements of ours are run in it before, where there are some.
    fn commit<'a>(&'a mut self, _last: &'a str) -> BoxFuture<'a, Result<()>> {
        self.raw("COMMIT")
    }

    /// Ends a transaction so that nothing of it lasts.
    fn rollback(&mut self) -> BoxFuture<'_, Result<()>> {
        self.raw("ROLLBACK")
    }

    /// Inserts rows in the binary form of the server, where it has one for all of the values.
    fn copy<'a>(
        &'a mut self,
        _sql: &'a str,
        _columns: &'a [ColumnType],
        _values: &'a [Value],
    ) -> BoxFuture<'a, Result<Option<u64>>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    /// Closes the statements that are kept prepared.
    fn forget(&mut self) -> BoxFuture<'_, Result<()>>;

    /// Ends the connection with a word to the server; within a runtime.
    fn close(self: Box<Self>);

    /// Ends the connection here and now, also outside of a runtime.
    fn detach(self: Box<Self>);

    /// Ends the connection, and soon at the server what it still does for it; gives leave to write back.
    fn abandon(self: Box<Self>, turn: Option<Turn>) {
        drop(turn);
        self.detach();
    }

    /// Waits for locks at most so long from now on, where the driver does that itself.
    fn wait_at_most(&mut self, _patience: std::time::Duration) {}
}

/// How the rows of a query were handed over.
pub(crate) struct Handed {
    /// True when all of the answer was read, so that another statement can follow.
    pub(crate) is_whole: bool,
    /// A row that could not be read.
    pub(crate) fault: Option<crate::Error>,
}

/// The connections of a driver.
pub(crate) trait Pool: Send + Sync {
    fn acquire(&self) -> BoxFuture<'_, Result<Box<dyn Driver>>>;

    /// Ends all connections, after those in use are given back.
    fn close(&self) -> BoxFuture<'_, ()>;

    /// The server that takes what is written, for messages.
    fn server(&self) -> String {
        String::new()
    }

    /// Listens, by this statement, to what others tell, until the connection is lost.
    fn listen<'a>(&'a self, _sql: &'a str, _hear: &'a mut Hear<'_>) -> BoxFuture<'a, Result<()>> {
        Box::pin(std::future::pending())
    }

    /// True when the session behind a connection may be another for each transaction.
    fn shares_sessions(&self) -> bool {
        false
    }
}

/// What takes what others tell; nothing when it begins to be heard.
pub(crate) type Hear<'h> = dyn FnMut(Option<&str>) + Send + 'h;

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

/// A driver, and its functions: `IS_STANDBY` asks whether the server refuses all that is written, `bind` puts a value
/// into the arguments, `Decoder` reads a column, `distinct` makes texts differ whose values can't share a prepared
/// statement, `make_room` is called before another one is prepared, `arrange` binds the values of one, and `ENDS_AT_ONCE` says whether
/// a query whose answer is dropped has ended, so that the connection takes another statement.
macro_rules! driver {
    ($database:ty, $connection:ty, $arguments:ty, $row:ty $(, $more:item)*) => {
        use datajoint_sql::{Statement, Value};
        use futures_util::TryStreamExt as _;
        use futures_util::future::BoxFuture;
        use sqlx::{Executor as _, Row as _};

        use $crate::abandoned::End;
        use $crate::admitted::Admitted;
        use $crate::driver::{Driver, Handed, Next, Pool, Rows};
        use $crate::rest::Rest;
        use $crate::{ColumnType, Result};

        /// A connection of the pool.
        struct Lent {
            connection: sqlx::pool::PoolConnection<$database>,
            /// What ends its session from another one.
            end: Option<End>,
        }

        impl Driver for Lent {
            fn execute<'a>(&'a mut self, statement: Admitted<'a>) -> BoxFuture<'a, Result<u64>> {
                Box::pin(async move {
                    let query = query(&mut self.connection, statement.statement()).await?;
                    Ok(query.execute(&mut *self.connection).await?.rows_affected())
                })
            }

            fn execute_rows<'a>(
                &'a mut self,
                sql: &'a str,
                columns: &'a [ColumnType],
                values: &'a [Value],
            ) -> BoxFuture<'a, Result<u64>> {
                Box::pin(async {
                    make_room(&mut self.connection).await?;
                    let arguments = arguments(columns, values)?;
                    let sql = distinct(sql, values, columns);
                    Ok(prepared(sql, arguments).execute(&mut *self.connection).await?.rows_affected())
                })
            }

            fn one<'a>(&'a mut self, sql: &'a str) -> BoxFuture<'a, Result<()>> {
                Box::pin(async move {
                    make_room(&mut self.connection).await?;
                    let query = prepared(sql.to_owned(), <$arguments>::default()).persistent(KEEPS_PREPARED);
                    match query.execute(&mut *self.connection).await {
                        Err(error) if is_never_prepared(&error) => raw(&mut self.connection, sql).await,
                        outcome => Ok(outcome.map(drop)?),
                    }
                })
            }

            fn raw<'a>(&'a mut self, sql: &'a str) -> BoxFuture<'a, Result<()>> {
                Box::pin(raw(&mut self.connection, sql))
            }

            fn rows<'a>(
                &'a mut self,
                statement: Admitted<'a>,
                rows: &'a mut dyn Rows,
                rest: Rest,
            ) -> BoxFuture<'a, Result<Handed>> {
                Box::pin(hand_over(&mut self.connection, statement.statement(), rows, rest))
            }

            fn forget(&mut self) -> BoxFuture<'_, Result<()>> {
                use sqlx::Connection as _;

                Box::pin(async { Ok(self.connection.clear_cached_statements().await?) })
            }

            $($more)*

            fn close(mut self: Box<Self>) {
                self.connection.close_on_drop();
            }

            fn detach(self: Box<Self>) {
                drop(self.connection.detach());
            }

            fn abandon(mut self: Box<Self>, turn: Option<$crate::writers::Turn>) {
                drop(turn);
                if let Some(end) = self.end.take() {
                    end.soon();
                }
                self.detach();
            }
        }

        impl Lent {
            /// A connection whose session nobody ends.
            #[allow(dead_code, reason = "not of every driver")]
            const fn new(connection: sqlx::pool::PoolConnection<$database>) -> Self {
                Self { connection, end: None }
            }

            /// A connection that was asked which session it is. Fails when it is lost.
            #[allow(dead_code, reason = "not of every driver")]
            async fn asked(
                connection: sqlx::pool::PoolConnection<$database>,
                backend: datajoint_definition::Backend,
                abandoned: &std::sync::Arc<$crate::abandoned::Abandoned>,
            ) -> Result<Self> {
                // Cancelled, or lost, it does not go back to the pool.
                let mut asked = Asked(Some(connection));
                let session = match asked.0.as_mut() {
                    Some(connection) => session(connection, backend).await,
                    None => Ok(None),
                };
                let session = match session {
                    Err(error) if error.is_connection_lost() => return Err(error),
                    session => session.ok().flatten(),
                };
                let connection = asked.0.take().ok_or($crate::Error::Interrupted)?;
                let end = session.map(|session| {
                    End::new(std::sync::Arc::clone(abandoned), datajoint_sql::end_session(backend, session))
                });
                Ok(Self { connection, end })
            }
        }

        struct Asked(Option<sqlx::pool::PoolConnection<$database>>);

        impl Drop for Asked {
            fn drop(&mut self) {
                if let Some(connection) = self.0.take() {
                    drop(connection.detach());
                }
            }
        }

        /// Which session a connection is.
        #[expect(clippy::disallowed_methods, reason = "this crate is the one that talks to databases")]
        async fn session(
            connection: &mut $connection,
            backend: datajoint_definition::Backend,
        ) -> Result<Option<datajoint_sql::SessionId>> {
            let Some(question) = datajoint_sql::session_query(backend) else { return Ok(None) };
            let row = connection.fetch_one(sqlx::raw_sql(sqlx::AssertSqlSafe(question))).await?;
            let mut values = Vec::new();
            decode(&row, &mut Vec::new(), &mut values)?;
            Ok(match values[..] {
                [Value::Int(number), Value::Int(mark)] => Some(datajoint_sql::SessionId { number, mark }),
                _ => None,
            })
        }

        /// What ends sessions: by a connection of the pool that nobody uses, or by one of its own, to where these options lead at that
        /// moment. The server may have none left.
        #[cfg(any(feature = "mysql", feature = "postgres"))]
        #[allow(dead_code, reason = "not of every driver")]
        fn abandoned(
            pool: sqlx::Pool<$database>,
            options: impl Fn() -> <$connection as sqlx::Connection>::Options + Send + Sync + 'static,
        ) -> std::sync::Arc<$crate::abandoned::Abandoned> {
            $crate::abandoned::Abandoned::new(Box::new(move |statements| {
                let (options, spare) = (options(), pool.try_acquire());
                Box::pin(async move {
                    use sqlx::Connection as _;

                    if let Some(spare) = spare {
                        let mut spare = Asked(Some(spare));
                        if let Some(connection) = spare.0.as_mut() {
                            end_all(connection, &statements).await?;
                        }
                        drop(spare.0.take());
                        return Ok(());
                    }
                    let mut connection = $crate::peer::without_panic(<$connection>::connect_with(&options)).await?;
                    end_all(&mut connection, &statements).await?;
                    connection.close().await?;
                    Ok(())
                })
            }))
        }

        #[cfg(any(feature = "mysql", feature = "postgres"))]
        #[allow(dead_code, reason = "not of every driver")]
        async fn end_all(connection: &mut $connection, statements: &[Statement]) -> Result<()> {
            for statement in statements {
                match raw(connection, &statement.sql).await {
                    Err(error) if error.is_connection_lost() => return Err(error),
                    // It may have ended by itself.
                    _ => {}
                }
            }
            Ok(())
        }

        /// A pool whose connections are set up, and asked whether they are still there after they stood idle.
        fn pool_options(
            options: &$crate::ConnectOptions,
            setup: $crate::setup::Setup,
            doubts: std::sync::Arc<$crate::doubts::Doubts>,
            is_pinged: bool,
        ) -> sqlx::pool::PoolOptions<$database> {
            // Of several servers the one that takes what is written may be another one tomorrow.
            let is_asked = !options.others.is_empty() && !options.session.is_read_only;
            sqlx::pool::PoolOptions::new()
                .max_connections(options.max_connections)
                .acquire_timeout(options.acquire_timeout)
                .test_before_acquire(false)
                .before_acquire(move |connection: &mut $connection, known| {
                    let has_rested = known.idle_for > $crate::driver::RESTED;
                    let is_doubted = doubts.concern_older(known.age);
                    let leads_elsewhere = doubts.leads_elsewhere_older(known.age);
                    Box::pin(async move {
                        use sqlx::Connection as _;
                        Ok(if leads_elsewhere {
                            false
                        } else if is_doubted || (has_rested && is_asked) {
                            takes_writes(connection).await.unwrap_or(false)
                        } else {
                            !has_rested || !is_pinged || connection.ping().await.is_ok()
                        })
                    })
                })
                .after_connect(move |connection, _| {
                    let setup = setup.clone();
                    Box::pin(async move {
                        if is_asked && !takes_writes(connection).await.map_err(into_sqlx)? {
                            return Err(sqlx::Error::Configuration("the server is a standby".into()));
                        }
                        for statement in setup.statements() {
                            if let Err(error) = raw(connection, &statement.sql).await {
                                setup.note(&error);
                                return Err(into_sqlx(error));
                            }
                        }
                        wait_for_other_nodes(connection).await.map_err(into_sqlx)
                    })
                })
        }

        /// True unless the server refuses all that is written, as a standby does.
        #[expect(clippy::disallowed_methods, reason = "this crate is the one that talks to databases")]
        async fn takes_writes(connection: &mut $connection) -> Result<bool> {
            let Some(question) = IS_STANDBY else { return Ok(true) };
            // In one turn: the next one may meet another session.
            let row = connection.fetch_one(sqlx::raw_sql(sqlx::AssertSqlSafe(question))).await?;
            let mut values = Vec::new();
            decode(&row, &mut Vec::new(), &mut values)?;
            Ok(!matches!(values.first(), Some(Value::Bool(true) | Value::Int(1..) | Value::UInt(1..))))
        }

        /// Makes a session on a node of a cluster wait, before each statement, for what other nodes committed before: what
        /// is read decides what is written, as a stamp does.
        #[expect(clippy::disallowed_methods, reason = "this crate is the one that talks to databases")]
        async fn wait_for_other_nodes(connection: &mut $connection) -> Result<()> {
            let Some((is_node, wait)) = OTHER_NODES else { return Ok(()) };
            let is_node = match connection.fetch_optional(sqlx::raw_sql(is_node)).await.map_err($crate::Error::from) {
                Ok(answer) => answer.is_some(),
                // Only a node says that: what it is asked next it may answer again.
                Err($crate::Error::Server { kind: $crate::Kind::NotReady, .. }) => true,
                Err(error) => return Err(error),
            };
            if is_node {
                raw(connection, wait).await?;
            }
            Ok(())
        }

        fn into_sqlx(error: $crate::Error) -> sqlx::Error {
            match error {
                $crate::Error::Driver(error) => error.into_inner(),
                other => sqlx::Error::Configuration(Box::new(other)),
            }
        }

        async fn query<'a>(
            connection: &mut $connection,
            statement: &'a Statement,
        ) -> Result<sqlx::query::Query<'a, $database, $arguments>> {
            make_room(connection).await?;
            let sql = distinct(&statement.sql, &statement.parameters, &[]);
            let arguments = arrange(connection, &sql, &statement.parameters).await?;
            Ok(prepared(sql, arguments))
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
            rest: Rest,
        ) -> Result<Handed> {
            let mut answer = query(connection, statement).await?.fetch(connection);
            let (mut decoders, mut values) = (Vec::new(), Vec::new());
            let mut fault = None;
            while let Some(row) = answer.try_next().await? {
                fault = decode(&row, &mut decoders, &mut values).err();
                let next = if fault.is_some() { Next::Stop } else { rows.take(&mut values) };
                let goes_on = match next {
                    Next::Row => true,
                    Next::Flush => rows.flush().await,
                    Next::Stop => false,
                };
                if goes_on {
                    continue;
                }
                let is_whole = if ENDS_AT_ONCE && rest == Rest::OfTransaction {
                    true
                } else {
                    rest.read(&mut answer, size).await?
                };
                return Ok(Handed { is_whole, fault });
            }
            drop(answer);
            let _ = rows.flush().await;
            Ok(Handed { is_whole: true, fault })
        }

        /// How many bytes of a row came from the server.
        fn size(row: &$row) -> usize {
            let values = (0..row.len()).filter_map(|place| row.try_get_raw(place).ok());
            let bytes = values.filter_map(|value| <&[u8] as sqlx::Decode<'_, $database>>::decode(value).ok());
            bytes.map(<[u8]>::len).sum()
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
