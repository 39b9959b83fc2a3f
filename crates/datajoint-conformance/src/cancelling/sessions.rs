//! The sessions of a client, as they say themselves and as another client sees them.

use std::collections::BTreeSet;
use std::time::{Duration, Instant as Clock};

use datajoint::{Backend, Instance, Value};
use datajoint_sql::Statement;

/// What the sessions of a client must be like.
pub(super) struct Sessions {
    /// What a session is set to that nobody has changed.
    settings: String,
    /// The numbers of all sessions that there have been.
    known: BTreeSet<i64>,
}

/// Variables of MySQL and MariaDB that a verb might set.
const MYSQL: &str = "SHOW SESSION VARIABLES WHERE Variable_name IN ('autocommit', 'tx_isolation', \
    'transaction_isolation', 'tx_read_only', 'transaction_read_only', 'lock_wait_timeout', 'innodb_lock_wait_timeout', \
    'wait_timeout', 'sql_mode', 'time_zone', 'foreign_key_checks', 'unique_checks', 'max_statement_time', \
    'max_execution_time', 'wsrep_sync_wait', 'in_transaction')";

/// Sessions of PostgreSQL that are in a transaction in which nothing happens.
const IDLE_TRANSACTIONS: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
    AND pid <> pg_backend_pid() AND state LIKE 'idle in%'";

/// Until it is asked again.
const SOON: Duration = Duration::from_millis(5);

/// The same of InnoDB, which shows what it showed before to whoever asks again within a tenth of a second:
/// <https://dev.mysql.com/doc/refman/8.4/en/innodb-information-schema-internal-data.html>
const STALE: Duration = Duration::from_millis(150);

/// Fails when a lock that a verb takes is still held by somebody after a short while.
pub(super) async fn nothing_is_locked(dj: &Instance) -> Result<(), String> {
    let schemas = ["dj_conformance_verbs".to_owned()];
    let patience = Duration::from_secs(30);
    for name in ["dj_conformance_verbs", "datajoint deploy"] {
        let lock = dj.database().lock(name, &schemas, patience).await.map_err(|error| error.to_string())?;
        lock.release().await.map_err(|error| error.to_string())?;
    }
    let all = schemas.into();
    let change = dj.database().change(&all, patience).await.map_err(|error| error.to_string())?;
    let ended: datajoint_adapters::Result<()> = change.end(Ok(())).await;
    ended.map_err(|error| error.to_string())
}

impl Sessions {
    /// The settings of a session of this client; behind a pooler its sessions are everybody's.
    pub(super) async fn of(dj: &Instance) -> Self {
        if dj.database().shares_sessions() {
            return Self { settings: String::new(), known: BTreeSet::new() };
        }
        let (settings, _) = describe(&mut dj.database().acquire().await.unwrap()).await.unwrap();
        Self { settings, known: BTreeSet::new() }
    }

    /// Fails when a session in the pool of a client is not as one that was just made, or when one that it had is not at
    /// rest.
    pub(super) async fn look(&mut self, dj: &Instance, observer: &Instance) -> Result<(), String> {
        let most = dj.settings().database.max_connections;
        let is_shared = dj.database().shares_sessions();
        let mut all = Vec::new();
        for _ in 0..most {
            let mut connection = dj.database().acquire().await.map_err(|error| error.to_string())?;
            let (settings, number) = describe(&mut connection).await?;
            if settings != self.settings && !is_shared {
                return Err(format!("a session in the pool is at\n{settings}\nnot at\n{}", self.settings));
            }
            self.known.extend(number.filter(|_| !is_shared));
            all.push(connection);
        }
        drop(all);
        if self.is_quiet(observer).await { Ok(()) } else { Err("a transaction was left open".to_owned()) }
    }

    /// True when no session that the client had is in a transaction, in a short while.
    pub(super) async fn is_quiet(&self, observer: &Instance) -> bool {
        let known: Vec<String> = self.known.iter().map(ToString::to_string).collect();
        let of = |column: &str| format!("{column} IN ({})", known.join(", "));
        let question = match observer.backend() {
            Backend::Sqlite => return true,
            Backend::Postgresql if observer.database().shares_sessions() => IDLE_TRANSACTIONS.to_owned(),
            _ if known.is_empty() => return true,
            Backend::Postgresql => format!("{IDLE_TRANSACTIONS} AND {}", of("pid")),
            _ => format!(
                "SELECT count(*) FROM information_schema.innodb_trx WHERE {}",
                of("trx_mysql_thread_id")
            ),
        };
        let pause = if observer.backend() == Backend::Postgresql { SOON } else { STALE };
        let start = Clock::now();
        while start.elapsed() < Duration::from_secs(30) {
            let mut connection = observer.database().acquire().await.unwrap();
            let rows = connection.fetch(&Statement::plain(question.clone())).await.unwrap();
            if rows[0][0] == Value::Int(0) {
                return true;
            }
            tokio::time::sleep(pause).await;
        }
        false
    }
}

/// What a session is set to, and its number. Fails within a transaction.
async fn describe(connection: &mut datajoint_adapters::Connection) -> Result<(String, Option<i64>), String> {
    let questions: &[&str] = match connection.backend() {
        Backend::Sqlite => &[
            "SELECT 0",
            "PRAGMA foreign_keys",
            "PRAGMA busy_timeout",
            "PRAGMA query_only",
            "PRAGMA defer_foreign_keys",
        ],
        Backend::Postgresql => &[
            "SELECT pg_backend_pid()",
            "SELECT name, setting FROM pg_settings WHERE source = 'session' OR name IN ('default_transaction_isolation', \
             'transaction_isolation', 'lock_timeout', 'statement_timeout') ORDER BY name",
        ],
        _ => &["SELECT connection_id()", MYSQL],
    };
    let mut answers = Vec::new();
    for question in questions {
        let rows = connection.fetch(&Statement::plain(*question)).await.map_err(|error| error.to_string())?;
        answers.push(rows);
    }
    if connection.backend() == Backend::Sqlite {
        // Refused within a transaction that is open.
        let pair = [Statement::plain("BEGIN"), Statement::plain("ROLLBACK")];
        connection.script(&pair).await.map_err(|error| error.to_string())?;
    }
    let number = match (connection.backend(), &answers[0][0][0]) {
        (Backend::Sqlite, _) => None,
        (_, Value::Int(number)) => Some(*number),
        (_, other) => return Err(format!("{other:?} is no number of a session")),
    };
    Ok((format!("{:?}", &answers[1..]), number))
}
