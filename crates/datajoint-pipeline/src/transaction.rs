//! Several statements as one.

use std::fmt;
use std::panic::Location;

use datajoint_adapters::{Purpose, RetryPolicy};
use datajoint_guard::Action;
use datajoint_schema::TableName;
use datajoint_sql::Access;

use crate::typed::TableSpec;
use crate::{Doing, Error, Instance, Result, Target};

/// A transaction: queries and inserts that run in it see one state of the database, and last together or not at
/// all.
///
/// Take `&mut` of it wherever an [`Instance`] is taken. Dropped without [`commit`](Self::commit), it is undone.
///
/// Once the database refused something in it, or a verb failed or was cancelled after it had begun to write, it refuses
/// everything with [`Error::TransactionFailed`], which names what failed first; `commit` too. Put a part that may fail into
/// [`savepoint`](Self::savepoint). What fails before anything is sent, such as a value that does not fit, does no harm.
pub struct Transaction {
    pub(crate) instance: Instance,
    pub(crate) inner: datajoint_adapters::Transaction,
    /// The tables that verbs wrote to.
    written: Vec<TableName>,
    /// Those of them that rows were inserted into.
    inserted: Vec<TableName>,
}

impl Transaction {
    /// The instance that it belongs to.
    pub fn instance(&self) -> &Instance {
        &self.instance
    }

    /// Makes everything done in it last.
    ///
    /// Fails, and undoes everything, when something in it failed before ([`Error::TransactionFailed`]), when the database
    /// had undone it already ([`Error::TransactionOver`]), and when the database refuses. [`Error::CommitUnknown`] alone
    /// leaves open whether it lasts.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing, and nobody is told which.
    pub async fn commit(self) -> Result<()> {
        let Self { instance, inner, written, inserted } = self;
        let announcement = instance.database().announcement(&inserted);
        let committed = inner.commit_announcing(announcement).await;
        committed.map_err(|error| Error::from(error).unsettled(Doing::Committing, &written, &[]))
    }

    /// Undoes everything done in it.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, everything is undone all the same.
    pub async fn rollback(self) -> Result<()> {
        Ok(self.inner.rollback().await?)
    }

    /// Runs a part of the transaction; what it did stays if it gives `Ok`, and is undone if it gives an error, while the
    /// rest of the transaction goes on.
    ///
    /// Parts may lie within one another. What failed in a part that gives `Ok` all the same fails the part.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves a transaction that refuses everything with [`Error::TransactionOver`].
    ///
    /// ```
    /// # use datajoint_config::Settings;
    /// # use datajoint_definition::Tier;
    /// # use datajoint_pipeline::{DynamicDeclaration, DynamicRow, Instance, Relation};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> datajoint_pipeline::Result<()> {
    /// # let dj = Instance::connect(Settings::embedded(":memory:")).await?;
    /// # let (schema, class_name, tier, master) = ("lab", "Session", Tier::Manual, None);
    /// # let definition = "session : int16";
    /// # let session =
    /// #     dj.declare_dynamic(DynamicDeclaration { schema, class_name, tier, master, definition }).await?;
    /// # let row = |number| DynamicRow::new().with("session", number);
    /// dj.transaction(async |transaction| {
    ///     session.insert_one(&mut *transaction, row(1)?).await?;
    ///     let again = transaction.savepoint(async |part| session.insert_one(part, row(1)?).await).await;
    ///     assert!(again.is_err());
    ///     session.insert_one(&mut *transaction, row(2)?).await
    /// })
    /// .await?;
    /// assert_eq!(session.count(&dj).await?, 2);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn savepoint<T, E, F>(&mut self, function: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut Self) -> Result<T, E>,
        E: From<Error>,
    {
        let savepoint = self.inner.savepoint().await.map_err(Error::from)?;
        let outcome = function(self).await;
        let ended = match &outcome {
            Ok(_) => self.inner.release(savepoint).await,
            Err(_) => self.inner.undo(savepoint).await,
        };
        match (outcome, ended) {
            (Ok(_), Err(error)) => Err(Error::from(error).into()),
            // When the whole transaction is gone, what comes next in it says so.
            (outcome, _) => outcome,
        }
    }

    /// Fails unless tables of the program are active, or in the database: a transaction declares none.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves a transaction that refuses everything.
    pub async fn check_declared(&mut self, specs: &[&'static TableSpec]) -> Result<()> {
        Target::from(self).ensure(specs).await
    }

    /// Fails when a client may not do this to schemas, named as in the database, by their stamps, which are read anew.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves a transaction that refuses everything.
    pub async fn check_may_change(&mut self, action: Action, schemas: &[String]) -> Result<()> {
        Target::from(self).check_stamps(action, schemas.iter().map(String::as_str)).await
    }

    /// Notes that a verb writes to a table.
    pub(crate) fn writes_to(&mut self, table: &TableName) {
        if !self.written.contains(table) {
            self.written.push(table.clone());
        }
    }

    /// Notes that a verb inserts into a table.
    pub(crate) fn inserts_into(&mut self, table: &TableName) {
        self.writes_to(table);
        if !self.inserted.contains(table) {
            self.inserted.push(table.clone());
        }
    }

    /// The connection to the database, for the crates above this one.
    #[doc(hidden)]
    pub fn connection(&mut self) -> &mut datajoint_adapters::Connection {
        &mut self.inner
    }

    /// The connection to the database, to write to a table with: it is named where nobody knows whether that lasts.
    #[doc(hidden)]
    pub fn connection_to(&mut self, table: &TableName) -> &mut datajoint_adapters::Connection {
        self.writes_to(table);
        &mut self.inner
    }
}

impl fmt::Debug for Transaction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Transaction({})", self.instance.backend())
    }
}

