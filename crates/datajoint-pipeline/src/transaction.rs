//! Several statements as one.

use std::fmt;

use datajoint_sql::{Access, Statement};

use crate::typed::TableSpec;
use crate::{Error, Instance, Result, Target};

/// A transaction: queries and inserts that run in it see one state of the database, and last together or not at
/// all.
///
/// Take `&mut` of it wherever an [`Instance`] is taken. Dropped without [`commit`](Self::commit), it is undone.
pub struct Transaction {
    pub(crate) instance: Instance,
    pub(crate) inner: datajoint_adapters::Transaction,
    /// How many savepoints were set and not ended.
    savepoints: u32,
}

/// How often a transaction is tried again.
const RETRIES: u32 = 6;

impl Transaction {
    /// The instance that it belongs to.
    pub fn instance(&self) -> &Instance {
        &self.instance
    }

    /// Makes everything done in it last.
    ///
    /// Fails, and undoes everything, when a part of it was cancelled within a [`savepoint`](Self::savepoint).
    pub async fn commit(self) -> Result<()> {
        if self.savepoints > 0 {
            return Err(Error::CancelledPart);
        }
        Ok(self.inner.commit().await?)
    }

    /// Undoes everything done in it.
    pub async fn rollback(self) -> Result<()> {
        Ok(self.inner.rollback().await?)
    }

    /// Runs a part of the transaction; what it did stays if it gives `Ok`, and is undone if it gives an error, while the
    /// rest of the transaction goes on.
    ///
    /// Parts may lie within one another. One that is cancelled leaves a transaction that can't be committed any more.
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
    ///     session.insert1(&mut *transaction, row(1)?).await?;
    ///     let again = transaction.savepoint(async |part| session.insert1(part, row(1)?).await).await;
    ///     assert!(again.is_err());
    ///     session.insert1(&mut *transaction, row(2)?).await
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
        self.savepoints += 1;
        let name = format!("datajoint_{}", self.savepoints);
        let script = |words: &str| [Statement::plain(format!("{words} {name}"))];
        self.inner.script(&script("SAVEPOINT")).await.map_err(Error::from)?;
        let outcome = function(self).await;
        let end = match &outcome {
            Ok(_) => script("RELEASE SAVEPOINT"),
            Err(_) => script("ROLLBACK TO SAVEPOINT"),
        };
        let ended = self.inner.script(&end).await;
        match (outcome, ended) {
            (outcome, Ok(())) => {
                self.savepoints -= 1;
                outcome
            }
            // The whole transaction is gone: a deadlock, or a lost connection.
            (Err(error), Err(_)) => Err(error),
            (Ok(_), Err(error)) => Err(Error::from(error).into()),
        }
    }

    /// Fails unless tables of the program are active, or in the database: a transaction declares none.
    pub async fn check_declared(&mut self, specs: &[&'static TableSpec]) -> Result<()> {
        Target::from(self).ensure(specs).await
    }

    /// The connection to the database, for statements of one's own.
    pub fn connection(&mut self) -> &mut datajoint_adapters::Connection {
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
    pub async fn begin(&self) -> Result<Transaction> {
        self.begin_with(Access::Write).await
    }

    /// Begins a transaction that only reads, from one state of the database.
    pub async fn begin_read(&self) -> Result<Transaction> {
        self.begin_with(Access::Read).await
    }

    pub(crate) async fn begin_with(&self, access: Access) -> Result<Transaction> {
        Ok(Transaction { instance: self.clone(), inner: self.database().begin(access).await?, savepoints: 0 })
    }

    /// Runs a function in a transaction, and again in another one when the database refused that one because of what
    /// others did at the same time: a deadlock, or a change of what it had read.
    ///
    /// The function may run several times, so that it must do nothing but in the transaction that can't be done
    /// twice. Between two attempts there is a pause, longer each time. Gives the last error when none went well.
    pub async fn retry_transaction<T, F>(&self, mut function: F) -> Result<T>
    where
        F: AsyncFnMut(&mut Transaction) -> Result<T>,
    {
        let mut attempt = 0;
        loop {
            match self.transaction(&mut function).await {
                Err(error) if error.is_retryable() && attempt < RETRIES => {
                    attempt += 1;
                    tracing::debug!(%error, attempt, "the transaction is tried again");
                    tokio::time::sleep(pause(attempt)).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// Runs a function in a transaction; what it did lasts if it gives `Ok`, and is undone if it gives an error
    /// or is cancelled.
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
    ///     session.insert1(&mut *transaction, DynamicRow::new().with("session", 1)?).await?;
    ///     session.insert1(&mut *transaction, DynamicRow::new().with("session", 2)?).await
    /// })
    /// .await?;
    /// assert_eq!(session.count(&dj).await?, 2);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn transaction<T, E, F>(&self, function: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut Transaction) -> Result<T, E>,
        E: From<crate::Error>,
    {
        let mut transaction = self.begin().await?;
        match function(&mut transaction).await {
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

/// Twice as long each time, and not the same for all who wait.
fn pause(attempt: u32) -> std::time::Duration {
    use std::hash::{BuildHasher as _, RandomState};

    let chance = RandomState::new().hash_one(attempt) % 10;
    std::time::Duration::from_millis((5 << attempt) + chance)
}
