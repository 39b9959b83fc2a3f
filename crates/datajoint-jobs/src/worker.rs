//! A worker: it claims jobs, and tells what became of them.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use datajoint_adapters::Connection;
use datajoint_pipeline::{DynamicRow, Query, Transaction};
use datajoint_sql::{Access, Condition, Part, Reserver, Statement, Value, key_bytes};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tracing::Instrument as _;

use crate::keeper::Keeper;
use crate::queue::{Tries, number};
use crate::state::{Next, Owner};
use crate::{Counts, Error, Fence, Jobs, Limits, Status, failure};

/// How many values a list of keys has at most: longer ones are read as a document and joined, for which a server may
/// compare each job with each key.
const LIST: usize = 1000;

/// How long a worker that ends waits for the connection of its lease to come back.
const GIVING_BACK: Duration = Duration::from_secs(1);

/// How a worker works; see [`Worker::begin`].
#[derive(Debug, Clone)]
pub struct WorkerOptions {
    /// For how long its lease runs without being renewed.
    pub lease: Duration,
    /// How often a key is tried.
    pub limits: Limits,
    /// Whether jobs stay in the queue when they are done.
    pub keep_completed: bool,
    /// The version of its program.
    pub version: String,
    /// Only jobs of this priority, or more urgent ones.
    pub priority: Option<u8>,
    /// Only jobs with a key in this query.
    pub among: Option<Query<DynamicRow>>,
}

/// A job that a worker has claimed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Claimed {
    /// Its key, in the order of the attributes.
    pub key: Vec<Value>,
    /// Its priority: lower is sooner.
    pub priority: i64,
}

/// The end of a job that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It stands as an error in the queue.
    Failed,
    /// It is tried again later.
    Postponed,
    /// Somebody else has it.
    Lost,
}

/// What a try did that tells that a job failed.
#[derive(Debug, Clone, Copy)]
struct Failed {
    outcome: Outcome,
    /// How often its key had failed before for reasons that may pass.
    failures: u32,
}

/// One life of a program that works on jobs.
///
/// End it with [`end`](Self::end), which gives back what was not begun. One that is dropped does so in the background;
/// one that dies loses its lease, on PostgreSQL at once, and others take its jobs.
#[derive(Debug)]
pub struct Worker {
    jobs: Jobs,
    me: Arc<Reserver>,
    options: WorkerOptions,
    among: Option<Condition>,
    /// The keys that it has claimed and not told of, as text.
    held: Mutex<HashSet<Vec<u8>>>,
    /// True when the answer to a claim was lost, so that it may have jobs that it does not know of. Who claims has the lock:
    /// another one would take what is being claimed for such jobs, and give it back.
    is_uncertain: tokio::sync::Mutex<bool>,
    keeper: Arc<Keeper>,
    keeping: Mutex<Option<Keeping>>,
}

/// The task that renews the lease.
#[derive(Debug)]
struct Keeping {
    task: JoinHandle<()>,
    /// What tells it to stop.
    stop: Arc<Notify>,
}

impl Worker {
    /// Takes a lease, and begins to renew it. Declares the tables of leases where DataJoint for Python made the queue.
    ///
    /// Must be called within a tokio runtime. Fails when those tables are missing and the settings forbid to declare them.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves at most those tables, and a lease, which ends by itself.
    pub async fn begin(jobs: &Jobs, options: WorkerOptions) -> Result<Self, Error> {
        let jobs = if jobs.has_leases { jobs.clone() } else { jobs.with_leases().await? };
        let among = match &options.among {
            Some(rows) => Some(Condition::MatchesByName(Part::new(jobs.instance.expression_of(rows).await?))),
            None => None,
        };
        let me = Arc::new(Reserver {
            worker: incarnation(),
            host: whoami::hostname().unwrap_or_default(),
            pid: std::process::id(),
            version: options.version.clone(),
        });
        let keeper = Arc::new(Keeper::new(jobs.clone(), me.worker, options.lease, options.limits));
        let connection = keeper.enrol().await?;
        let stop = Arc::new(Notify::new());
        let kept = tokio::spawn(Arc::clone(&keeper).keep(connection, Arc::clone(&stop)));
        let keeping = Mutex::new(Some(Keeping { task: kept, stop }));
        Ok(Self {
            jobs,
            me,
            options,
            among,
            held: Mutex::default(),
            is_uncertain: tokio::sync::Mutex::new(false),
            keeper,
            keeping,
        })
    }

    /// The number that tells this life from all others.
    pub fn incarnation(&self) -> i64 {
        self.me.worker
    }

