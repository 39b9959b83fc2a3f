//! Exclusion: one client at a time.
//!
//! What is held must hold behind poolers and on clusters: on PostgreSQL it is an advisory lock of a transaction; on
//! Galera, whose nodes don't tell each other of `GET_LOCK`, and on SQLite it is a row. Where `GET_LOCK` does, its
//! connection is never used for anything else afterwards.

mod exclusive;
mod lease;
mod name;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use datajoint_definition::Backend;
use datajoint_sql::{Access, Statement, Value};
use futures_util::future::BoxFuture;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

pub use exclusive::Exclusive;
use lease::Held;

use crate::{Connection, Database, Error, Result, RetryPolicy, Transaction};

/// How often a lock that is held for long is looked at.
const LOOK: Duration = Duration::from_secs(10);

/// Lifts the limits that would end a transaction in which nothing happens for long; the second is one of version 17 and later.
const FOREVER: &str = "SELECT pg_catalog.set_config(name, '0', true) FROM pg_catalog.pg_settings \
                       WHERE name IN ('idle_in_transaction_session_timeout', 'transaction_timeout')";

/// A lock of a name that one client at a time has, on a connection of its own, for as long as wanted.
///
/// It ends when it is [released](Self::release), and with the program.
#[derive(Debug)]
pub struct Lock {
    name: String,
    hold: Arc<Mutex<Hold>>,
    is_lost: Arc<AtomicBool>,
    keeper: JoinHandle<()>,
}

#[derive(Debug)]
enum Hold {
    Transaction(Transaction),
    Session(Connection),
    Rows(Held),
    /// Nothing to lock.
    Nothing,
}

impl Database {
    /// Takes the lock of a name, waiting for it at most so long. `schemas` are those that it is about: on a cluster
    /// the lock is a row in each.
    ///
    /// Fails with [`Error::LockTimeout`], which says who holds it. Must be called within a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, nothing is held any more within about a second.
    pub fn lock<'a>(
        &'a self,
        name: &'a str,
        schemas: &'a [String],
        timeout: Duration,
    ) -> BoxFuture<'a, Result<Lock>> {
        Box::pin(async move {
            let hold = match self.backend() {
                Backend::Postgresql => self.transaction_with(name, timeout).await?,
                Backend::Sqlite => self.rows_of(vec![(name.to_owned(), None)], timeout).await?,
                Backend::Mysql | Backend::Mariadb => self.session_with(name, schemas, timeout).await?,
            };
            Ok(Lock::new(name.to_owned(), hold))
        })
    }

    async fn transaction_with(&self, name: &str, timeout: Duration) -> Result<Hold> {
        let start = Instant::now();
        let mut backoff = RetryPolicy::LOCK.start();
        loop {
            let mut transaction = self.begin(Access::Locking).await?;
            if name::try_take(&mut transaction, name).await? {
                transaction.fetch(&Statement::plain(FOREVER)).await?;
                return Ok(Hold::Transaction(transaction));
            }
            let is_late = start.elapsed() > timeout;
            let holder = if is_late { name::holder(&mut transaction, name).await } else { String::new() };
            transaction.rollback().await?;
            if is_late {
                return Err(Error::LockTimeout { name: name.to_owned(), holder });
            }
            backoff.again().await;
        }
    }

    async fn session_with(&self, name: &str, schemas: &[String], timeout: Duration) -> Result<Hold> {
        let mut connection = self.acquire().await?;
        if is_cluster(&mut connection).await? {
            drop(connection);
            let rows = schemas.iter().map(|schema| (name.to_owned(), Some(schema.clone()))).collect();
            return self.rows_of(rows, timeout).await;
        }
        // Whatever happens from here on, the lock goes with the session, which must not end for want of statements.
        connection.end_on_drop();
        let start = Instant::now();
        while !name::try_take(&mut connection, name).await? {
            if start.elapsed() > timeout {
                let holder = name::holder(&mut connection, name).await;
                return Err(Error::LockTimeout { name: name.to_owned(), holder });
            }
        }
        connection.send("SET SESSION wait_timeout = 31536000").await?;
        Ok(Hold::Session(connection))
    }

    async fn rows_of(&self, rows: Vec<(String, Option<String>)>, timeout: Duration) -> Result<Hold> {
        if rows.is_empty() {
            return Ok(Hold::Nothing);
        }
        let mut connection = self.acquire().await?;
        Ok(Hold::Rows(Held::wait(self, &mut connection, rows, timeout).await?))
    }
}

