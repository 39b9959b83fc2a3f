//! Locks that are rows: where the server's own hold on one node only (Galera), or where it has none (SQLite).
//!
//! A row says who has the lock and until when, by the server's clock. Who has it renews it; what is not renewed is
//! anybody's, so that a holder that died keeps nobody out for long.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use datajoint_definition::Backend;
use datajoint_sql::{Statement, Value, placeholder, quote_identifier};
use tokio::task::AbortHandle;

use crate::{Connection, Database, Error, Result, RetryPolicy};

/// The hidden table of the rows.
pub(super) const TABLE: &str = "~lock";

/// After how many seconds a lock that is not renewed is anybody's.
const SECONDS: u32 = 60;

/// How often rows are renewed beside what their holder does.
const RENEWAL: Duration = Duration::from_secs(10);

/// Rows that one holder has.
#[derive(Debug, Clone)]
pub(super) struct Lease {
    backend: Backend,
    /// The name of the lock, and the schema in which its row is; none on SQLite.
    rows: Vec<(String, Option<String>)>,
    /// Tells this holder from all others, its own earlier ones included.
    token: String,
}

impl Lease {
    pub(super) fn new(backend: Backend, rows: Vec<(String, Option<String>)>) -> Self {
        Self { backend, rows, token: uuid::Uuid::new_v4().to_string() }
    }

    /// Tries to take all rows. Gives the name and the holder of the first that is not free; then none is taken.
    pub(super) async fn try_take(&self, connection: &mut Connection) -> Result<Option<(String, String)>> {
        for (name, schema) in &self.rows {
            if let Some(holder) = self.try_one(connection, name, schema.as_deref()).await? {
                self.release(connection).await?;
                return Ok(Some((name.clone(), holder)));
            }
        }
        Ok(None)
    }

    /// Takes all rows, waiting for them at most so long.
    pub(super) async fn wait(&self, connection: &mut Connection, timeout: Duration) -> Result<()> {
        let start = Instant::now();
        let mut backoff = RetryPolicy::LOCK.start();
        while let Some((name, holder)) = self.try_take(connection).await? {
            if start.elapsed() > timeout {
                return Err(Error::LockTimeout { name, holder });
            }
            backoff.again().await;
        }
        Ok(())
    }

    /// Tries to take one row; gives its holder when that is another.
    async fn try_one(
        &self,
        connection: &mut Connection,
        name: &str,
        schema: Option<&str>,
    ) -> Result<Option<String>> {
        let table = self.table(schema);
        let now = self.now();
        let [one, two, three] = [1, 2, 3].map(|number| placeholder(self.backend, number));
        let sql = match self.backend {
            Backend::Sqlite => format!(
                "INSERT INTO {table} (name, token, holder, expires) VALUES ({one}, {two}, {three}, {now} + {SECONDS}) \
                 ON CONFLICT (name) DO UPDATE SET token = excluded.token, holder = excluded.holder, \
                 expires = excluded.expires WHERE expires < {now}"
            ),
            // Each assignment sees those before it.
            Backend::Mysql | Backend::Mariadb | Backend::Postgresql => format!(
                "INSERT INTO {table} (name, token, holder, expires) VALUES ({one}, {two}, {three}, {now} + {SECONDS}) \
                 ON DUPLICATE KEY UPDATE holder = IF(expires < {now}, VALUES(holder), holder), \
                 token = IF(expires < {now}, VALUES(token), token), \
                 expires = IF(token = VALUES(token), VALUES(expires), expires)"
            ),
        };
        let take = Statement {
            sql,
            parameters: vec![text(name), text(&self.token), text(&holder())],
            ..Statement::default()
        };
        if let Err(error) = self.patiently(connection, &take).await {
            if !error.is_missing_table() {
                return Err(error);
            }
            connection.script(&[Statement::plain(self.create(&table))]).await?;
            self.patiently(connection, &take).await?;
        }
        let sql = format!("SELECT token, holder FROM {table} WHERE name = {one}");
        let rows = connection
            .fetch(&Statement { sql, parameters: vec![text(name)], ..Statement::default() })
            .await?;
        Ok(match rows.first().map(Vec::as_slice) {
            Some([Value::Text(token), _]) if *token == self.token => None,
            Some([_, Value::Text(holder)]) => Some(holder.clone()),
            _ => Some("another session".to_owned()),
        })
    }

