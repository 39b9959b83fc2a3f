use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use datajoint_definition::Backend;
use datajoint_sql::{Access, Statement, Value, session_setup};
use futures_util::future::BoxFuture;

use crate::doubts::Doubts;
use crate::driver::{Hear, Pool};
use crate::listener::Listeners;
use crate::news::News;
use crate::setup::Setup;
use crate::shelf::Shelf;
use crate::writers::Writers;
use crate::{BulkInsert, ConnectOptions, Connection, Error, InsertPlan, Purpose, Result, Transaction};

/// A pool of connections to one server or file. Clones share it.
#[derive(Clone)]
pub struct Database {
    inner: Arc<Inner>,
}

struct Inner {
    backend: Backend,
    version: String,
    largest_statement: usize,
    shelf: Arc<Shelf>,
    pool: Box<dyn Pool>,
    acquire_timeout: Duration,
    most_connections: u32,
    news: News,
    listeners: Listeners,
    /// The folder of a temporary embedded database.
    _folder: Option<tempfile::TempDir>,
}

impl Database {
    /// Returns how many statements were sent by its connections since it was connected; those that set up and check a
    /// connection, and begin and end a transaction within another statement, are not counted.
    pub fn statements(&self) -> u64 {
        self.inner.shelf.sent()
    }

