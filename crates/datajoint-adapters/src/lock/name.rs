//! A lock as the server knows it: tried, looked at, and its holder told.

use datajoint_definition::Backend;
use datajoint_sql::{Statement, Value};

use crate::{Connection, Result};

/// How a server is asked about locks with names.
struct Words {
    take: &'static str,
    is_held: &'static str,
    holder: &'static str,
    /// True where the names are numbers.
    has_numbers: bool,
}

const OF_POSTGRESQL: Words = Words {
    take: "SELECT pg_catalog.pg_try_advisory_xact_lock($1)",
    is_held: "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted \
              AND database = (SELECT oid FROM pg_database WHERE datname = pg_catalog.current_database()) \
              AND pid = pg_catalog.pg_backend_pid() AND classid::int8 = ($1 >> 32) & 4294967295 \
              AND objid::int8 = $1 & 4294967295)",
    holder: "SELECT CAST(a.pid AS text), a.usename::text, coalesce(a.client_addr::text, 'this machine') FROM pg_locks l \
             JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' AND l.granted \
             AND l.database = (SELECT oid FROM pg_database WHERE datname = pg_catalog.current_database()) \
             AND l.classid::int8 = ($1 >> 32) & 4294967295 AND l.objid::int8 = $1 & 4294967295",
    has_numbers: true,
};

const OF_MYSQL: Words = Words {
    take: "SELECT GET_LOCK(?, 1)",
    is_held: "SELECT IS_USED_LOCK(?) = CONNECTION_ID()",
    holder: "SELECT CAST(id AS char), user, host FROM information_schema.processlist WHERE id = IS_USED_LOCK(?)",
    has_numbers: false,
};

const fn words(backend: Backend) -> &'static Words {
    match backend {
        Backend::Postgresql => &OF_POSTGRESQL,
        // SQLite has none: its locks are rows.
        Backend::Mysql | Backend::Mariadb | Backend::Sqlite => &OF_MYSQL,
    }
}

/// Tries to take a lock: on PostgreSQL for the transaction that is open, on MySQL and MariaDB for the session.
///
/// The wait is short, so that a server that is left waiting is soon done with it.
pub(super) async fn try_take(connection: &mut Connection, name: &str) -> Result<bool> {
    let sql = words(connection.backend()).take;
    ask(connection, name, sql).await
}

/// Gives back a lock of the session. It goes with the session too, which may take until its end is heard.
pub(super) async fn give_back(connection: &mut Connection, name: &str) {
    match ask(connection, name, "SELECT RELEASE_LOCK(?)").await {
        Ok(true) => {}
        Ok(false) => tracing::warn!(lock = name, "a lock was gone before its end"),
        Err(error) => {
            tracing::debug!(%error, lock = name, "a lock was not given back, and ends with its session");
        }
    }
}

/// True when this session has the lock.
pub(super) async fn is_held(connection: &mut Connection, name: &str) -> Result<bool> {
    let sql = words(connection.backend()).is_held;
    ask(connection, name, sql).await
}

async fn ask(connection: &mut Connection, name: &str, sql: &str) -> Result<bool> {
    let parameters = vec![key(connection.backend(), name)];
    let rows =
        connection.fetch(&Statement { sql: sql.to_owned(), parameters, ..Statement::default() }).await?;
    let answer = rows.first().and_then(|row| row.first());
    Ok(matches!(answer, Some(Value::Bool(true) | Value::Int(1))))
}

/// Who has a lock that was not free, as far as the server tells.
pub(super) async fn holder(connection: &mut Connection, name: &str) -> String {
    let sql = words(connection.backend()).holder;
    let parameters = vec![key(connection.backend(), name)];
    let rows = connection
        .fetch(&Statement { sql: sql.to_owned(), parameters, ..Statement::default() })
        .await
        .unwrap_or_default();
    match rows.first().map(Vec::as_slice) {
        Some([Value::Text(id), Value::Text(user), Value::Text(host)]) => {
            format!("session {id} of {user} from {host}")
        }
        _ => "another session".to_owned(),
    }
}

/// The name as the server takes it: a number, or a string of at most 64 characters.
fn key(backend: Backend, name: &str) -> Value {
    // FNV-1a.
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    if words(backend).has_numbers {
        Value::Int(hash.cast_signed())
    } else {
        Value::Text(format!("datajoint-{hash:016x}"))
    }
}
