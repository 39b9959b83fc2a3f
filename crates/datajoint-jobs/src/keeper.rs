//! Besides its work a worker keeps its lease, and looks for others that are lost.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use datajoint_adapters::{Connection, Transaction};
use datajoint_sql::{Statement, Value};
use tokio::sync::Notify;

use crate::queue::{Tries, number};
use crate::state::Next;
use crate::{Error, Jobs, Limits, failure};

/// How often locks of other workers are looked at, where they show. One that is missing twice is gone.
const LOOK: Duration = Duration::from_millis(700);

/// How long leases are remembered that have run out.
const REMEMBERED: i64 = 24 * 3600 * 1000;

#[derive(Debug)]
pub(crate) struct Keeper {
    jobs: Jobs,
    worker: i64,
    lease: Duration,
    limits: Limits,
}

impl Keeper {
    pub(crate) const fn new(jobs: Jobs, worker: i64, lease: Duration, limits: Limits) -> Self {
        Self { jobs, worker, lease, limits }
    }

    /// Takes the lease. Gives the connection that keeps it, unless each renewal takes one.
    pub(crate) async fn enrol(&self) -> Result<Option<Held>, Error> {
        if !self.has_connection() {
            self.renew_on(&mut self.jobs.instance.database().acquire().await?, false).await?;
            return Ok(None);
        }
        Ok(Some(self.connect().await?))
    }

    /// True when a connection is kept for the lease: not where sessions are shared, or where there is one alone.
    fn has_connection(&self) -> bool {
        let database = self.jobs.instance.database();
        !database.shares_sessions() && self.jobs.instance.settings().database.max_connections > 1
    }

    async fn connect(&self) -> Result<Held, Error> {
        let mut connection = self.jobs.instance.database().acquire().await?;
        let mut is_locked = false;
        if let Some(lock) = self.jobs.sql.lock_worker(self.worker) {
            // The lock goes with the session.
            connection.end_on_drop();
            let answer = connection.fetch(&lock).await?;
            is_locked = matches!(answer.first().and_then(|row| row.first()), Some(Value::Bool(true)));
        }
        self.renew_on(&mut connection, is_locked).await?;
        Ok(Held { connection, is_locked })
    }

    async fn renew_on(&self, connection: &mut Connection, is_locked: bool) -> Result<(), Error> {
        let milliseconds = i64::try_from(self.lease.as_millis()).unwrap_or(i64::MAX >> 1);
        let sql = &self.jobs.sql;
        let outcome = async {
            if connection.execute(&sql.renew(self.worker, milliseconds, is_locked)).await? == 0 {
                connection.execute(&sql.enrol(self.worker, milliseconds, is_locked)).await?;
                connection.execute(&sql.forget_workers(REMEMBERED)).await?;
            }
            Ok(())
        };
        outcome.await.map_err(|error| self.jobs.named(error))
    }

    /// Goes on until it is told to stop, and then gives the connection back, or until it is aborted.
    pub(crate) async fn keep(self: Arc<Self>, mut held: Option<Held>, stop: Arc<Notify>) {
        tokio::select! {
            () = self.keep_on(&mut held) => {}
            () = stop.notified() => {}
        }
        // What was broken off is found by the connection itself.
        let Some(Held { mut connection, is_locked: true }) = held else { return };
        if let Some(unlock) = self.jobs.sql.unlock_worker(self.worker)
            && connection.fetch(&unlock).await.is_ok()
        {
            connection.keep_on_drop();
        }
    }