    /// Keeps the rows for longer; false when one is not this holder's any more.
    pub(super) async fn renew(&self, connection: &mut Connection) -> Result<bool> {
        let [one, two] = [1, 2].map(|number| placeholder(self.backend, number));
        for (name, schema) in &self.rows {
            let sql = format!(
                "UPDATE {} SET expires = {} + {SECONDS} WHERE name = {one} AND token = {two}",
                self.table(schema.as_deref()),
                self.now()
            );
            let renew =
                Statement { sql, parameters: vec![text(name), text(&self.token)], ..Statement::default() };
            match self.patiently(connection, &renew).await {
                Ok(1) => {}
                Ok(_) => return Ok(false),
                // Who holds it has dropped the schema.
                Err(error) if error.is_gone() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// Gives the rows back; those that are not this holder's stay.
    pub(super) async fn release(&self, connection: &mut Connection) -> Result<()> {
        let [one, two] = [1, 2].map(|number| placeholder(self.backend, number));
        for (name, schema) in &self.rows {
            let table = self.table(schema.as_deref());
            let sql = format!("DELETE FROM {table} WHERE name = {one} AND token = {two}");
            let release =
                Statement { sql, parameters: vec![text(name), text(&self.token)], ..Statement::default() };
            match self.patiently(connection, &release).await {
                // Rows behind the one that was not free are not there yet; a schema may have been dropped.
                Err(error) if error.is_gone() => {}
                outcome => drop(outcome?),
            }
        }
        Ok(())
    }

    /// Runs a statement, again where another node of the cluster wrote the row at the same time.
    async fn patiently(&self, connection: &mut Connection, statement: &Statement) -> Result<u64> {
        let mut backoff = RetryPolicy::CONFLICT.start();
        loop {
            match connection.execute(statement).await {
                Err(error) if error.is_rolled_back() && backoff.again().await => {}
                outcome => return outcome,
            }
        }
    }

    fn table(&self, schema: Option<&str>) -> String {
        let quote = |name| quote_identifier(self.backend, name);
        match schema {
            Some(schema) => format!("{}.{}", quote(schema), quote(TABLE)),
            None => quote(TABLE),
        }
    }

    fn create(&self, table: &str) -> String {
        match self.backend {
            Backend::Sqlite => format!(
                "CREATE TABLE IF NOT EXISTS {table} (name TEXT NOT NULL PRIMARY KEY, token TEXT NOT NULL, \
                 holder TEXT NOT NULL, expires INTEGER NOT NULL) STRICT, WITHOUT ROWID"
            ),
            Backend::Mysql | Backend::Mariadb | Backend::Postgresql => format!(
                "CREATE TABLE IF NOT EXISTS {table} (name varchar(191) NOT NULL PRIMARY KEY, token char(36) NOT NULL, \
                 holder varchar(255) NOT NULL, expires bigint NOT NULL) ENGINE = InnoDB"
            ),
        }
    }

    /// The seconds since 1970, by the server's clock.
    fn now(&self) -> &'static str {
        match self.backend {
            Backend::Sqlite => "unixepoch()",
            Backend::Mysql | Backend::Mariadb | Backend::Postgresql => "UNIX_TIMESTAMP()",
        }
    }
}

/// Rows that are given back when this is dropped, also by a cancelled future.
#[derive(Debug)]
pub(super) struct Held {
    database: Database,
    lease: Lease,
    is_ours: bool,
    /// Since when they are surely this holder's; none once they are not.
    renewed: Arc<Mutex<Option<Instant>>>,
    keeper: Option<AbortHandle>,
}

impl Held {
    /// Takes the rows of a lease on a connection, waiting for them at most so long.
    pub(super) async fn wait(
        database: &Database,
        connection: &mut Connection,
        rows: Vec<(String, Option<String>)>,
        timeout: Duration,
    ) -> Result<Self> {
        let lease = Lease::new(connection.backend(), rows);
        let (renewed, keeper) = (Arc::new(Mutex::new(Some(Instant::now()))), None);
        let mut held = Self { database: database.clone(), lease, is_ours: true, renewed, keeper };
        let outcome = held.lease.wait(connection, timeout).await;
        // Who waited in vain has given back what it took; who failed in between may have some of the rows.
        held.is_ours = !matches!(outcome, Err(Error::LockTimeout { .. }));
        outcome.map(|()| held)
    }

    /// Renews them for as long as they are held, on other connections: what their holder does may take longer than they
    /// last, or lock tables, below which its connection reaches no others.
    pub(super) fn keep(&mut self) {
        let (database, lease, renewed) =
            (self.database.clone(), self.lease.clone(), Arc::clone(&self.renewed));
        let keeping = async move {
            loop {
                tokio::time::sleep(RENEWAL).await;
                let begin = Instant::now();
                let outcome = async { lease.renew(&mut database.acquire().await?).await };
                match outcome.await {
                    Ok(is_held) => {
                        note(&renewed, is_held.then_some(begin));
                        if !is_held {
                            return;
                        }
                    }
                    Err(error) => tracing::debug!(%error, "a lock could not be renewed; trying again"),
                }
            }
        };
        self.keeper = Some(tokio::spawn(keeping).abort_handle());
    }

    /// Fails when a row is not this holder's any more. Keeps them for longer.
    pub(super) async fn check(&self, connection: &mut Connection) -> Result<()> {
        let begin = Instant::now();
        match self.lease.renew(connection).await {
            Ok(true) => {
                note(&self.renewed, Some(begin));
                Ok(())
            }
            // Below locks of tables the connection reaches no other one.
            Err(_) if self.is_surely_held() => Ok(()),
            Ok(false) | Err(_) => {
                let name = self.lease.rows.first().map(|(name, _)| name.clone()).unwrap_or_default();
                Err(Error::LockLost { name })
            }
        }
    }

    /// True while nobody can have taken them over, by what was renewed beside.
    fn is_surely_held(&self) -> bool {
        let renewed = *self.renewed.lock().unwrap_or_else(PoisonError::into_inner);
        renewed.is_some_and(|renewed| renewed.elapsed() + RENEWAL < Duration::from_secs(SECONDS.into()))
    }

    pub(super) const fn lease(&self) -> &Lease {
        &self.lease
    }

    /// Gives the rows back.
    pub(super) async fn release(mut self, connection: &mut Connection) -> Result<()> {
        self.stop_keeping();
        self.lease.release(connection).await?;
        self.is_ours = false;
        Ok(())
    }

    fn stop_keeping(&mut self) {
        if let Some(keeper) = self.keeper.take() {
            keeper.abort();
        }
    }

    /// The pool.
    pub(super) const fn database(&self) -> &Database {
        &self.database
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.stop_keeping();
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if !self.is_ours {
            return;
        }
        let (database, lease) = (self.database.clone(), self.lease.clone());
        runtime.spawn(async move {
            // What was on its way when this was dropped may arrive after the first.
            for pause in [Duration::ZERO, Duration::from_millis(500)] {
                tokio::time::sleep(pause).await;
                let outcome = async { lease.release(&mut database.acquire().await?).await };
                if let Err(error) = outcome.await {
                    tracing::debug!(%error, "a lock was not given back, and ends in a minute");
                }
            }
        });
    }
}

fn note(renewed: &Mutex<Option<Instant>>, since: Option<Instant>) {
    *renewed.lock().unwrap_or_else(PoisonError::into_inner) = since;
}

/// This program, as others are told who holds a lock.
fn holder() -> String {
    let program = std::env::current_exe().ok();
    let program = program.as_deref().and_then(std::path::Path::file_name);
    let program = program.map_or("a program".into(), |name| name.to_string_lossy());
    let machine = whoami::hostname().unwrap_or_else(|_| "a machine without a name".to_owned());
    format!("process {} ({program}) on {machine}", std::process::id())
}

fn text(text: &str) -> Value {
    Value::Text(text.chars().take(190).collect())
}
