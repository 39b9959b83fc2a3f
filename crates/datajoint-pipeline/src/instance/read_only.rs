//! A client that can't change anything.

use datajoint_config::Settings;
use futures_util::future::BoxFuture;

use super::Instance;
use super::connect::{self, Opening};
use crate::{DynamicTable, Result, Schema, Target};

/// A client of one database that reads and can't write: it takes the verbs that fetch, and none that insert, update,
/// delete or declare, and the server refuses to write on its connections.
///
/// ```
/// # use datajoint_config::Settings;
/// use datajoint_pipeline::ReadOnly;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> datajoint_pipeline::Result<()> {
/// let dj = ReadOnly::connect(Settings::embedded(":memory:")).await?;
/// assert!(dj.list_schemas().await?.is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ReadOnly {
    instance: Instance,
}

impl ReadOnly {
    /// Connects to the database of the settings.
    ///
    /// Fails when it can't be reached.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing.
    pub fn connect(mut settings: Settings) -> BoxFuture<'static, Result<Self>> {
        Box::pin(async {
            // What is missing is an error, and not to be declared.
            settings.database.create_tables = false;
            let instance = Instance::open(settings, Opening::ReadOnly).await?;
            Ok(Self { instance })
        })
    }

    /// The settings it was made with.
    pub fn settings(&self) -> &Settings {
        self.instance.settings()
    }

    /// The database, as people know it.
    pub fn place(&self) -> String {
        connect::place(self.settings(), self.instance.backend())
    }

    /// The names of all schemas in the database.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing.
    pub async fn list_schemas(&self) -> Result<Vec<String>> {
        self.instance.list_schemas().await
    }

    /// A schema as it is in the database; see [`Instance::schema`].
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing.
    pub async fn schema(&self, name: &str) -> Result<Schema> {
        self.instance.schema(name).await
    }

    /// A table as it is in the database; see [`Instance::table`].
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing.
    pub async fn table(&self, name: &str) -> Result<DynamicTable> {
        self.instance.table(name).await
    }

    /// Ends all connections, after those in use are given back, as [`Instance::close`] does.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, connections that were not ended yet end by themselves.
    pub async fn close(&self) {
        self.instance.close().await;
    }
}

impl<'a> From<&'a ReadOnly> for Target<'a> {
    fn from(dj: &'a ReadOnly) -> Self {
        Self::from(&dj.instance)
    }
}
