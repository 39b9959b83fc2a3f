use std::sync::Arc;

use datajoint_adapters::{Backoff, Kind, RetryPolicy, Transaction};
use datajoint_definition::Tier;
use datajoint_pipeline::{AuditEntry, Doing, DynamicRow, DynamicTable, Instance, Query, Relation as _};
use datajoint_schema::Table;
use datajoint_sql::{Access, JobQueue, Statement, Value};

use crate::Error;

/// The job queue of a table.
#[derive(Debug, Clone)]
pub struct Jobs {
    pub(crate) instance: Instance,
    pub(crate) sql: Arc<JobQueue>,
    /// False where DataJoint for Python has declared the jobs alone.
    pub(crate) has_leases: bool,
}

impl Jobs {
    /// Returns the queue of a table that fills itself, and declares it when there is none.
    ///
    /// Fails when no attribute of the key comes from a parent, and when the settings forbid to declare it.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves no lock. Tables that were declared stay on MySQL and MariaDB, and the next call declares
    /// the rest; the other backends declare all of them or none.
    pub async fn open(instance: &Instance, table: &Arc<Table>) -> Result<Self, Error> {
        Self::described(instance, table)?.with_leases().await
    }

    /// The same queue with all that workers need beside it, which is declared where DataJoint for Python made the queue.
    pub(crate) async fn with_leases(&self) -> Result<Self, Error> {
        self.instance.declare_hidden(&self.sql.tables()).await?;
        Ok(Self { has_leases: true, ..self.clone() })
    }

    /// Returns the queue of a table, if there is one. A queue that DataJoint for Python made can be seen and changed as it
    /// is; the first [worker](crate::Worker::begin) declares what it needs besides.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves no trace.
    pub async fn find(instance: &Instance, table: &Arc<Table>) -> Result<Option<Self>, Error> {
        let mut jobs = Self::described(instance, table)?;
        let found = instance.hidden_tables(&table.name.schema).await?;
        let tables = jobs.sql.tables();
        let has = |table: &Arc<Table>| found.iter().any(|found| found.name == table.name);
        jobs.has_leases = tables.iter().all(has);
        Ok(has(&tables[0]).then_some(jobs))
    }

    /// Returns the queue of any table, if there is one: only tables that fill themselves have queues, and none whose key has no
    /// attribute of a parent.
    ///
    /// Fails when the hidden tables of the schema can't be read.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves no trace.
    pub async fn of(instance: &Instance, table: &DynamicTable) -> Result<Option<Self>, Error> {
        let table = table.table();
        let fills_itself = matches!(table.tier, Some(Tier::Computed | Tier::Imported));
        if !fills_itself || Self::described(instance, table).is_err() {
            return Ok(None);
        }
        Self::find(instance, table).await
    }

    fn described(instance: &Instance, table: &Arc<Table>) -> Result<Self, Error> {
        let sql = JobQueue::new(instance.backend(), table)?;
        Ok(Self { instance: instance.clone(), sql: Arc::new(sql), has_leases: true })
    }

    /// The table that the jobs are for.
    pub fn target(&self) -> &Arc<Table> {
        self.sql.target()
    }

    /// The jobs, as a query.
    pub fn query(&self) -> Query<DynamicRow> {
        DynamicTable::from(Arc::clone(self.sql.jobs())).query()
    }

    /// Runs statements in a transaction that locks the rows it changes; returns how many each changed.
    ///
    /// Fails when the answer to its commit was lost: done again, they would count what was left to do.
    pub(crate) async fn execute_all(&self, statements: &[Statement]) -> Result<Vec<u64>, Error> {
        self.execute_noted(statements, |_| None).await
    }

    /// The same, with a note in the audit of the schema for what was changed, if there is one.
    pub(crate) async fn execute_noted(
        &self,
        statements: &[Statement],
        note: impl Fn(&[u64]) -> Option<AuditEntry> + Send + Sync,
    ) -> Result<Vec<u64>, Error> {
        let mut tries = Tries::default();
        loop {
            let outcome = self.execute_once(statements, &note).await;
            if !tries.again(&outcome).await {
                return outcome;
            }
        }
    }

    async fn execute_once(
        &self,
        statements: &[Statement],
        note: &(impl Fn(&[u64]) -> Option<AuditEntry> + Send + Sync),
    ) -> Result<Vec<u64>, Error> {
        let mut on = self.begin().await?;
        let mut changed = Vec::with_capacity(statements.len());
        for statement in statements {
            match on.execute(statement).await {
                Ok(rows) => changed.push(rows),
                Err(error) => return self.end(on, Err(error.into())).await,
            }
        }
        let noted = match note(&changed) {
            Some(entry) => self.instance.audit_on(&mut on, &[entry]).await,
            None => Ok(()),
        };
        self.end(on, noted.map(|()| changed).map_err(Error::from)).await
    }