impl Instance {
    /// Begins a transaction that sees one state of the database from its first to its last statement.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves no transaction.
    #[track_caller]
    pub fn begin(&self) -> impl Future<Output = Result<Transaction>> + Send + '_ {
        self.begin_for(Access::Write, Purpose::Transaction(Location::caller()))
    }

    /// Begins a transaction that only reads, from one state of the database. What writes in it fails with
    /// [`Error::ReadingTransaction`].
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves no transaction.
    #[track_caller]
    pub fn begin_read(&self) -> impl Future<Output = Result<Transaction>> + Send + '_ {
        self.begin_for(Access::Read, Purpose::Transaction(Location::caller()))
    }

    pub(crate) async fn begin_for(&self, access: Access, purpose: Purpose) -> Result<Transaction> {
        let inner = self.database().begin_for(access, purpose).await?;
        Ok(Transaction { instance: self.clone(), inner, written: Vec::new(), inserted: Vec::new() })
    }

    /// Runs a function in a transaction, and again in another one when the database refused that one because of what
    /// others did at the same time (a deadlock, or a change of a row that it was about to write), or lost its connection. A row
    /// that it only read may change unnoticed.
    ///
    /// A task of `tokio::spawn` can't be given its future, since the compiler can't tell that a function which is called again may
    /// go from thread to thread: there, call [`transaction`](Self::transaction) in a loop, while its error
    /// [is retryable](Error::is_retryable).
    ///
    /// The function may run several times, so that it must do nothing but in the transaction that can't be done
    /// twice. Between two of at most 15 attempts there is a pause, longer each time. Gives the last error when none went well. What is
    /// not known to be undone, [`Error::CommitUnknown`], is not tried again.
    ///
    /// # Cancel safety
    ///
    /// As [`transaction`](Self::transaction).
    #[track_caller]
    pub fn retry_transaction<T, F>(&self, function: F) -> impl Future<Output = Result<T>>
    where
        F: AsyncFnMut(&mut Transaction) -> Result<T>,
    {
        self.retry_transaction_while(RetryPolicy::TRANSACTION, Error::is_retryable, function)
    }

    /// The same by another rule, for functions with errors of their own, while this is true of them.
    #[doc(hidden)]
    #[track_caller]
    pub fn retry_transaction_while<T, E, F>(
        &self,
        policy: RetryPolicy,
        may_pass: impl Fn(&E) -> bool,
        mut function: F,
    ) -> impl Future<Output = Result<T, E>>
    where
        F: AsyncFnMut(&mut Transaction) -> Result<T, E>,
        E: From<Error> + fmt::Display,
    {
        let purpose = Purpose::Transaction(Location::caller());
        async move {
            let mut backoff = policy.start();
            loop {
                match self.run(purpose, &mut function).await {
                    Err(error) if may_pass(&error) && backoff.again().await => {
                        tracing::debug!(%error, attempt = backoff.tries(), "it is tried again");
                    }
                    outcome => return outcome,
                }
            }
        }
    }

    /// Runs a function in a transaction; what it did lasts if it gives `Ok`, and is undone if it gives an error
    /// or is cancelled.
    ///
    /// Fails too, and undoes everything, when the function gives `Ok` although something in the transaction failed.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, everything is undone, or, while it is committed, all of it may last.
    ///
    /// ```
    /// # use datajoint_config::Settings;
    /// # use datajoint_definition::Tier;
    /// # use datajoint_pipeline::{DynamicDeclaration, DynamicRow, Instance, Relation};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> datajoint_pipeline::Result<()> {
    /// # let dj = Instance::connect(Settings::embedded(":memory:")).await?;
    /// # let (schema, class_name, tier, master) = ("lab", "Session", Tier::Manual, None);
    /// # let definition = "session : int16";
    /// # let session =
    /// #     dj.declare_dynamic(DynamicDeclaration { schema, class_name, tier, master, definition }).await?;
    /// dj.transaction(async |transaction| {
    ///     session.insert_one(&mut *transaction, DynamicRow::new().with("session", 1)?).await?;
    ///     session.insert_one(&mut *transaction, DynamicRow::new().with("session", 2)?).await
    /// })
    /// .await?;
    /// assert_eq!(session.count(&dj).await?, 2);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn transaction<T, E, F>(&self, function: F) -> impl Future<Output = Result<T, E>>
    where
        F: AsyncFnOnce(&mut Transaction) -> Result<T, E>,
        E: From<Error>,
    {
        self.run(Purpose::Transaction(Location::caller()), function)
    }

    async fn run<T, E, F>(&self, purpose: Purpose, function: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut Transaction) -> Result<T, E>,
        E: From<Error>,
    {
        let mut transaction = self.begin_for(Access::Write, purpose).await?;
        let within = transaction.inner.within();
        match within.run(function(&mut transaction)).await {
            Ok(result) => {
                transaction.commit().await?;
                Ok(result)
            }
            Err(error) => {
                if let Err(failure) = transaction.rollback().await {
                    tracing::debug!(%failure, "the transaction was undone by ending its connection");
                }
                Err(error)
            }
        }
    }
}