    async fn keep_on(&self, held: &mut Option<Held>) {
        let mut missing = HashMap::new();
        let (mut renewed, mut next_look) = (Instant::now(), Instant::now());
        loop {
            let watches = held.as_ref().is_some_and(|held| held.is_locked);
            tokio::time::sleep(if watches { LOOK.min(self.lease / 3) } else { self.lease / 3 }).await;
            if held.is_none() || renewed.elapsed() >= self.lease / 4 {
                if let Err(error) = self.renew(held).await {
                    tracing::warn!(%error, "the lease of a worker could not be renewed; trying again");
                    *held = None;
                    continue;
                }
                renewed = Instant::now();
            }
            let begin = Instant::now();
            if begin < next_look {
                continue;
            }
            if let Err(error) = self.look(held, &mut missing).await {
                tracing::debug!(%error, "whether other workers are lost could not be seen");
                *held = None;
            }
            // On a slow server less often.
            next_look = Instant::now() + begin.elapsed() * 10;
        }
    }

    async fn renew(&self, held: &mut Option<Held>) -> Result<(), Error> {
        match held {
            Some(Held { connection, is_locked }) => self.renew_on(connection, *is_locked).await,
            None if self.has_connection() => {
                *held = Some(self.connect().await?);
                Ok(())
            }
            None => self.renew_on(&mut self.jobs.instance.database().acquire().await?, false).await,
        }
    }

    /// Ends the leases of workers whose lock was missing twice, and frees the jobs of all that have none.
    async fn look(&self, held: &mut Option<Held>, missing: &mut HashMap<i64, i64>) -> Result<(), Error> {
        if let Some(Held { connection, is_locked: true }) = held {
            let mut now = HashMap::new();
            for row in connection.fetch(&self.jobs.sql.workers_without_lock()).await? {
                let (worker, expires) = (number(row.first()), number(row.get(1)));
                if missing.get(&worker) == Some(&expires) {
                    tracing::info!(worker, "a worker is gone");
                    connection.execute(&self.jobs.sql.end_lease(worker, expires)).await?;
                } else {
                    now.insert(worker, expires);
                }
            }
            *missing = now;
        }
        self.reap().await?;
        Ok(())
    }

    /// Frees the jobs of workers that are lost.
    pub(crate) async fn reap(&self) -> Result<u64, Error> {
        let mut freed = self.free(&self.jobs.sql.lost()).await?;
        if let Some(lost) = self.jobs.sql.lost_by_python(self.lease.as_secs_f64()) {
            freed += self.free(&lost).await?;
        }
        Ok(freed)
    }

    async fn free(&self, lost: &Statement) -> Result<u64, Error> {
        let mut tries = Tries::default();
        loop {
            let mut on = self.jobs.begin().await?;
            let outcome = self.free_on(&mut on, lost).await;
            let outcome = self.jobs.end(on, outcome).await;
            if !tries.again(&outcome).await {
                if outcome.as_ref().is_ok_and(|freed| *freed > 0) {
                    self.jobs.announce().await;
                }
                return outcome;
            }
        }
    }

    async fn free_on(&self, on: &mut Transaction, lost: &Statement) -> Result<u64, Error> {
        let sql = &self.jobs.sql;
        let length = sql.key_names().count();
        let rows = on.fetch(lost).await?;
        let freed = rows.len() as u64;
        for mut row in rows {
            sql.read_key(&mut row)?;
            let losses = u32::try_from(number(row.get(length))).unwrap_or(u32::MAX);
            row.truncate(length);
            match self.limits.after_loss(losses) {
                Next::Again(_) => on.execute(&sql.free(&row)?).await?,
                Next::Stop => {
                    let message = format!(
                        "quarantined: {} died while they made this key; when the reason is gone, have it tried again",
                        datajoint_definition::count(losses as usize + 1, "worker")
                    );
                    on.execute(&sql.quarantine(&row, &message, failure::packed(&message))?).await?
                }
            };
            if on.execute(&sql.count_again(&row, true)?).await? == 0 {
                on.execute(&sql.count_first(&row, true)?).await?;
            }
        }
        if freed > 0 {
            tracing::info!(table = %sql.target().name, freed, "freed jobs of workers that were lost");
        }
        Ok(freed)
    }
}

/// The connection that keeps a lease.
#[derive(Debug)]
pub(crate) struct Held {
    connection: Connection,
    /// True when its session holds the lock that shows that the worker lives.
    is_locked: bool,
}