    /// Connects.
    ///
    /// Fails when the server is not reachable, refuses the user, or has no certificate that can be checked.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing.
    pub fn connect(options: &ConnectOptions) -> BoxFuture<'_, Result<Self>> {
        Box::pin(Self::connect_to(options))
    }

    async fn connect_to(options: &ConnectOptions) -> Result<Self> {
        let mut options = options.clone();
        let mut folder = None;
        if options.backend.capability().is_embedded && options.path.as_os_str() == ":memory:" {
            let temporary = tempfile::tempdir().map_err(|error| Error::from(sqlx::Error::Io(error)))?;
            options.path = temporary.path().join("memory.sqlite");
            folder = Some(temporary);
        }
        let setup = Setup::new(session_setup(options.backend, options.session));
        let doubts = Arc::new(Doubts::new(&options));
        let pool: Box<dyn Pool> = match options.backend {
            #[cfg(feature = "sqlite")]
            Backend::Sqlite => crate::sqlite::connect(&options, setup, Arc::clone(&doubts)).await?,
            #[cfg(feature = "mysql")]
            Backend::Mysql | Backend::Mariadb => {
                crate::mysql::connect(&options, setup, Arc::clone(&doubts)).await?
            }
            #[cfg(feature = "postgres")]
            Backend::Postgresql => crate::postgres::connect(&options, setup, Arc::clone(&doubts)).await?,
            #[cfg(not(feature = "sqlite"))]
            Backend::Sqlite => return Err(Error::NotBuilt("SQLite", "sqlite")),
            #[cfg(not(feature = "mysql"))]
            Backend::Mysql | Backend::Mariadb => return Err(Error::NotBuilt("MySQL and MariaDB", "mysql")),
            #[cfg(not(feature = "postgres"))]
            Backend::Postgresql => return Err(Error::NotBuilt("PostgreSQL", "postgres")),
        };
        let writes_alone = options.backend == Backend::Sqlite && !options.session.is_read_only;
        let patience = options.session.lock_patience();
        let writers = writes_alone.then(|| Writers::of(&options.path, patience));
        let inner = Inner {
            backend: options.backend,
            version: String::new(),
            largest_statement: usize::MAX,
            shelf: Shelf::new(options.max_connections, pool.server(), writers, doubts),
            pool,
            acquire_timeout: options.acquire_timeout,
            most_connections: options.max_connections,
            news: News::default(),
            listeners: Listeners::default(),
            _folder: folder,
        };
        let mut database = Self { inner: Arc::new(inner) };
        database.ask_server().await?;
        Ok(database)
    }

    /// The version of the server, and what it takes.
    async fn ask_server(&mut self) -> Result<()> {
        let question = match self.inner.backend {
            Backend::Sqlite => "SELECT sqlite_version(), 0",
            Backend::Mysql | Backend::Mariadb => "SELECT version(), @@max_allowed_packet",
            Backend::Postgresql => "SELECT pg_catalog.current_setting('server_version'), 0",
        };
        let mut rows = self.acquire().await?.fetch(&Statement::plain(question)).await?;
        let Some(inner) = Arc::get_mut(&mut self.inner) else { return Ok(()) };
        let answer = rows.first_mut().map(Vec::as_mut_slice);
        // What the server is depends on it: MariaDB would be taken for MySQL.
        let Some([Value::Text(version), limit]) = answer else {
            let source = format!("the version of the server was asked for, and the answer was {answer:?}");
            return Err(Error::UnreadableValue { column: "0".to_owned(), source: source.into() });
        };
        {
            inner.version = std::mem::take(version);
            if inner.version.contains("MariaDB") {
                inner.backend = Backend::Mariadb;
            }
            if let Value::Int(limit @ 1..) = limit {
                inner.largest_statement = usize::try_from(*limit).unwrap_or(usize::MAX);
            } else if let Value::UInt(limit @ 1..) = limit {
                inner.largest_statement = usize::try_from(*limit).unwrap_or(usize::MAX);
            }
        }
        Ok(())
    }

    /// The kind of database; MariaDB is told apart from MySQL.
    pub fn backend(&self) -> Backend {
        self.inner.backend
    }

    /// The version as the server says it.
    pub fn server_version(&self) -> &str {
        &self.inner.version
    }

    /// How many connections there can be.
    pub(crate) fn most_connections(&self) -> u32 {
        self.inner.most_connections
    }

    pub(crate) fn news(&self) -> &News {
        &self.inner.news
    }

    pub(crate) fn listeners(&self) -> &Listeners {
        &self.inner.listeners
    }

    /// Returns what gives the same again as long as somebody has it.
    pub(crate) fn downgrade(&self) -> impl Fn() -> Option<Self> + Send + use<> {
        let inner = Arc::downgrade(&self.inner);
        move || inner.upgrade().map(|inner| Self { inner })
    }

    /// Listens, with one of the connections, until that is lost.
    pub(crate) async fn hear(&self, hear: &mut Hear<'_>) -> Result<()> {
        let Some(listen) = datajoint_sql::listen(self.inner.backend) else { return Ok(()) };
        let Inner { pool, shelf, acquire_timeout, .. } = &*self.inner;
        let _held = shelf.permit(*acquire_timeout, Purpose::Listening).await?;
        pool.listen(&listen.sql, hear).await
    }

    pub(crate) fn largest_statement(&self) -> usize {
        self.inner.largest_statement
    }

    /// Plans how rows are inserted: in which statements, and whether these need a transaction.
    ///
    /// Fails, before anything is sent, for columns that the table lacks, and for a row that is larger than the server takes.
    pub fn plan_insert<'a>(&self, insert: BulkInsert<'a>) -> Result<InsertPlan<'a>> {
        InsertPlan::new(self.inner.backend, self.inner.largest_statement, insert)
    }

    /// True when the session behind a connection may be another for each transaction, as behind PgBouncer in
    /// transaction mode.
    ///
    /// Every statement is then in a transaction, its own if there is no other, and none stays prepared: all verbs work,
    /// in more turns to the server.
    pub fn shares_sessions(&self) -> bool {
        self.inner.pool.shares_sessions()
    }

    /// Returns a connection of the pool.
    ///
    /// Fails with [`Error::AcquireTimeout`], which says who has them, when none is free for long.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing.
    #[track_caller]
    pub fn acquire(&self) -> BoxFuture<'_, Result<Connection>> {
        self.acquire_for(Purpose::Session(Location::caller()))
    }

    /// The same, with what it is for, which others are told who wait for one.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing.
    pub fn acquire_for(&self, purpose: Purpose) -> BoxFuture<'_, Result<Connection>> {
        Box::pin(self.lease(purpose))
    }

    async fn lease(&self, purpose: Purpose) -> Result<Connection> {
        let Inner { backend, pool, shelf, acquire_timeout, .. } = &*self.inner;
        let held = shelf.permit(*acquire_timeout, purpose).await?;
        let driver = match shelf.take() {
            Some(driver) => (driver, false),
            None => (pool.acquire().await?, true),
        };
        Ok(Connection::new(*backend, driver, Arc::clone(shelf), held))
    }

    /// Begins a transaction that sees one state of the database.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves no transaction.
    #[track_caller]
    pub fn begin(&self, access: Access) -> BoxFuture<'_, Result<Transaction>> {
        self.begin_for(access, Purpose::Transaction(Location::caller()))
    }

    /// The same, with what it is for, which others are told who wait for a connection.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves no transaction.
    pub fn begin_for(&self, access: Access, purpose: Purpose) -> BoxFuture<'_, Result<Transaction>> {
        Box::pin(async move { Transaction::begin(self.lease(purpose).await?, access).await })
    }

    /// Ends all connections, after those in use are given back.
    ///
    /// Fails with [`Error::StillInUse`], which says who has them, when some are in use for as long as another one would be
    /// waited for. These end when they are given back.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, connections that were not ended yet end by themselves.
    pub async fn close(&self) -> Result<()> {
        let Inner { pool, shelf, listeners, acquire_timeout, .. } = &*self.inner;
        shelf.close();
        listeners.end();
        let is_closed = tokio::time::timeout(*acquire_timeout, pool.close()).await.is_ok();
        if is_closed { Ok(()) } else { Err(shelf.still_in_use(*acquire_timeout)) }
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Database({} {})", self.inner.backend, self.inner.version)
    }
}
