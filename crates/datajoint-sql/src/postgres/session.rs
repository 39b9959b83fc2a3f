use super::Postgres;
use crate::dialect::Sessions;
use crate::literal::literal;
use crate::session::{LOCK_LIMIT, OTHER_LIMIT};
use crate::{Access, Session, SessionId, Statement, Value};

/// The channel on which is told that tables have new rows. It is one of the database, whatever the schema.
const CHANNEL: &str = "datajoint";

impl Sessions for Postgres {
    fn session_setup(&self, session: Session) -> Vec<Statement> {
        let read_only = if session.is_read_only { "; SET default_transaction_read_only = on" } else { "" };
        let set = settings("SET", session, |_| false);
        let unset = Limit::ALL.into_iter().filter(|limit| limit.given(session).is_none());
        let unset: Vec<_> =
            unset.map(|limit| format!("('{}', '{}s')", limit.name(), limit.usual())).collect();
        let own = if unset.is_empty() {
            String::new()
        } else {
            // A limit that stands for the role, the database or the server stays.
            format!(
                "; SELECT pg_catalog.set_config(own.name, own.value, false) FROM (VALUES {}) AS own (name, value) \
                 WHERE pg_catalog.current_setting(own.name) = '0'",
                unset.join(", ")
            )
        };
        vec![Statement::plain(format!("{set}{own}{read_only}; {FOREIGN_KEYS_HOLD}"))]
    }

    fn begin(&self, access: Access) -> &'static str {
        match access {
            Access::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Access::Write => "BEGIN ISOLATION LEVEL REPEATABLE READ",
            Access::Locking => "BEGIN ISOLATION LEVEL READ COMMITTED",
        }
    }

    fn utc(&self) -> &'static str {
        "pg_catalog.timezone('UTC', pg_catalog.clock_timestamp())"
    }

    fn login(&self) -> &'static str {
        "session_user"
    }

    /// A statement that is refused would end the transaction.
    fn may_insert(&self, table: &str, _: &[String]) -> Option<Statement> {
        let table = literal(table);
        Some(Statement::plain(format!("SELECT pg_catalog.has_any_column_privilege({table}, 'INSERT')")))
    }

    fn current_user(&self) -> Option<&'static str> {
        Some("SELECT current_user::text")
    }

    fn lock_tables(&self, tables: &[String]) -> Vec<Statement> {
        vec![Statement::plain(format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", tables.join(", ")))]
    }

    fn notify(&self, payload: &str) -> Option<Statement> {
        Some(Statement::plain(format!("NOTIFY {CHANNEL}, {}", literal(payload))))
    }

    fn listen(&self) -> Option<Statement> {
        Some(Statement::plain(format!("LISTEN {CHANNEL}")))
    }

    fn session_query(&self) -> Option<&'static str> {
        Some(
            "SELECT pid::int8, (extract(epoch FROM backend_start) * 1000000)::int8 \
             FROM pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid())",
        )
    }

    fn end_session(&self, session: SessionId) -> Vec<Statement> {
        let SessionId { number, mark } = session;
        vec![Statement::plain(format!(
            "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_get_activity({number}) \
             WHERE (extract(epoch FROM backend_start) * 1000000)::int8 = {mark}"
        ))]
    }

    /// Functions of one row: what takes a row of any kind, or what a row is made into unasked.
    fn row_functions(&self, names: &[String]) -> Option<Statement> {
        let places: Vec<String> = (1..=names.len()).map(|number| format!("${number}")).collect();
        let sql = format!(
            "SELECT DISTINCT p.proname::text FROM pg_catalog.pg_proc p \
             JOIN pg_catalog.pg_type t ON t.oid = p.proargtypes[0] \
             WHERE p.proname = ANY (ARRAY[{}]::text[]::name[]) \
             AND p.pronamespace <> 'pg_catalog'::regnamespace AND p.pronargs - p.pronargdefaults <= 1 \
             AND pg_catalog.pg_function_is_visible(p.oid) \
             AND (t.typtype IN ('c', 'd', 'p') OR t.oid IN (SELECT c.casttarget FROM pg_catalog.pg_cast c \
             JOIN pg_catalog.pg_type s ON s.oid = c.castsource WHERE c.castcontext = 'i' AND s.typtype = 'c'))",
            places.join(", ")
        );
        let parameters = names.iter().cloned().map(Value::Text).collect();
        Some(Statement { sql, parameters, ..Statement::default() })
    }

    fn fact_queries(&self) -> Vec<Statement> {
        vec![Statement::plain(
            "SELECT 'user', current_user::text \
             UNION ALL SELECT 'time', extract(epoch FROM pg_catalog.clock_timestamp())::text \
             UNION ALL SELECT 'encrypted', 'yes' FROM pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid() AND ssl",
        )]
    }
}