    /// Claims jobs that are due, the most urgent first, so many at most.
    ///
    /// With `suspects`, of those keys that may be lost [once more](Limits::is_suspect) at most: such a one should be alone
    /// in its process, so that it takes no other down with it.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, jobs may stay reserved until the next claim, or the end of the worker.
    pub async fn claim(&self, limit: usize, suspects: bool) -> Result<Vec<Claimed>, Error> {
        let table = &self.jobs.target().name;
        let span = tracing::debug_span!("claim", %table, worker = self.me.worker, limit);
        self.claim_due(limit, suspects).instrument(span).await
    }

    async fn claim_due(&self, limit: usize, suspects: bool) -> Result<Vec<Claimed>, Error> {
        let mut is_uncertain = self.is_uncertain.lock().await;
        if std::mem::replace(&mut *is_uncertain, true) {
            self.give_back_unknown().await?;
        }
        let highest = self.options.priority;
        let losses = self.options.limits.claimed(suspects);
        let claim = self.jobs.sql.claim(&self.me, limit, highest, self.among.as_ref(), &losses)?;
        let rows = if self.jobs.instance.backend().capability().has_update_returning {
            self.claim_at_once(&claim).await?
        } else {
            let mut on = self.jobs.instance.database().begin(Access::Locking).await?;
            let rows = on.fetch(&claim).await?;
            if rows.is_empty() {
                on.rollback().await?;
            } else {
                let length = self.jobs.sql.key_names().count();
                let keys: Vec<Vec<Value>> = rows.iter().map(|row| row[..length].to_vec()).collect();
                for keys in self.lists(&keys) {
                    on.execute(&self.jobs.sql.reserve(&self.me, keys)?).await?;
                }
                on.commit().await.map_err(|error| self.jobs.named(error))?;
            }
            rows
        };
        let claimed = self.read(rows)?;
        let mut held = self.held();
        held.extend(claimed.iter().map(|claimed| key_bytes(&claimed.key)));
        *is_uncertain = false;
        Ok(claimed)
    }

    /// Claims jobs with one statement.
    async fn claim_at_once(&self, claim: &Statement) -> Result<Vec<Vec<Value>>, Error> {
        let Some(before) = self.jobs.sql.before_claim() else {
            let outcome = self.jobs.instance.database().acquire().await?.execute_returning(claim).await;
            return outcome.map_err(|error| self.jobs.named(error));
        };
        let mut on = self.jobs.instance.database().begin(Access::Locking).await?;
        on.fetch(&before).await?;
        let rows = on.execute_returning(claim).await?;
        on.commit().await.map_err(|error| self.jobs.named(error))?;
        Ok(rows)
    }

