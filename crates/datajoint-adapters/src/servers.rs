//! The servers of one database, of which one takes what is written.
//!
//! Which one that is may change at any time. A connection is looked at when it is made, and when it has rested; where
//! none can be had, the servers are asked anew.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::{BoxFuture, Either, select};
use sqlx::Connection as _;
use sqlx::pool::PoolConnection;

use crate::doubts::Doubts;
use crate::peer::{obstacle, without_panic};
use crate::{ConnectOptions, Error, Result};

/// How long it may take to get a connection before the servers are asked.
const SOON: Duration = Duration::from_millis(300);

/// How long a server may take to say what it is.
const ANSWER: Duration = Duration::from_secs(3);

type DriverOptions<DB> = <<DB as sqlx::Database>::Connection as sqlx::Connection>::Options;

/// Asks a server whether it takes what is written.
type Question<DB> = for<'a> fn(&'a mut <DB as sqlx::Database>::Connection) -> BoxFuture<'a, Result<bool>>;

/// The servers, as a driver knows them.
pub(crate) struct Servers<DB: sqlx::Database> {
    all: Vec<(ConnectOptions, DriverOptions<DB>)>,
    current: AtomicUsize,
    reads_only: bool,
    takes_writes: Question<DB>,
    doubts: Arc<Doubts>,
}

impl<DB: sqlx::Database> Servers<DB> {
    pub(crate) fn new(
        options: &ConnectOptions,
        driver: impl Fn(&ConnectOptions) -> DriverOptions<DB>,
        takes_writes: Question<DB>,
        doubts: Arc<Doubts>,
    ) -> Self {
        Self {
            all: options
                .each()
                .into_iter()
                .map(|one| {
                    let driver = driver(&one);
                    (one, driver)
                })
                .collect(),
            current: AtomicUsize::new(0),
            reads_only: options.session.is_read_only,
            takes_writes,
            doubts,
        }
    }

    /// Looks for the server to use, unless there is but one; gives its number.
    ///
    /// Fails when none can be reached, and when none takes what is written.
    pub(crate) async fn choose(&self) -> Result<usize> {
        let number = if self.all.len() == 1 { 0 } else { self.find().await? };
        self.current.store(number, Ordering::SeqCst);
        Ok(number)
    }

    async fn find(&self) -> Result<usize> {
        let mut faults = Vec::new();
        for (number, (options, driver)) in self.all.iter().enumerate() {
            let address = options.address();
            let answer = tokio::time::timeout(ANSWER, self.ask(driver)).await;
            if matches!(answer, Ok(Ok(true))) {
                return Ok(number);
            }
            if matches!(answer, Ok(Ok(false))) {
                faults.push(format!("{address} is a standby"));
                continue;
            }
            faults.push(match (answer, obstacle(options).await) {
                (_, Some(error @ (Error::OtherServer { .. } | Error::NotEncrypted { .. }))) => {
                    error.to_string()
                }
                (Ok(Err(error)), _) => format!("{address}: {error}"),
                _ => format!("{address} does not answer"),
            });
        }
        Err(Error::NoPrimary { servers: faults })
    }

    async fn ask(&self, options: &DriverOptions<DB>) -> Result<bool> {
        let mut connection = without_panic(DB::Connection::connect_with(options)).await?;
        let is_it = self.reads_only || (self.takes_writes)(&mut connection).await?;
        let _ = connection.close().await;
        Ok(is_it)
    }

    /// What the driver connects to for now.
    pub(crate) fn current(&self) -> DriverOptions<DB> {
        self.all[self.current.load(Ordering::SeqCst)].1.clone()
    }

    /// Where that is.
    pub(crate) fn address(&self) -> String {
        self.now().address()
    }

    /// The options of that.
    pub(crate) fn now(&self) -> &ConnectOptions {
        &self.all[self.current.load(Ordering::SeqCst)].0
    }

    /// A connection of the pool, made ready by a function; one that is lost then is replaced, as long as the pool may have others
    /// that were lost at the same time.
    pub(crate) async fn acquire_with<'a, T>(
        &self,
        pool: &sqlx::Pool<DB>,
        ready: impl Fn(PoolConnection<DB>) -> BoxFuture<'a, Result<T>>,
    ) -> Result<T> {
        let mut left = pool.options().get_max_connections();
        loop {
            match self.acquire(pool, &ready).await {
                Err(error) if error.is_connection_lost() && left > 0 => left -= 1,
                outcome => return outcome,
            }
        }
    }

    /// The same of one connection; when it takes long, the pool is led to the server that takes what is written.
    async fn acquire<'a, T>(
        &self,
        pool: &sqlx::Pool<DB>,
        ready: &impl Fn(PoolConnection<DB>) -> BoxFuture<'a, Result<T>>,
    ) -> Result<T> {
        let (start, patience) = (Instant::now(), pool.options().get_acquire_timeout());
        loop {
            let from = self.current.load(Ordering::SeqCst);
            // A server that is silent says nothing to what is asked to make it ready either.
            let made = async { Ok(ready(without_panic(pool.acquire()).await?).await) };
            let made = async {
                tokio::time::timeout(patience, made).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
            };
            let made = std::pin::pin!(made);
            let outcome = if self.all.len() == 1 {
                made.await
            } else {
                match select(made, std::pin::pin!(self.follow(pool, from))).await {
                    Either::Left((outcome, _)) => outcome,
                    // What is under way leads to the one before, which may never answer.
                    Either::Right(((), _)) if start.elapsed() < patience => continue,
                    Either::Right(((), made)) => made.await,
                }
            };
            return match outcome {
                Ok(made) => made,
                Err(error @ sqlx::Error::PoolTimedOut) if self.all.len() == 1 => {
                    let error = Error::connect(self.now(), error);
                    Err(obstacle(self.now()).await.unwrap_or(error))
                }
                Err(error @ sqlx::Error::PoolTimedOut) => {
                    self.turn(pool, from).await?;
                    Err(Error::connect(&self.all[from].0, error))
                }
                Err(error) => Err(error.into()),
            };
        }
    }

    /// Waits until another server takes over from this one.
    async fn follow(&self, pool: &sqlx::Pool<DB>, from: usize) {
        loop {
            tokio::time::sleep(SOON).await;
            // Another verb may have found it meanwhile.
            if self.current.load(Ordering::SeqCst) != from || matches!(self.turn(pool, from).await, Ok(true))
            {
                return;
            }
        }
    }

    /// Leads the pool to the server that takes what is written; true when that is another one than this.
    async fn turn(&self, pool: &sqlx::Pool<DB>, from: usize) -> Result<bool> {
        let now = self.find().await?;
        let before = self.current.swap(now, Ordering::SeqCst);
        if before != now {
            let [before, now] = [before, now].map(|number| self.all[number].0.address());
            tracing::warn!(before, now, "another server takes over");
            pool.set_connect_options(self.current());
            self.doubts.turn();
        }
        Ok(now != from)
    }
}