/// A time limit of a session of PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Limit {
    /// How long a statement waits for a lock.
    Lock,
    /// How long a statement takes.
    Statement,
    /// How long nothing happens in a transaction.
    Idle,
}

impl Limit {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Lock, Self::Statement, Self::Idle];

    /// The setting of the server; 0 is no limit.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lock => "lock_timeout",
            Self::Statement => "statement_timeout",
            Self::Idle => "idle_in_transaction_session_timeout",
        }
    }

    const fn given(self, session: Session) -> Option<u64> {
        match self {
            Self::Lock => session.lock_timeout,
            Self::Statement => session.statement_timeout,
            Self::Idle => session.idle_timeout,
        }
    }

    /// What stands where nobody gives one, in seconds.
    const fn usual(self) -> u64 {
        match self {
            Self::Lock => LOCK_LIMIT,
            Self::Statement | Self::Idle => OTHER_LIMIT,
        }
    }
}

/// What sets a transaction of PostgreSQL to the same as [`session_setup`](crate::session_setup) and [`Usual`] a session, for sessions
/// that are shared with other clients and have these limits of their own. It asks nothing, so that the transaction sees nothing before
/// its first statement.
///
/// ```
/// use datajoint_sql::{Limit, Session, Usual, transaction_setup};
///
/// let mut usual = Usual::default();
/// usual.zone = Some("Europe/Zurich".to_owned());
/// let setup = transaction_setup(Session::default(), &[Limit::Lock], &usual);
/// assert!(setup.sql.ends_with("SET LOCAL TIME ZONE 'Europe/Zurich'"));
/// assert!(setup.sql.contains("SET LOCAL statement_timeout") && !setup.sql.contains("SET LOCAL lock_timeout"));
/// ```
pub fn transaction_setup(session: Session, own: &[Limit], usual: &Usual) -> Statement {
    let mut all = vec![settings("SET LOCAL", session, |limit| !own.contains(&limit))];
    all.extend(session.is_read_only.then(|| "SET TRANSACTION READ ONLY".to_owned()));
    all.extend(usual.settings("SET LOCAL"));
    Statement::plain(all.join("; "))
}

/// What is set: each limit that is given, and those that are set where none is.
fn settings(set: &str, session: Session, is_set: impl Fn(Limit) -> bool) -> String {
    // Literals in declarations rely on the first; a comparison with null finds nothing on any backend.
    let meaning = format!("{set} standard_conforming_strings = on; {set} transform_null_equals = off");
    let limits = Limit::ALL.into_iter().filter_map(|limit| {
        let seconds = limit.given(session).or_else(|| is_set(limit).then(|| limit.usual()))?;
        Some(format!("{set} {} = '{seconds}s'", limit.name()))
    });
    std::iter::once(meaning).chain(limits).collect::<Vec<_>>().join("; ")
}

/// What a client of PostgreSQL gets that asks for nothing, and drivers ask for otherwise.
///
/// ```
/// let mut usual = datajoint_sql::Usual::default();
/// (usual.zone, usual.dates) = (Some("Europe/Zurich".to_owned()), Some("DMY".to_owned()));
/// let set: Vec<String> = usual.settings("SET").collect();
/// assert_eq!(set, ["SET TIME ZONE 'Europe/Zurich'", "SET DateStyle = 'ISO', 'DMY'"]);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usual {
    /// The time zone, in which moments are stored.
    pub zone: Option<String>,
    /// The order of day, month and year, in which a date such as `1/2/2020` is read.
    pub dates: Option<String>,
}

impl Usual {
    /// Returns what sets a session (`SET`) or a transaction (`SET LOCAL`) to it.
    pub fn settings(&self, set: &str) -> impl Iterator<Item = String> {
        let zone = self.zone.as_deref().map(|zone| format!("{set} TIME ZONE {}", literal(zone)));
        // What is shown is shown as the driver reads it.
        let dates = self.dates.as_deref().map(|dates| format!("{set} DateStyle = 'ISO', {}", literal(dates)));
        zone.into_iter().chain(dates)
    }
}

/// Lets a session in which foreign keys are not looked at fail: who may not change that is refused.
const FOREIGN_KEYS_HOLD: &str = "SELECT pg_catalog.set_config('session_replication_role', 'origin', false) \
     WHERE pg_catalog.current_setting('session_replication_role') <> 'origin'";
