//! One key from beginning to end.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use datajoint_adapters::RetryPolicy;
use datajoint_pipeline::Action;
use datajoint_pipeline::typed::TableSpec;
use datajoint_sql::Value;
use futures_util::FutureExt as _;
use tokio::task::{JoinError, JoinHandle, spawn_blocking};
use tracing::Instrument as _;

use crate::plan::Plan;
use crate::record::Record;
use crate::scope::{Memory, Scope};
use crate::stop::Stop;
use crate::{Error, FetchContext, InsertContext, Make, MakeError};

/// How long a `compute` is waited for that was told to stop.
const STOPPING: Duration = Duration::from_secs(1);

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Made,
    /// `make` came to its end, and inserted no row into the table itself.
    WithoutRow,
    /// Somebody else made it.
    Skipped,
    /// Somebody else took its job over meanwhile, so that nothing was written.
    Lost,
    /// It failed for a reason that may pass, and is due again later.
    Postponed,
}

/// A key that was made, or not, and how many seconds that took.
pub(crate) type Finished<K> = (K, Result<Outcome, Error>, f64);

/// How far a try came.
enum Attempt {
    Done(Outcome),
    /// A part is missing in the database, which can't be declared within the transaction.
    Undeclared(&'static TableSpec),
}

/// The thread that computes a key.
pub(crate) struct Thread<T: Make> {
    pub(crate) computing: JoinHandle<Result<T::Computed, MakeError>>,
    stop: Stop,
}

/// A key that is being computed, while no transaction is open for it.
pub(crate) struct Begun<T: Make> {
    pub(crate) record: Record,
    /// What it is computed from.
    pub(crate) memory: Memory,
    pub(crate) thread: Thread<T>,
}

/// The error of a key of which its queue could not be told.
fn untold(source: &Arc<Error>, failure: impl Into<Error>) -> Error {
    Error::Untold { source: Arc::clone(source), failure: Box::new(failure.into()) }
}

/// A key on its way.
pub(crate) struct Work<'run, T: Make> {
    pub(crate) plan: &'run Arc<Plan>,
    key: &'run T::Key,
    pub(crate) values: Vec<Value>,
}

impl<'run, T: Make> Work<'run, T> {
    pub(crate) fn new(plan: &'run Arc<Plan>, key: &'run T::Key) -> Result<Self, Error> {
        Ok(Self { plan, key, values: plan.values(key.clone())? })
    }

    /// The span in which the key is made: for layers that export spans, such as those of OpenTelemetry. Where nobody asks for
    /// it, the key is not even written out.
    pub(crate) fn span(&self) -> tracing::Span {
        tracing::debug_span!("make", table = %self.plan.table.name, key = self.plan.describe(&self.values))
    }

    /// Makes the key, and tells the queue that it comes from, if any, what became of it.
    pub(crate) async fn run(&self) -> Result<Outcome, Error> {
        let work = async { self.tell(AssertUnwindSafe(self.make(None)).catch_unwind().await).await };
        work.instrument(self.span()).await
    }

    /// The same for a key that is being computed already.
    pub(crate) async fn go_on(&self, begun: Begun<T>) -> Result<Outcome, Error> {
        let work = async { self.tell(AssertUnwindSafe(self.make(Some(begun))).catch_unwind().await).await };
        work.instrument(self.span()).await
    }

    async fn tell(
        &self,
        outcome: Result<Result<Outcome, Error>, Box<dyn Any + Send>>,
    ) -> Result<Outcome, Error> {
        let outcome = outcome.unwrap_or_else(|panic| Err(self.panicked(panic.as_ref())));
        let outcome = outcome.map_err(|error| self.of_key(error));
        let Some(worker) = &self.plan.worker else { return outcome };
        match outcome {
            Ok(Outcome::Skipped) => {
                worker.finish(&self.values).await.map_err(|error| self.of_key(error.into()))?;
            }
            Ok(_) => worker.told(&self.values),
            Err(error) if error.is_commit_unknown() => return self.look_after(&Arc::new(error)).await,
            Err(error) => {
                return match worker.fail(&self.values, &error, error.may_pass()).await {
                    Ok(datajoint_jobs::Outcome::Failed) => Err(error),
                    Ok(datajoint_jobs::Outcome::Postponed) => Ok(Outcome::Postponed),
                    Ok(datajoint_jobs::Outcome::Lost) => Ok(Outcome::Lost),
                    Err(failure) => Err(untold(&Arc::new(error), failure)),
                };
            }
        }
        outcome
    }

