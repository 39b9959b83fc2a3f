//! Changing schemas while no other client does.

use std::borrow::BorrowMut;
use std::collections::BTreeSet;
use std::ops::{Deref, DerefMut};
use std::time::{Duration, Instant};

use datajoint_definition::Backend;
use datajoint_sql::Access;
use futures_util::future::BoxFuture;

use super::lease::Held;
use super::{is_cluster, name};
use crate::{Connection, Database, Error, Result, RetryPolicy, Transaction};

/// The connection on which schemas are changed, for as long as no other client changes them.
///
/// One connection holds the locks and runs the statements, however many schemas there are. Where statements that
/// declare can be undone (PostgreSQL, SQLite) it is in a transaction. Must be ended with [`end`](Self::end): one that is
/// dropped undoes what can be undone, and its locks go with its session.
#[derive(Debug)]
pub struct Exclusive<C: BorrowMut<Connection> = Connection> {
    hold: Hold<C>,
}

#[derive(Debug)]
enum Hold<C: BorrowMut<Connection>> {
    /// The locks, if any are needed beside it, end with the transaction.
    Transaction(Transaction<C>),
    /// The locks of these schemas are of the session.
    Session(C, BTreeSet<String>),
    /// The locks are rows.
    Rows(C, Held),
}

impl Database {
    /// Begins to change schemas; waits at most so long for others that do.
    ///
    /// Fails with [`Error::LockTimeout`], which says who changes them.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, nothing is held any more within about a second.
    pub fn change<'a>(
        &'a self,
        schemas: &'a BTreeSet<String>,
        timeout: Duration,
    ) -> BoxFuture<'a, Result<Exclusive>> {
        Box::pin(async move {
            let hold = match self.backend() {
                // Who writes has the whole file to himself.
                Backend::Sqlite => Hold::Transaction(self.begin(Access::Write).await?),
                Backend::Postgresql => Hold::Transaction(self.lock_in_transaction(schemas, timeout).await?),
                Backend::Mysql | Backend::Mariadb => {
                    let mut connection = self.acquire().await?;
                    connection.end_on_drop();
                    self.hold_in_session(connection, schemas, timeout).await?
                }
            };
            Ok(Exclusive { hold })
        })
    }

    /// The same on a connection that is lent, for those who have one and may have no other. It should end when it is
    /// dropped, as its locks may go with its session alone.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the connection is of no use any more, and nothing is held once it is dropped too.
    #[doc(hidden)]
    pub async fn change_on<'c>(
        &self,
        connection: &'c mut Connection,
        schemas: &BTreeSet<String>,
        timeout: Duration,
    ) -> Result<Exclusive<&'c mut Connection>> {
        let hold = match self.backend() {
            Backend::Sqlite => Hold::Transaction(connection.begin(Access::Write).await?),
            Backend::Postgresql => {
                Hold::Transaction(lock_in_lent_transaction(connection, schemas, timeout).await?)
            }
            Backend::Mysql | Backend::Mariadb => self.hold_in_session(connection, schemas, timeout).await?,
        };
        Ok(Exclusive { hold })
    }

    async fn hold_in_session<C: BorrowMut<Connection>>(
        &self,
        mut connection: C,
        schemas: &BTreeSet<String>,
        timeout: Duration,
    ) -> Result<Hold<C>> {
        if is_cluster(connection.borrow_mut()).await? {
            let mut held = lock_rows(self, connection.borrow_mut(), schemas, timeout).await?;
            held.keep();
            return Ok(Hold::Rows(connection, held));
        }
        lock_in_session(connection.borrow_mut(), schemas, timeout).await?;
        Ok(Hold::Session(connection, schemas.clone()))
    }

    async fn lock_in_transaction(
        &self,
        schemas: &BTreeSet<String>,
        timeout: Duration,
    ) -> Result<Transaction> {
        let start = Instant::now();
        let mut backoff = RetryPolicy::LOCK.start();
        loop {
            // What is read below the locks is what others committed before.
            let mut transaction = self.begin(Access::Locking).await?;
            let Some(name) = first_taken(&mut transaction, schemas).await? else { return Ok(transaction) };
            let holder = if start.elapsed() > timeout {
                Some(name::holder(&mut transaction, &name).await)
            } else {
                None
            };
            // Who waits holds nothing, so that no two wait for each other.
            transaction.rollback().await?;
            if let Some(holder) = holder {
                return Err(Error::LockTimeout { name, holder });
            }
            backoff.again().await;
        }
    }
}