impl Hold {
    /// True while it keeps others away. Keeps it for longer.
    async fn renew(&mut self, name: &str) -> Result<bool> {
        let is_held = match self {
            Self::Transaction(transaction) => name::is_held(transaction, name).await,
            Self::Session(connection) => name::is_held(connection, name).await,
            Self::Rows(held) => return held.lease().renew(&mut held.database().acquire().await?).await,
            Self::Nothing => return Ok(true),
        };
        match is_held {
            // It went with its session.
            Err(error) if is_gone(&error) => {
                tracing::debug!(%error, lock = name, "the connection of a lock is lost");
                Ok(false)
            }
            outcome => outcome,
        }
    }
}

impl Lock {
    fn new(name: String, hold: Hold) -> Self {
        let hold = Arc::new(Mutex::new(hold));
        let is_lost = Arc::new(AtomicBool::new(false));
        let keeper = tokio::spawn(keep(name.clone(), Arc::clone(&hold), Arc::clone(&is_lost)));
        Self { name, hold, is_lost, keeper }
    }

    /// Returns the name of the lock.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Fails with [`Error::LockLost`] when the lock is gone: somebody else may have it.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the lock may be gone with it, which the next one says.
    pub async fn check(&self) -> Result<()> {
        let is_held =
            !self.is_lost.load(Ordering::SeqCst) && self.hold.lock().await.renew(&self.name).await?;
        if is_held { Ok(()) } else { Err(Error::LockLost { name: self.name.clone() }) }
    }

    /// Gives the lock back.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the lock ends within about a second.
    pub async fn release(self) -> Result<()> {
        // What looks at the lock is let come to its end: broken off, it would leave a connection of no use.
        let hold = std::mem::replace(&mut *self.hold.lock().await, Hold::Nothing);
        self.keeper.abort();
        match hold {
            Hold::Transaction(transaction) => transaction.rollback().await,
            Hold::Rows(held) => {
                let mut connection = held.database().acquire().await?;
                held.release(&mut connection).await
            }
            Hold::Session(mut connection) => {
                name::give_back(&mut connection, &self.name).await;
                Ok(())
            }
            Hold::Nothing => Ok(()),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

/// True when nothing more can be done with what held a lock.
fn is_gone(error: &Error) -> bool {
    error.is_connection_lost() || matches!(error, Error::Interrupted | Error::TransactionOver { .. })
}

/// Looks at a lock from time to time, so that rows are renewed, and nothing between here and the server takes the
/// connection for dead.
async fn keep(name: String, hold: Arc<Mutex<Hold>>, is_lost: Arc<AtomicBool>) {
    loop {
        tokio::time::sleep(LOOK).await;
        match hold.lock().await.renew(&name).await {
            Ok(true) => {}
            Ok(false) => {
                is_lost.store(true, Ordering::SeqCst);
                return;
            }
            Err(error) => tracing::warn!(%error, lock = name, "a lock could not be looked at"),
        }
    }
}

/// True on a node of a Galera cluster.
async fn is_cluster(connection: &mut Connection) -> Result<bool> {
    let question = Statement::plain("SHOW GLOBAL VARIABLES LIKE 'wsrep_on'");
    let rows = connection.fetch(&question).await?;
    Ok(matches!(rows.first().map(Vec::as_slice), Some([_, Value::Text(on)]) if on == "ON"))
}
