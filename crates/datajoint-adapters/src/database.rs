use std::sync::Arc;
use std::time::Duration;

use datajoint_definition::Backend;
use datajoint_sql::{Access, Statement, Value, begin, session_setup};
use futures_util::future::BoxFuture;

use crate::driver::Pool;
use crate::shelf::Shelf;
use crate::{ConnectOptions, Connection, Error, Result, Transaction};

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
    /// The folder of a temporary embedded database.
    _folder: Option<tempfile::TempDir>,
}

impl Database {
    /// Connects.
    ///
    /// Fails when the server is not reachable, refuses the user, or has no certificate that can be checked.
    pub fn connect(options: &ConnectOptions) -> BoxFuture<'_, Result<Self>> {
        Box::pin(Self::connect_to(options))
    }

    async fn connect_to(options: &ConnectOptions) -> Result<Self> {
        let mut options = options.clone();
        let mut folder = None;
        if options.backend == Backend::Sqlite && options.path.as_os_str() == ":memory:" {
            let temporary =
                tempfile::tempdir().map_err(|error| Error::Driver(Box::new(sqlx::Error::Io(error))))?;
            options.path = temporary.path().join("memory.sqlite");
            folder = Some(temporary);
        }
        let setup: Arc<[Statement]> = session_setup(options.backend, options.session).into();
        let pool = match options.backend {
            #[cfg(feature = "sqlite")]
            Backend::Sqlite => crate::sqlite::connect(&options, setup).await?,
            #[cfg(feature = "mysql")]
            Backend::Mysql | Backend::Mariadb => crate::mysql::connect(&options, setup).await?,
            #[cfg(feature = "postgres")]
            Backend::Postgresql => crate::postgres::connect(&options, setup).await?,
            #[cfg(not(feature = "sqlite"))]
            Backend::Sqlite => return Err(Error::NotBuilt("SQLite", "sqlite")),
            #[cfg(not(feature = "mysql"))]
            Backend::Mysql | Backend::Mariadb => return Err(Error::NotBuilt("MySQL and MariaDB", "mysql")),
            #[cfg(not(feature = "postgres"))]
            Backend::Postgresql => return Err(Error::NotBuilt("PostgreSQL", "postgres")),
        };
        let inner = Inner {
            backend: options.backend,
            version: String::new(),
            largest_statement: usize::MAX,
            shelf: Shelf::new(options.max_connections),
            pool,
            acquire_timeout: options.acquire_timeout,
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
            Backend::Postgresql => "SELECT current_setting('server_version'), 0",
        };
        let mut rows = self.acquire().await?.fetch(&Statement::plain(question)).await?;
        let Some(inner) = Arc::get_mut(&mut self.inner) else { return Ok(()) };
        if let Some([Value::Text(version), limit]) = rows.first_mut().map(Vec::as_mut_slice) {
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

    /// A connection of the pool.
    pub fn acquire(&self) -> BoxFuture<'_, Result<Connection>> {
        Box::pin(self.lease())
    }

    async fn lease(&self) -> Result<Connection> {
        let Inner { backend, largest_statement, pool, shelf, acquire_timeout, .. } = &*self.inner;
        let permit = shelf.permit(*acquire_timeout).await?;
        let driver = match shelf.take() {
            Some(driver) => driver,
            None => pool.acquire().await?,
        };
        Ok(Connection::new(*backend, driver, *largest_statement, Arc::clone(shelf), permit))
    }

    /// A transaction that sees one state of the database.
    pub fn begin(&self, access: Access) -> BoxFuture<'_, Result<Transaction>> {
        Box::pin(
            async move { Transaction::begin(self.acquire().await?, begin(self.inner.backend, access)).await },
        )
    }

    /// Ends all connections, after those in use are given back.
    pub fn close(&self) -> BoxFuture<'_, ()> {
        self.inner.shelf.close();
        self.inner.pool.close()
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Database({} {})", self.inner.backend, self.inner.version)
    }
}
