//! The servers of one database, of which one takes what is written.
//!
//! Which one that is may change at any time. A connection is looked at when it is made, and when it has rested; where
//! none can be had, the servers are asked anew.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::{BoxFuture, Either, select};
use sqlx::Connection as _;
use sqlx::pool::PoolConnection;

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
}

impl<DB: sqlx::Database> Servers<DB> {
    pub(crate) fn new(
        options: &ConnectOptions,
        driver: impl Fn(&ConnectOptions) -> DriverOptions<DB>,
        takes_writes: Question<DB>,
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
        }
    }

    /// Looks for the server to use, unless there is but one; gives its number.
    ///
    /// Fails when none can be reached, and when none takes what is written.
    pub(crate) async fn choose(&self) -> Result<usize> {
        if self.all.len() == 1 {
            return Ok(0);
        }
        let mut faults = Vec::new();
        for (number, (options, driver)) in self.all.iter().enumerate() {
            let address = options.address();
            let answer = tokio::time::timeout(ANSWER, self.ask(driver)).await;
            if matches!(answer, Ok(Ok(true))) {
                self.current.store(number, Ordering::SeqCst);
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
            match ready(self.acquire(pool).await?).await {
                Err(error) if error.is_connection_lost() && left > 0 => left -= 1,
                outcome => return outcome,
            }
        }
    }

    /// A connection of the pool; when it takes long, the pool is led to the server that takes what is written.
    pub(crate) async fn acquire(&self, pool: &sqlx::Pool<DB>) -> Result<PoolConnection<DB>> {
        if self.all.len() == 1 {
            return match without_panic(pool.acquire()).await {
                Err(error @ sqlx::Error::PoolTimedOut) => {
                    let error = Error::connect(self.now(), error);
                    Err(obstacle(self.now()).await.unwrap_or(error))
                }
                outcome => Ok(outcome?),
            };
        }
        let acquire = std::pin::pin!(without_panic(pool.acquire()));
        let follow = std::pin::pin!(self.follow(pool));
        match select(acquire, follow).await {
            Either::Left((Err(sqlx::Error::PoolTimedOut), _)) => {
                let _ = self.choose().await?;
                Err(Error::connect(self.now(), sqlx::Error::PoolTimedOut))
            }
            Either::Left((outcome, _)) => Ok(outcome?),
            Either::Right((never, _)) => match never {},
        }
    }

    async fn follow(&self, pool: &sqlx::Pool<DB>) -> std::convert::Infallible {
        loop {
            tokio::time::sleep(SOON).await;
            let before = self.current.load(Ordering::SeqCst);
            if let Ok(now) = self.choose().await
                && now != before
            {
                tracing::warn!(
                    before = self.all[before].0.address(),
                    now = self.all[now].0.address(),
                    "another server takes over"
                );
                pool.set_connect_options(self.current());
            }
        }
    }
}
