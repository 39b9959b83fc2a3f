//! A client of one database.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use datajoint_adapters::Database;
use datajoint_codec::Codecs;
use datajoint_config::Settings;
use datajoint_definition::Backend;
use datajoint_guard::{Action, Ask, Policy, Stamp, Terminal};
use datajoint_schema::{Table, TableName};
use datajoint_store::Stores;
use futures_util::future::BoxFuture;

use crate::audit::Audited;
use crate::executor::carried;
use crate::typed::TableSpec;
use crate::{Error, Result};

use connect::Opening;
pub(crate) use lacking::Lacking;
pub use read_only::ReadOnly;
pub use stamps::FoundStamp;

mod connect;
mod facts;
mod guard;
mod lacking;
mod read_only;
mod resolve;
mod stamps;

/// A client of one database: settings, a pool of connections, and what is known of the tables.
///
/// Clones share all of it; there is nothing that instances share among them.
///
/// ```no_run
/// # async fn example() -> datajoint_pipeline::Result<()> {
/// use datajoint_config::Settings;
/// use datajoint_pipeline::Instance;
///
/// let dj = Instance::connect(Settings::load()?).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Instance {
    inner: Arc<Inner>,
}

struct Inner {
    given: Given,
    database: Database,
    tables: RwLock<HashMap<usize, Known>>,
    /// One activation at a time.
    activation: tokio::sync::Mutex<()>,
    policy: Policy,
    /// What was read of foreign keys that carry updates of a table on, and when.
    carried: carried::Known,
    /// What schemas say of themselves, as far as they were read.
    stamps: RwLock<BTreeMap<String, Stamp>>,
    /// Which schemas can have changes noted.
    audited: Audited,
}

/// What the program gave.
#[derive(Clone)]
struct Given {
    settings: Settings,
    /// Stands before the name of every schema of the program.
    prefix: Prefix,
    /// The schemas in which tables may be declared whatever the settings say.
    may_declare: Vec<String>,
    /// Who is asked about what would go.
    ask: Arc<dyn Ask>,
    codecs: Arc<Codecs>,
    /// The stores of the settings.
    stores: Arc<Stores>,
}

/// What stands before the names of schemas.
#[derive(Clone)]
struct Prefix {
    text: String,
    /// True for that of the settings: a name that begins with it has it already.
    stands_once: bool,
}

/// A table of the program as the instance knows it.
#[derive(Clone)]
struct Known {
    table: Arc<Table>,
    /// True when it is in the database.
    is_active: bool,
    /// What the one in the database lacks.
    lacks: Option<Lacking>,
}