    /// Keys in lists that servers look up one by one, however many they are.
    fn lists<'k>(&self, keys: &'k [Vec<Value>]) -> impl Iterator<Item = &'k [Vec<Value>]> + use<'k> {
        let most = LIST / self.jobs.sql.key_names().count().max(1);
        self.jobs.instance.database().key_lists(keys, most)
    }

    /// The jobs of rows of keys, priorities and times, the most urgent first.
    fn read(&self, rows: Vec<Vec<Value>>) -> Result<Vec<Claimed>, Error> {
        let length = self.jobs.sql.key_names().count();
        let mut found = Vec::with_capacity(rows.len());
        for mut key in rows {
            self.jobs.sql.read_key(&mut key)?;
            let scheduled = key.pop().map(|time| match time {
                Value::DateTime(time) => time.to_string(),
                Value::Text(time) => time,
                _ => String::new(),
            });
            let priority = number(key.get(length));
            key.truncate(length);
            found.push((priority, scheduled, key));
        }
        found.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
        Ok(found.into_iter().map(|(priority, _, key)| Claimed { key, priority }).collect())
    }

    /// How many jobs are pending, reserved and failed. Those that are done are not counted, however many were kept.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves no trace.
    #[doc(hidden)]
    pub async fn count_open(&self) -> Result<Counts, Error> {
        self.jobs.count_open().await
    }

    /// True when a job is due that [`claim`](Self::claim) may give, suspects included, though others may lock it just now.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves no trace.
    pub async fn is_due(&self) -> Result<bool, Error> {
        let limits = &self.options.limits;
        let losses = limits.claimed(false).start..limits.claimed(true).end;
        let due = self.jobs.sql.is_due(self.options.priority, self.among.as_ref(), &losses)?;
        Ok(!self.jobs.fetch(&due).await?.is_empty())
    }

    /// True when a job more urgent than this priority is due.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves no trace.
    pub async fn is_more_urgent(&self, than: i64) -> Result<bool, Error> {
        Ok(!self.jobs.fetch(&self.jobs.sql.is_more_urgent(than)).await?.is_empty())
    }

    /// Ends a job in the transaction that writes its result. Unless the fence [lets](Fence::lets_write) it, the transaction
    /// must be undone.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves a transaction that can't be committed.
    pub async fn settle(&self, on: &mut Transaction, key: &[Value], seconds: f64) -> Result<Fence, Error> {
        self.settle_on(on.connection_to(&self.jobs.sql.jobs().name), key, seconds).await
    }

    async fn settle_on(&self, on: &mut Connection, key: &[Value], seconds: f64) -> Result<Fence, Error> {
        let duration = self.options.keep_completed.then_some(seconds);
        let complete = self.jobs.sql.complete(key, self.me.worker, duration)?;
        let fence = if on.execute(&complete).await? == 1 {
            Fence::Held
        } else {
            let found = on.fetch(&self.jobs.sql.look(key)?).await?;
            Fence::judge(self.me.worker, found.first().and_then(|row| job(row)))
        };
        Ok(fence)
    }

    /// Ends several jobs, each with the seconds that it took, in the transaction that writes their results. Unless it gives
    /// true, some are no longer this worker's own, and the transaction must be undone.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves a transaction that can't be committed.
    pub async fn settle_all(&self, on: &mut Transaction, jobs: &[(Vec<Value>, f64)]) -> Result<bool, Error> {
        let (sql, worker, on) =
            (&self.jobs.sql, self.me.worker, on.connection_to(&self.jobs.sql.jobs().name));
        if self.options.keep_completed {
            for (key, seconds) in jobs {
                if on.execute(&sql.complete(key, worker, Some(*seconds))?).await? != 1 {
                    return Ok(false);
                }
            }
            return Ok(true);
        }
        let keys: Vec<Vec<Value>> = jobs.iter().map(|(key, _)| key.clone()).collect();
        let mut ended = 0;
        for keys in self.lists(&keys) {
            ended += on.execute(&sql.complete_all(keys, worker)?).await?;
        }
        Ok(ended == keys.len() as u64)
    }

    /// Forgets a job that was told of.
    pub fn told(&self, key: &[Value]) {
        self.held().remove(&key_bytes(key));
    }

    /// Ends a job whose row is in the table, though this worker did not write it.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the job may stay reserved until the worker ends.
    pub async fn finish(&self, key: &[Value]) -> Result<(), Error> {
        let complete =
            self.jobs.sql.complete(key, self.me.worker, self.options.keep_completed.then_some(0.0))?;
        self.jobs.ensure(&complete).await?;
        self.told(key);
        Ok(())
    }

    /// Tells that a job failed: it stands as an error in the queue, or, when the reason may pass, is tried again after a
    /// while.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing.
    pub async fn fail(
        &self,
        key: &[Value],
        error: &(dyn std::error::Error + Send + Sync + 'static),
        may_pass: bool,
    ) -> Result<Outcome, Error> {
        let (message, stack) = (failure::cut(&error.to_string()), failure::stack(error));
        let (mut tries, mut untold) = (Tries::default(), None);
        let mut unknown = None;
        let outcome = loop {
            let outcome = self.fail_once(key, (&message, &stack), may_pass, &mut untold).await;
            if tries.again_if_unknown(&outcome).await {
                unknown = outcome.err().filter(Error::is_commit_unknown).or(unknown);
                continue;
            }
            // Whatever a later try failed with, an earlier one may have done it.
            break outcome.map_err(|error| unknown.unwrap_or(error))?;
        };
        self.told(key);
        Ok(outcome)
    }

    /// One try. `untold` is what the last one did whose answer was lost, and may have been undone.
    async fn fail_once(
        &self,
        key: &[Value],
        (message, stack): (&str, &[u8]),
        may_pass: bool,
        untold: &mut Option<Failed>,
    ) -> Result<Outcome, Error> {
        let mut on = self.jobs.begin().await?;
        let failed = match (self.fail_on(&mut on, key, (message, stack), may_pass).await, &untold) {
            // The job is not this worker's any more, since the earlier try made it so, or somebody else.
            (Ok(Failed { outcome: Outcome::Lost, .. }), Some(earlier)) => {
                match self.is_done(&mut on, key, *earlier).await {
                    Ok(true) => Ok(*earlier),
                    Ok(false) => Ok(Failed { outcome: Outcome::Lost, ..*earlier }),
                    Err(error) => Err(error),
                }
            }
            (failed, _) => failed,
        };
        let done = failed.as_ref().ok().copied();
        let ended = self.jobs.end(on, failed).await;
        if ended.as_ref().is_err_and(Error::is_commit_unknown) {
            *untold = done.or(*untold);
        }
        Ok(ended?.outcome)
    }

    async fn fail_on(
        &self,
        on: &mut Connection,
        key: &[Value],
        (message, stack): (&str, &[u8]),
        may_pass: bool,
    ) -> Result<Failed, Error> {
        let (sql, worker) = (&self.jobs.sql, self.me.worker);
        let failures = if may_pass { self.failures(on, key).await? } else { 0 };
        let failed = |outcome| Ok(Failed { outcome, failures });
        let Next::Again(after) = self.options.limits.after_failure(may_pass, failures) else {
            let fail = sql.fail(key, worker, message, stack.to_vec())?;
            return failed(if on.execute(&fail).await? == 0 { Outcome::Lost } else { Outcome::Failed });
        };
        let release = sql.release(worker, Some(&[key.to_vec()]), Some(after.as_secs_f64()))?;
        if on.execute(&release).await? == 0 {
            return failed(Outcome::Lost);
        }
        if on.execute(&sql.count_again(key, false)?).await? == 0 {
            on.execute(&sql.count_first(key, false)?).await?;
        }
        failed(Outcome::Postponed)
    }

    /// How often a key failed before for reasons that may pass.
    async fn failures(&self, on: &mut Connection, key: &[Value]) -> Result<u32, Error> {
        let trials = on.fetch(&self.jobs.sql.trials(key)?).await?;
        let failures = number(trials.first().and_then(|row| row.first()));
        Ok(u32::try_from(failures).unwrap_or(u32::MAX))
    }

    /// True when the database has what a try did whose answer was lost.
    async fn is_done(&self, on: &mut Connection, key: &[Value], earlier: Failed) -> Result<bool, Error> {
        Ok(match earlier.outcome {
            // A job that failed keeps its owner, and one that was freed does not.
            Outcome::Failed => {
                let found = on.fetch(&self.jobs.sql.look(key)?).await?;
                let owner = found.first().and_then(|row| job(row)).map(|(owner, _)| owner);
                owner == Some(Owner::Worker(self.me.worker))
            }
            Outcome::Postponed => self.failures(on, key).await? > earlier.failures,
            Outcome::Lost => false,
        })
    }

    /// Gives jobs back that were not begun, or were broken off.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, some of very many keys may be given back, and the others not.
    pub async fn give_back(&self, keys: &[Vec<Value>]) -> Result<(), Error> {
        for keys in self.lists(keys) {
            self.jobs.ensure(&self.jobs.sql.release(self.me.worker, Some(keys), None)?).await?;
        }
        {
            let mut held = self.held();
            for key in keys {
                held.remove(&key_bytes(key));
            }
        }
        if !keys.is_empty() {
            self.jobs.announce().await;
        }
        Ok(())
    }

    /// Gives back what an answer that was lost may have reserved.
    async fn give_back_unknown(&self) -> Result<(), Error> {
        let rows = self.jobs.fetch(&self.jobs.sql.reserved_by(self.me.worker)).await?;
        let mut unknown = Vec::new();
        for mut row in rows {
            self.jobs.sql.read_key(&mut row)?;
            if !self.held().contains(&key_bytes(&row)) {
                unknown.push(row);
            }
        }
        self.give_back(&unknown).await
    }

    /// Frees the jobs of workers that are lost; returns how many.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing.
    pub async fn reap(&self) -> Result<u64, Error> {
        self.keeper.reap().await
    }

    /// Gives back all that it has, and ends its lease.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the lease ends by itself, and others free its jobs.
    pub async fn end(&self) -> Result<(), Error> {
        leave(&self.jobs, self.me.worker).await?;
        // From here on there is nothing to give back.
        let Some(Keeping { mut task, stop }) = self.stop_keeping() else { return Ok(()) };
        stop.notify_one();
        if tokio::time::timeout(GIVING_BACK, &mut task).await.is_err() {
            task.abort();
        }
        Ok(())
    }

    /// The task that renews the lease; none when it was stopped before.
    fn stop_keeping(&self) -> Option<Keeping> {
        self.keeping.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn held(&self) -> std::sync::MutexGuard<'_, HashSet<Vec<u8>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn leave(jobs: &Jobs, worker: i64) -> Result<(), Error> {
    jobs.ensure(&jobs.sql.release(worker, None, None)?).await?;
    jobs.ensure(&jobs.sql.leave(worker)).await?;
    Ok(())
}

impl Drop for Worker {
    fn drop(&mut self) {
        let Some(Keeping { task, .. }) = self.stop_keeping() else { return };
        task.abort();
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (jobs, worker) = (self.jobs.clone(), self.me.worker);
        runtime.spawn(async move {
            if let Err(error) = leave(&jobs, worker).await {
                tracing::debug!(%error, "what a worker had reserved is free when its lease ends");
            }
        });
    }
}

/// A number above zero that nobody else has, of 62 bits.
fn incarnation() -> i64 {
    let (high, _) = uuid::Uuid::new_v4().as_u64_pair();
    i64::try_from(high >> 2).unwrap_or(i64::MAX).max(1)
}

/// The owner and the state of a job.
fn job(row: &[Value]) -> Option<(Owner, Status)> {
    let [connection, Value::Text(status)] = row else { return None };
    // A state that is not known is none of this worker's.
    Some((Owner::of(number(Some(connection))), Status::parse(status).unwrap_or(Status::Ignore)))
}