    /// What became of a reserved key when nobody knows whether its row was committed: the job ends in the transaction that
    /// writes the row.
    pub(crate) async fn look_after(&self, unknown: &Arc<Error>) -> Result<Outcome, Error> {
        let Some(worker) = &self.plan.worker else { return Ok(Outcome::Lost) };
        match self.is_made_by_others().await {
            Ok(true) => {
                worker.told(&self.values);
                return Ok(Outcome::Made);
            }
            Ok(false) => {}
            Err(failure) => return Err(untold(unknown, failure)),
        }
        match worker.fail(&self.values, unknown.as_ref(), true).await {
            Ok(datajoint_jobs::Outcome::Lost) => Ok(Outcome::Lost),
            Ok(_) => Ok(Outcome::Postponed),
            Err(failure) => Err(untold(unknown, failure)),
        }
    }

    /// Makes the key, again when other transactions were in its way.
    async fn make(&self, mut begun: Option<Begun<T>>) -> Result<Outcome, Error> {
        let mut backoff = RetryPolicy::CONFLICT.start();
        loop {
            let outcome = match begun.take() {
                Some(begun) => self.write(begun).await,
                None => self.attempt_in_time().await,
            };
            match outcome {
                Ok(Attempt::Undeclared(part)) => self.plan.instance.ensure_active(&[part]).await?,
                Ok(Attempt::Done(outcome)) => return Ok(outcome),
                Err(error) if error.is_transient() && backoff.again().await => {
                    let attempt = backoff.tries();
                    tracing::debug!(table = %self.plan.table.name, %error, attempt, "trying the key again");
                }
                Err(error) if error.is_duplicate() => {
                    return if self.is_made_by_others().await? { Ok(Outcome::Skipped) } else { Err(error) };
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn attempt(&self) -> Result<Attempt, Error> {
        let record = Record::begin();
        if self.plan.is_stale() && self.is_made_by_others().await? {
            return Ok(Attempt::Done(Outcome::Skipped));
        }
        if T::IN_ONE {
            let scope = self.begin(record).await?;
            let (scope, fetched) = self.fetch(scope).await?;
            return match T::compute(self.key, fetched) {
                Ok(computed) => self.insert(scope, computed).await,
                Err(source) => Err(scope.fail(self.failed(source)).await),
            };
        }
        // Nothing is held while it computes; what was read is looked at again in the transaction that inserts.
        let scope = self.begin_read(record).await?;
        let (scope, fetched) = self.fetch(scope.remembering()).await?;
        let thread = self.compute(fetched);
        let memory = scope.leave().await?;
        self.write(Begun { record, memory, thread }).await
    }

    /// Computes on a thread.
    pub(crate) fn compute(&self, fetched: T::Fetched) -> Thread<T> {
        let key = self.key.clone();
        let (thread, stop) = (self.plan.thread(), self.plan.stop.of_key());
        let told = stop.clone();
        // What it tells belongs to the key.
        let span = tracing::Span::current();
        let computing = spawn_blocking(move || {
            let computed = span.in_scope(|| told.during(|| T::compute(&key, fetched)));
            drop(thread);
            computed
        });
        Thread { computing, stop }
    }

    /// Waits for the thread that computes, as long as the key may take.
    async fn wait(&self, mut thread: Thread<T>, record: Record) -> Result<T::Computed, Error> {
        let Some(limit) = self.plan.time_limit else { return self.computed(thread.computing.await) };
        let left = limit.saturating_sub(Duration::from_secs_f64(record.seconds()));
        if let Ok(joined) = tokio::time::timeout(left, &mut thread.computing).await {
            return self.computed(joined);
        }
        thread.stop.key();
        // Others wait for its place; one that does not listen is left alone.
        let _ = tokio::time::timeout(STOPPING, thread.computing).await;
        Err(self.late(limit))
    }

    fn late(&self, limit: Duration) -> Error {
        let (table, key) = (self.plan.table.name.clone(), self.plan.describe(&self.values));
        Error::TimeLimit { table, key, limit }
    }

    /// The same attempt, as long as the key may take.
    async fn attempt_in_time(&self) -> Result<Attempt, Error> {
        match self.plan.time_limit {
            // A timer that has run out already stops nothing that never waits.
            Some(limit) if limit.is_zero() => Err(self.late(limit)),
            // A computation on a thread has its own limit.
            Some(limit) if T::IN_ONE => {
                tokio::time::timeout(limit, self.attempt()).await.unwrap_or_else(|_| Err(self.late(limit)))
            }
            _ => self.attempt().await,
        }
    }

    /// Writes what is computed in a transaction of its own, unless what it was computed from has changed.
    async fn write(&self, begun: Begun<T>) -> Result<Attempt, Error> {
        let Begun { record, memory: Memory { seen, inputs }, thread } = begun;
        let is_quick = thread.computing.is_finished();
        let computed = self.wait(thread, record).await?;
        let mut scope = self.begin(record).await?.recalling(inputs);
        // Who made it in so short a time, or in spite of a reservation, is found by its key when the row is inserted.
        if !is_quick && self.plan.worker.is_none() {
            match scope.has_row::<T>(self.key).await {
                Ok(false) => {}
                Ok(true) => return scope.leave().await.map(|_| Attempt::Done(Outcome::Skipped)),
                Err(error) => return Err(scope.fail(error).await),
            }
        }
        match scope.verify(seen).await {
            Ok(()) => self.insert(scope, computed).await,
            Err(error) => Err(scope.fail(error).await),
        }
    }

    /// Begins the transaction that writes, unless the schema was stamped for others since the population began.
    pub(crate) async fn begin(&self, record: Record) -> Result<Scope, Error> {
        let mut transaction = self.plan.instance.begin().await?;
        let schema = std::slice::from_ref(&self.plan.table.name.schema);
        transaction.check_may_change(Action::Populate, schema).await?;
        Ok(Scope::new(self.plan, &self.values, record, transaction))
    }

    async fn begin_read(&self, record: Record) -> Result<Scope, Error> {
        let transaction = self.plan.instance.begin_read().await?;
        Ok(Scope::new(self.plan, &self.values, record, transaction))
    }

    async fn is_made_by_others(&self) -> Result<bool, Error> {
        let mut scope = self.begin_read(Record::begin()).await?;
        let is_made = scope.has_row::<T>(self.key).await?;
        scope.leave().await?;
        Ok(is_made)
    }

    async fn fetch(&self, scope: Scope) -> Result<(Scope, T::Fetched), Error> {
        match T::fetch(&FetchContext::new(self.key, &scope)).await {
            Ok(fetched) => Ok((scope, fetched)),
            Err(source) => Err(scope.fail(self.failed(source)).await),
        }
    }

    async fn insert(&self, mut scope: Scope, computed: T::Computed) -> Result<Attempt, Error> {
        let inserted = T::insert(&mut InsertContext::new(self.key, &mut scope), computed).await;
        if let Some(part) = scope.undeclared() {
            scope.leave().await?;
            return Ok(Attempt::Undeclared(part));
        }
        match inserted {
            Ok(()) => scope.commit().await.map(Attempt::Done),
            Err(source) => Err(scope.fail(self.failed(source)).await),
        }
    }

    /// What the thread of `compute` gave.
    pub(crate) fn computed<C>(&self, joined: Result<Result<C, MakeError>, JoinError>) -> Result<C, Error> {
        match joined {
            Ok(computed) => computed.map_err(|source| self.failed(source)),
            Err(error) => Err(match error.try_into_panic() {
                Ok(panic) => self.panicked(panic.as_ref()),
                Err(error) => self.failed(error.into()),
            }),
        }
    }

    pub(crate) fn failed(&self, source: MakeError) -> Error {
        Error::Make { table: self.plan.table.name.clone(), key: self.plan.describe(&self.values), source }
    }

    /// An error of this key, with the table and the key: what the database or the queue says has neither. What `make` handled
    /// comes so too, as it stands in the transaction still. What this client may not do is the same for each key.
    fn of_key(&self, error: Error) -> Error {
        match error {
            Error::Pipeline(_) | Error::Jobs(_) if !error.is_of_guard() => self.failed(error.into()),
            other => other,
        }
    }

    /// The error for a panic of `make`.
    fn panicked(&self, panic: &(dyn Any + Send)) -> Error {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        Error::Panicked {
            table: self.plan.table.name.clone(),
            key: self.plan.describe(&self.values),
            message: text.unwrap_or_else(|| "it left no message".to_owned()),
        }
    }
}