/// The same as for a transaction of its own. Who waits keeps his connection, and no lock.
async fn lock_in_lent_transaction<'c>(
    mut connection: &'c mut Connection,
    schemas: &BTreeSet<String>,
    timeout: Duration,
) -> Result<Transaction<&'c mut Connection>> {
    let start = Instant::now();
    let mut backoff = RetryPolicy::LOCK.start();
    loop {
        let mut transaction = Transaction::begin(connection, Access::Locking).await?;
        let Some(name) = first_taken(&mut transaction, schemas).await? else { return Ok(transaction) };
        let is_late = start.elapsed() > timeout;
        let holder = if is_late { name::holder(&mut transaction, &name).await } else { String::new() };
        connection = transaction.undone().await?;
        if is_late {
            return Err(Error::LockTimeout { name, holder });
        }
        backoff.again().await;
    }
}

/// Takes the locks of schemas for a transaction, up to the first that another one has, whose name it returns.
async fn first_taken(transaction: &mut Connection, schemas: &BTreeSet<String>) -> Result<Option<String>> {
    for schema in schemas {
        if !name::try_take(transaction, &lock_name(schema)).await? {
            return Ok(Some(lock_name(schema)));
        }
    }
    Ok(None)
}

/// Takes the locks in the order of their names, so that two clients never wait for each other.
async fn lock_in_session(
    connection: &mut Connection,
    schemas: &BTreeSet<String>,
    timeout: Duration,
) -> Result<()> {
    let start = Instant::now();
    for schema in schemas {
        let name = lock_name(schema);
        while !name::try_take(connection, &name).await? {
            if start.elapsed() > timeout {
                let holder = name::holder(connection, &name).await;
                return Err(Error::LockTimeout { name, holder });
            }
        }
    }
    Ok(())
}

async fn lock_rows(
    database: &Database,
    connection: &mut Connection,
    schemas: &BTreeSet<String>,
    timeout: Duration,
) -> Result<Held> {
    let backend = connection.backend();
    for schema in schemas {
        // The row is in the schema: it must be there first. On a cluster its nodes do this one after the other.
        if connection.fetch(&datajoint_sql::schema_exists(backend, schema)).await?.is_empty() {
            connection.create_schema(schema).await?;
        }
    }
    let rows = schemas.iter().map(|schema| (lock_name(schema), Some(schema.clone()))).collect();
    Held::wait(database, connection, rows, timeout).await
}

fn lock_name(schema: &str) -> String {
    format!("datajoint schema {schema}")
}

impl<C: BorrowMut<Connection>> Exclusive<C> {
    /// Makes sure that others are kept away still: to be called before each change.
    ///
    /// On a cluster it keeps them away for another minute, as is done every ten seconds beside, also below locks of tables,
    /// as long as a second connection can be had. Fails with [`Error::LockLost`] when what keeps others away is gone.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the connection is of no use any more, and nothing is held.
    pub async fn check(&mut self) -> Result<()> {
        match &mut self.hold {
            Hold::Transaction(_) | Hold::Session(..) => Ok(()),
            Hold::Rows(connection, held) => held.check(connection.borrow_mut()).await,
        }
    }

    /// Ends it: makes what was done last, or undoes it, as far as that is possible, when the outcome is an error.
    ///
    /// Fails with that error, and as a commit does.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing where it is in a transaction, and nothing is held.
    pub async fn end<T, E: From<Error>>(self, outcome: Result<T, E>) -> Result<T, E> {
        match self.hold {
            Hold::Transaction(transaction) => match outcome {
                Ok(done) => {
                    transaction.commit().await?;
                    Ok(done)
                }
                Err(error) => {
                    // The first error is the one that tells; a connection that fails here ends, and undoes it too.
                    let _ = transaction.rollback().await;
                    Err(error)
                }
            },
            Hold::Session(mut connection, schemas) => {
                for schema in &schemas {
                    name::give_back(connection.borrow_mut(), &lock_name(schema)).await;
                }
                outcome
            }
            Hold::Rows(mut connection, held) => {
                let released = held.release(connection.borrow_mut()).await;
                let done = outcome?;
                if let Err(error) = released {
                    tracing::debug!(%error, "a lock was not given back, and ends in a minute");
                }
                Ok(done)
            }
        }
    }
}

impl<C: BorrowMut<Connection>> Deref for Exclusive<C> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        match &self.hold {
            Hold::Transaction(transaction) => transaction,
            Hold::Session(connection, _) | Hold::Rows(connection, _) => connection.borrow(),
        }
    }
}

impl<C: BorrowMut<Connection>> DerefMut for Exclusive<C> {
    fn deref_mut(&mut self) -> &mut Connection {
        match &mut self.hold {
            Hold::Transaction(transaction) => transaction,
            Hold::Session(connection, _) | Hold::Rows(connection, _) => connection.borrow_mut(),
        }
    }
}