impl Instance {
    /// Connects to the database of the settings. Without any, that is a file of the embedded one.
    ///
    /// Fails when the database can't be reached.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves no connection; a file of an embedded database that was made stays.
    pub fn connect(settings: Settings) -> BoxFuture<'static, Result<Self>> {
        Box::pin(Self::open(settings, Opening::Usual))
    }

    /// Connects to the database of the settings as [`connect`](Self::connect) does, and makes no file for an embedded one:
    /// for programs that look at what is there.
    ///
    /// Fails when the database can't be reached, or its file is not there.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves no connection.
    pub fn connect_existing(settings: Settings) -> BoxFuture<'static, Result<Self>> {
        Box::pin(Self::open(settings, Opening::Existing))
    }

    async fn open(settings: Settings, opening: Opening) -> Result<Self> {
        let database = connect::connect(&settings, opening).await?;
        let prefix = Prefix { text: settings.database.database_prefix.clone(), stands_once: true };
        let stores = Arc::new(Stores::new(&settings.stores));
        let (ask, codecs) = (Arc::new(Terminal), Arc::default());
        Ok(Self::new(Given { settings, prefix, may_declare: Vec::new(), ask, codecs, stores }, database))
    }

    /// The same database with other settings. Those of the connection stay as they were.
    ///
    /// What is known of the tables is not shared.
    ///
    /// ```
    /// # use datajoint_config::Settings;
    /// # use datajoint_pipeline::Instance;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> datajoint_pipeline::Result<()> {
    /// # let dj = Instance::connect(Settings::embedded(":memory:")).await?;
    /// let automatic = dj.with_settings(|settings| settings.safemode = false);
    /// # assert!(dj.settings().safemode && !automatic.settings().safemode);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_settings(&self, change: impl FnOnce(&mut Settings)) -> Self {
        self.like(|given| {
            change(&mut given.settings);
            if given.prefix.stands_once {
                given.prefix.text.clone_from(&given.settings.database.database_prefix);
            }
            given.stores = Arc::new(Stores::new(&given.settings.stores));
        })
    }

    /// The same database with other codecs: the [standard ones](Codecs::standard) with those of the program.
    ///
    /// What is known of the tables is not shared.
    ///
    /// ```
    /// # use datajoint_codec::Codecs;
    /// # use datajoint_pipeline::Instance;
    /// # fn example<C: datajoint_codec::Codec>(dj: &Instance, mirrored: C) {
    /// let dj = dj.with_codecs(Codecs::standard().with(mirrored));
    /// # }
    /// ```
    #[must_use]
    pub fn with_codecs(&self, codecs: Codecs) -> Self {
        self.like(|given| given.codecs = Arc::new(codecs))
    }

    /// The same database, where somebody else than the person at the terminal is asked about what would go.
    ///
    /// What is known of the tables is not shared.
    #[must_use]
    pub fn with_ask(&self, ask: Arc<dyn Ask>) -> Self {
        self.like(|given| given.ask = ask)
    }

    /// The same database with another prefix before the name of every schema of the program than
    /// `database.database_prefix`: `"test_"` makes `test_session` of `schema!("session")`.
    ///
    /// What is known of the tables is not shared.
    #[must_use]
    pub fn with_schema_prefix(&self, prefix: impl Into<String>) -> Self {
        self.like(|given| given.prefix = Prefix { text: prefix.into(), stands_once: false })
    }

    /// The same database, where tables of these schemas may be declared though `database.create_tables` is off.
    ///
    /// The schemas are named as in `schema!`. What is known of the tables is not shared.
    #[must_use]
    pub fn with_create_tables<S: Into<String>>(&self, schemas: impl IntoIterator<Item = S>) -> Self {
        let schemas = schemas.into_iter().map(|schema| self.schema_name(&schema.into())).collect();
        self.like(|given| given.may_declare = schemas)
    }

    /// The same database with something else given.
    fn like(&self, change: impl FnOnce(&mut Given)) -> Self {
        let mut given = self.inner.given.clone();
        change(&mut given);
        Self::new(given, self.inner.database.clone())
    }

    fn new(given: Given, database: Database) -> Self {
        let inner = Inner {
            policy: Policy::of(&given.settings),
            given,
            database,
            tables: RwLock::default(),
            activation: tokio::sync::Mutex::default(),
            carried: RwLock::default(),
            stamps: RwLock::default(),
            audited: Audited::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The settings it was made with.
    pub fn settings(&self) -> &Settings {
        &self.inner.given.settings
    }

    /// The stores of its settings.
    pub fn stores(&self) -> &Stores {
        &self.inner.given.stores
    }

    /// The codecs that it knows.
    pub fn codecs(&self) -> &Codecs {
        &self.inner.given.codecs
    }

    /// Codecs and stores, for those who outlive the instance.
    pub(crate) fn shared_codecs(&self) -> (Arc<Codecs>, Arc<Stores>) {
        (Arc::clone(&self.inner.given.codecs), Arc::clone(&self.inner.given.stores))
    }

    /// The pool of connections, for the crates above this one.
    #[doc(hidden)]
    pub fn database(&self) -> &Database {
        &self.inner.database
    }

    /// What was read of foreign keys that carry updates on.
    pub(crate) fn carried(&self) -> &carried::Known {
        &self.inner.carried
    }

    /// What is known of tables in which changes are noted.
    pub(crate) fn audited(&self) -> &Audited {
        &self.inner.audited
    }

    /// The kind of database.
    pub fn backend(&self) -> Backend {
        self.inner.database.backend()
    }

    /// The name in the database of a schema of the program.
    ///
    /// One that has the prefix of the settings already stays as it is, if the prefix shows where it ends: a name that
    /// begins with `lab_` has it, and one that begins with `lab` need not.
    pub fn schema_name(&self, schema: &str) -> String {
        let Prefix { text, stands_once } = &self.inner.given.prefix;
        if *stands_once { datajoint_config::schema_name(text, schema) } else { format!("{text}{schema}") }
    }

    /// The names of all schemas in the database.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing.
    pub async fn list_schemas(&self) -> Result<Vec<String>> {
        crate::Target::from(self).schemas().await
    }

    /// Ends all connections, after those in use are given back.
    ///
    /// It waits for these half a minute, as long as one that is needed is waited for. What is in use then is a warning in the
    /// log, with the file and the line where each transaction or stream began, and ends when it is given back.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, connections that were not ended yet end by themselves.
    pub async fn close(&self) {
        if let Err(error) = self.inner.database.close().await {
            tracing::warn!(%error, "the database is left before everything in it has ended");
        }
    }

    /// A table of the program as it is in the database, or would be declared.
    ///
    /// Fails for a definition with faults.
    pub fn resolve(&self, spec: &'static TableSpec) -> Result<Arc<Table>> {
        let place = place(spec);
        if let Some(known) = self.inner.tables.read().unwrap_or_else(PoisonError::into_inner).get(&place) {
            return Ok(Arc::clone(&known.table));
        }
        let table = Arc::new(resolve::resolve(self, spec)?);
        let mut tables = self.inner.tables.write().unwrap_or_else(PoisonError::into_inner);
        let known = tables.entry(place).or_insert(Known { table, is_active: false, lacks: None });
        Ok(Arc::clone(&known.table))
    }

    /// True when a table of the program was activated.
    pub(crate) fn is_active(&self, spec: &'static TableSpec) -> bool {
        let tables = self.inner.tables.read().unwrap_or_else(PoisonError::into_inner);
        tables.get(&place(spec)).is_some_and(|known| known.is_active)
    }

    /// Keeps how a table is in the database.
    pub(crate) fn set_active(&self, spec: &'static TableSpec, table: Arc<Table>, lacks: Option<Lacking>) {
        let mut tables = self.inner.tables.write().unwrap_or_else(PoisonError::into_inner);
        tables.insert(place(spec), Known { table, is_active: true, lacks });
    }

    /// Forgets tables that are no longer in the database.
    pub(crate) fn forget(&self, dropped: &[TableName]) {
        for name in dropped.iter().filter(|name| **name == TableName::audit(&name.schema)) {
            self.forget_audit(&name.schema);
        }
        let mut tables = self.inner.tables.write().unwrap_or_else(PoisonError::into_inner);
        tables.retain(|_, known| !dropped.contains(&known.table.name));
    }

    pub(crate) fn activation_lock(&self) -> &tokio::sync::Mutex<()> {
        &self.inner.activation
    }

    /// True when tables of a schema, named as in the database, may be declared and filled with contents; by what was
    /// read of its stamp last.
    pub(crate) fn may_declare(&self, schema: &str) -> bool {
        self.check_environment(Action::Declare, [schema]).is_ok() && self.is_allowed(schema)
    }

    /// True when the settings let something be created in a schema.
    pub(crate) fn is_allowed(&self, schema: &str) -> bool {
        self.inner.given.settings.database.create_tables
            || self.inner.given.may_declare.iter().any(|may| may == schema)
    }

    /// Fails where the settings or stamps, which are read anew, forbid to declare.
    pub(crate) async fn check_may_declare(&self, tables: &[TableName]) -> Result<()> {
        if let Some(table) =
            tables.iter().find(|table| datajoint_sql::is_system_schema(self.backend(), &table.schema))
        {
            return Err(Error::SystemSchema { schema: table.schema.clone() });
        }
        let forbidden: Vec<TableName> =
            tables.iter().filter(|table| !self.is_allowed(&table.schema)).cloned().collect();
        if forbidden.is_empty() {
            let schemas = tables.iter().map(|table| table.schema.as_str());
            return crate::Target::from(self).check_stamps(Action::Declare, schemas).await;
        }
        let origin = self.inner.given.settings.origin("database.create_tables").to_string();
        Err(Error::NotDeclared { tables: forbidden, origin })
    }
}

/// A spec is a constant of the program, so that its place tells it from all others.
fn place(spec: &'static TableSpec) -> usize {
    std::ptr::from_ref(spec).addr()
}

impl AsRef<Stores> for Instance {
    fn as_ref(&self) -> &Stores {
        self.stores()
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Instance({:?})", self.inner.database)
    }
}
