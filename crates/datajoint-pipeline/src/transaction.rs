//! Several statements as one.

use std::fmt;

use datajoint_sql::Access;

use crate::typed::TableSpec;
use crate::{Instance, Result, Target};

/// A transaction: queries and inserts that run in it see one state of the database, and last together or not at
/// all.
///
/// Take `&mut` of it wherever an [`Instance`] is taken. Dropped without [`commit`](Self::commit), it is undone.
pub struct Transaction {
    pub(crate) instance: Instance,
    pub(crate) inner: datajoint_adapters::Transaction,
}

impl Transaction {
    /// The instance that it belongs to.
    pub fn instance(&self) -> &Instance {
        &self.instance
    }

    /// Makes everything done in it last.
    pub async fn commit(self) -> Result<()> {
        Ok(self.inner.commit().await?)
    }

    /// Undoes everything done in it.
    pub async fn rollback(self) -> Result<()> {
        Ok(self.inner.rollback().await?)
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
        Ok(Transaction { instance: self.clone(), inner: self.database().begin(access).await? })
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
