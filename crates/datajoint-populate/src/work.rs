//! One key from beginning to end.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use datajoint_definition::Backend;
use datajoint_pipeline::typed::TableSpec;
use datajoint_sql::Value;
use tokio::task::{JoinError, spawn_blocking};
use tokio::time::{sleep, timeout};

use crate::plan::Plan;
use crate::record::Record;
use crate::scope::Scope;
use crate::{Error, FetchContext, InsertContext, Make, MakeError};

/// How long a transaction waits for `compute`.
const PATIENCE: Duration = Duration::from_millis(50);

/// How often a key is tried when other transactions are in its way.
const ATTEMPTS: u32 = 6;

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Made,
    /// `make` came to its end, and inserted no row into the table itself.
    WithoutRow,
    /// Somebody else made it.
    Skipped,
}

/// How far a try came.
enum Attempt {
    Done(Outcome),
    /// A part is missing in the database, which can't be declared within the transaction.
    Undeclared(&'static TableSpec),
}

/// A key on its way.
pub(crate) struct Work<'run, T: Make> {
    plan: &'run Arc<Plan>,
    key: &'run T::Key,
    values: Vec<Value>,
}

impl<'run, T: Make> Work<'run, T> {
    pub(crate) fn new(plan: &'run Arc<Plan>, key: &'run T::Key) -> Result<Self, Error> {
        Ok(Self { plan, key, values: plan.values(key.clone())? })
    }

    /// Makes the key, again when other transactions were in its way.
    pub(crate) async fn run(&self) -> Result<Outcome, Error> {
        let mut attempt = 1;
        loop {
            match self.attempt().await {
                Ok(Attempt::Undeclared(part)) => self.plan.instance.ensure_active(&[part]).await?,
                Ok(Attempt::Done(outcome)) => return Ok(outcome),
                Err(error) if error.is_transient() && attempt < ATTEMPTS => {
                    tracing::debug!(table = %self.plan.table.name, %error, attempt, "trying the key again");
                    sleep(Duration::from_millis(5 << attempt)).await;
                    attempt += 1;
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
        // Writers of an embedded database wait for each other; they would wait for computations too.
        let is_shared = self.plan.instance.backend() != Backend::Sqlite;
        let scope = if is_shared { self.begin(record).await? } else { self.begin_read(record).await? };
        let (scope, fetched) = self.fetch(scope.remembering()).await?;
        let key = self.key.clone();
        let mut computing = spawn_blocking(move || T::compute(&key, fetched));
        if is_shared && let Ok(computed) = timeout(PATIENCE, &mut computing).await {
            return match self.computed(computed) {
                Ok(computed) => self.insert(scope, computed).await,
                Err(error) => Err(scope.fail(error).await),
            };
        }
        let seen = scope.leave().await?;
        let computed = self.computed(computing.await)?;
        let mut scope = self.begin(record).await?;
        match scope.has_row::<T>(self.key).await {
            Ok(false) => {}
            Ok(true) => return scope.leave().await.map(|_| Attempt::Done(Outcome::Skipped)),
            Err(error) => return Err(scope.fail(error).await),
        }
        match scope.verify(seen).await {
            Ok(()) => self.insert(scope, computed).await,
            Err(error) => Err(scope.fail(error).await),
        }
    }

    async fn begin(&self, record: Record) -> Result<Scope, Error> {
        let transaction = self.plan.instance.begin().await?;
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
            Ok(()) => {
                Ok(Attempt::Done(if scope.commit().await? { Outcome::Made } else { Outcome::WithoutRow }))
            }
            Err(source) => Err(scope.fail(self.failed(source)).await),
        }
    }

    /// What the thread of `compute` gave.
    fn computed<C>(&self, joined: Result<Result<C, MakeError>, JoinError>) -> Result<C, Error> {
        match joined {
            Ok(computed) => computed.map_err(|source| self.failed(source)),
            Err(error) => Err(match error.try_into_panic() {
                Ok(panic) => self.panicked(panic.as_ref()),
                Err(error) => self.failed(error.into()),
            }),
        }
    }

    fn failed(&self, source: MakeError) -> Error {
        Error::Make { table: self.plan.table.name.clone(), key: self.plan.describe(&self.values), source }
    }

    /// The error for a panic of `make`.
    pub(crate) fn panicked(&self, panic: &(dyn Any + Send)) -> Error {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        Error::Panicked {
            table: self.plan.table.name.clone(),
            key: self.plan.describe(&self.values),
            message: text.unwrap_or_else(|| "it left no message".to_owned()),
        }
    }
}
