use std::time::{Duration, Instant};

use datajoint_definition::Backend;
use datajoint_sql::{Statement, Value};
use futures_util::future::BoxFuture;

use crate::{Connection, Database, Error, Result};

/// How long to wait between two tries.
const PAUSE: Duration = Duration::from_millis(10);

/// A lock of a name that one session at a time has. It ends with the connection that holds it.
///
/// SQLite has no such locks; there it holds nothing, since a writer has the whole file to itself.
#[derive(Debug)]
pub struct Lock {
    name: String,
    connection: Option<Connection>,
}

impl Database {
    /// Takes the lock of a name, waiting for it at most so long.
    ///
    /// Fails with [`Error::LockTimeout`], which says who holds it.
    pub fn lock<'a>(&'a self, name: &'a str, timeout: Duration) -> BoxFuture<'a, Result<Lock>> {
        Box::pin(self.wait_for_lock(name, timeout))
    }

    async fn wait_for_lock(&self, name: &str, timeout: Duration) -> Result<Lock> {
        if self.backend() == Backend::Sqlite {
            return Ok(Lock { name: name.to_owned(), connection: None });
        }
        let mut connection = self.acquire().await?;
        let start = Instant::now();
        loop {
            if try_lock(&mut connection, name).await? {
                // Whatever happens, the lock goes with the session, which must not end for want of statements.
                connection.end_on_drop();
                if connection.backend().is_mysql_family() {
                    connection.script(&[Statement::plain("SET SESSION wait_timeout = 31536000")]).await?;
                }
                return Ok(Lock { name: name.to_owned(), connection: Some(connection) });
            }
            if start.elapsed() > timeout {
                let holder =
                    holder(&mut connection, name).await.unwrap_or_else(|_| "another session".to_owned());
                return Err(Error::LockTimeout { name: name.to_owned(), holder });
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl Lock {
    /// The name of the lock.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// True when the session that asks has the lock, which is not so where a pooler hands out sessions by the statement.
    pub async fn is_held(&mut self) -> Result<bool> {
        let Some(connection) = &mut self.connection else { return Ok(true) };
        let sql = match connection.backend() {
            Backend::Postgresql => {
                "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted \
                 AND pid = pg_backend_pid() AND classid::int8 = ($1 >> 32) & 4294967295 \
                 AND objid::int8 = $1 & 4294967295)"
            }
            _ => "SELECT IS_USED_LOCK(?) = CONNECTION_ID()",
        };
        let parameters = vec![key(connection.backend(), &self.name)];
        let rows = connection.fetch(&Statement { sql: sql.to_owned(), parameters }).await?;
        let answer = rows.first().and_then(|row| row.first());
        Ok(matches!(answer, Some(Value::Bool(true) | Value::Int(1))))
    }

    /// Gives the lock back.
    pub fn release(self) -> BoxFuture<'static, Result<()>> {
        Box::pin(self.unlock())
    }

    async fn unlock(mut self) -> Result<()> {
        let Some(mut connection) = self.connection.take() else { return Ok(()) };
        let sql = match connection.backend() {
            Backend::Postgresql => "SELECT 1 FROM (SELECT pg_advisory_unlock($1)) AS unlocked",
            _ => "SELECT RELEASE_LOCK(?)",
        };
        let parameters = vec![key(connection.backend(), &self.name)];
        connection.fetch(&Statement { sql: sql.to_owned(), parameters }).await?;
        Ok(())
    }
}

async fn try_lock(connection: &mut Connection, name: &str) -> Result<bool> {
    let sql = match connection.backend() {
        Backend::Postgresql => "SELECT pg_try_advisory_lock($1)",
        _ => "SELECT GET_LOCK(?, 1)",
    };
    let parameters = vec![key(connection.backend(), name)];
    let rows = connection.fetch(&Statement { sql: sql.to_owned(), parameters }).await?;
    let answer = rows.first().and_then(|row| row.first());
    Ok(matches!(answer, Some(Value::Bool(true) | Value::Int(1))))
}

async fn holder(connection: &mut Connection, name: &str) -> Result<String> {
    let backend = connection.backend();
    let sql = match backend {
        Backend::Postgresql => {
            "SELECT CAST(a.pid AS text), a.usename::text, coalesce(a.client_addr::text, 'this machine') FROM pg_locks l \
             JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' AND l.granted \
             AND l.classid::int8 = ($1 >> 32) & 4294967295 AND l.objid::int8 = $1 & 4294967295"
        }
        _ => {
            "SELECT CAST(id AS char), user, host FROM information_schema.processlist WHERE id = IS_USED_LOCK(?)"
        }
    };
    let parameters = vec![key(backend, name)];
    let rows = connection.fetch(&Statement { sql: sql.to_owned(), parameters }).await?;
    Ok(match rows.first().map(Vec::as_slice) {
        Some([Value::Text(id), Value::Text(user), Value::Text(host)]) => {
            format!("session {id} of {user} from {host}")
        }
        _ => "another session".to_owned(),
    })
}

/// The name as the server takes it: a number, or a text of at most 64 characters.
fn key(backend: Backend, name: &str) -> Value {
    // FNV-1a.
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    match backend {
        Backend::Postgresql => Value::Int(hash.cast_signed()),
        _ => Value::Text(format!("datajoint-{hash:016x}")),
    }
}