    /// Begins a transaction that locks the rows it changes.
    pub(crate) async fn begin(&self) -> Result<Transaction, Error> {
        Ok(self.instance.database().begin(Access::Locking).await?)
    }

    /// Runs one statement; returns how many rows it changed.
    ///
    /// Fails when its answer was lost: done again, it would count what was left to do.
    pub(crate) async fn execute(&self, statement: &Statement) -> Result<u64, Error> {
        let mut tries = Tries::default();
        loop {
            let outcome = self.execute_alone(statement).await;
            if !tries.again(&outcome).await {
                return outcome;
            }
        }
    }

    /// Runs one statement after which all is the same whether it ran once or twice; also again when its answer was lost.
    pub(crate) async fn ensure(&self, statement: &Statement) -> Result<(), Error> {
        let (mut tries, mut unknown) = (Tries::default(), None);
        loop {
            let outcome = self.execute_alone(statement).await;
            if tries.again_if_unknown(&outcome).await {
                unknown = outcome.err().filter(Error::is_commit_unknown).or(unknown);
                continue;
            }
            // Whatever a later try failed with, an earlier one may have done it.
            return outcome.map(drop).map_err(|error| unknown.unwrap_or(error));
        }
    }

    async fn execute_alone(&self, statement: &Statement) -> Result<u64, Error> {
        let outcome = self.instance.database().acquire().await?.execute(statement).await;
        outcome.map_err(|error| self.named(error))
    }

    /// Ends a transaction: what was done lasts, or is undone because of an error, which it gives back.
    pub(crate) async fn end<T>(&self, on: Transaction, outcome: Result<T, Error>) -> Result<T, Error> {
        if outcome.is_ok() {
            on.commit().await.map_err(|error| self.named(error))?;
        } else if let Err(failure) = on.rollback().await {
            tracing::debug!(%failure, "the transaction was undone by ending its connection");
        }
        outcome
    }

    /// Tells those who wait for work that there are jobs to do.
    pub(crate) async fn announce(&self) {
        self.instance.database().announce(std::slice::from_ref(&self.sql.jobs().name)).await;
    }

    /// The error of a change; where nobody knows whether it lasts, with the table of the jobs.
    pub(crate) fn named(&self, error: datajoint_adapters::Error) -> Error {
        let jobs = std::slice::from_ref(&self.sql.jobs().name);
        Error::Pipeline(datajoint_pipeline::Error::from(error).unsettled(Doing::Queueing, jobs, &[]))
    }

    /// The outcome of a change of chosen rows. For a column that is not there the error is that of a query of these rows,
    /// which tells where the name was looked for, and which are similar.
    pub(crate) async fn telling<T>(
        &self,
        chosen: &Query<DynamicRow>,
        outcome: Result<T, Error>,
    ) -> Result<T, Error> {
        if outcome.as_ref().is_err_and(|error| error.kind() == Some(Kind::MissingColumn)) {
            chosen.limit(1).fetch(&self.instance).await?;
        }
        outcome
    }

    pub(crate) async fn fetch(&self, statement: &Statement) -> Result<Vec<Vec<Value>>, Error> {
        let mut tries = Tries::default();
        loop {
            let outcome = async { Ok(self.instance.database().acquire().await?.fetch(statement).await?) };
            let outcome = outcome.await;
            if !tries.again(&outcome).await {
                return outcome;
            }
        }
    }
}

/// How often something was tried that may be done again.
#[derive(Debug)]
pub(crate) struct Tries(Backoff);

impl Default for Tries {
    fn default() -> Self {
        Self(RetryPolicy::CONFLICT.start())
    }
}

impl Tries {
    /// True when it is worth another try, after a pause.
    pub(crate) async fn again<T>(&mut self, outcome: &Result<T, Error>) -> bool {
        self.again_after(outcome, Error::is_transient).await
    }

    /// The same where nobody may know whether it was done, for what finds that out, or may be done twice.
    pub(crate) async fn again_if_unknown<T>(&mut self, outcome: &Result<T, Error>) -> bool {
        self.again_after(outcome, |error| error.is_transient() || error.is_commit_unknown()).await
    }

    async fn again_after<T>(
        &mut self,
        outcome: &Result<T, Error>,
        may_pass: impl Fn(&Error) -> bool,
    ) -> bool {
        let Err(error) = outcome else { return false };
        if !may_pass(error) || !self.0.again().await {
            return false;
        }
        tracing::debug!(%error, tries = self.0.tries(), "trying again");
        true
    }
}

/// A number that a database gave.
pub(crate) fn number(value: Option<&Value>) -> i64 {
    match value {
        Some(Value::Int(number)) => *number,
        Some(Value::UInt(number)) => i64::try_from(*number).unwrap_or(i64::MAX),
        Some(Value::Decimal(number)) => number.trunc().to_string().parse().unwrap_or_default(),
        _ => 0,
    }
}
