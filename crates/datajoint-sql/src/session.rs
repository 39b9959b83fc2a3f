use std::time::Duration;

use datajoint_definition::Backend;
use datajoint_schema::TableName;

use crate::Statement;
use crate::backends::dialect;

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// To read alone.
    Read,
    /// To write, and perhaps to read before.
    Write,
    /// To lock rows and change them: each statement sees what others committed before it, not one state for all.
    Locking,
}

/// What a connection is set to. Times are in seconds; 0 is for ever. Where none is given, the limit that the server, or the role, has of
/// its own stays, and a server that has none is given one: a minute for locks, an hour for the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Session {
    /// After how long a statement gives up waiting for a lock.
    pub lock_timeout: Option<u64>,
    /// After how long the server ends a statement. SQLite has no such time; MySQL has it for queries alone.
    pub statement_timeout: Option<u64>,
    /// After how long the server ends a transaction in which nothing happens; on MySQL, a connection. SQLite has no
    /// such time.
    pub idle_timeout: Option<u64>,
    /// True when the server is to refuse all that writes.
    pub is_read_only: bool,
    /// True when an embedded database must be there with all that this library keeps in it, so that nothing is created.
    pub is_existing: bool,
}

impl Session {
    /// Returns how long a statement waits for a lock: for ever, where there is no limit, as far as SQLite has it.
    ///
    /// ```
    /// use datajoint_sql::Session;
    ///
    /// let session = Session { lock_timeout: Some(0), ..Session::default() };
    /// assert!(session.lock_patience().as_secs() > 86_400 * 20);
    /// assert_eq!(Session::default().lock_patience().as_secs(), 60);
    /// ```
    pub const fn lock_patience(&self) -> Duration {
        let seconds = match self.lock_timeout {
            Some(seconds) => seconds,
            None => LOCK_LIMIT,
        };
        Duration::from_secs(if seconds == 0 || seconds > LONGEST { LONGEST } else { seconds })
    }
}

/// So many milliseconds fit into 31 bits.
const LONGEST: u64 = 2_147_483;

/// How long a statement waits for a lock where nobody says it, in seconds.
pub(crate) const LOCK_LIMIT: u64 = 60;

/// How long all else may take where nobody says it, in seconds.
pub(crate) const OTHER_LIMIT: u64 = 3600;

/// What each new connection runs before anything else: a statement of several parts, or a few.
///
/// Besides the times, on MySQL and MariaDB the strict mode of DataJoint for Python; on SQLite foreign keys and the
/// tables in which this library keeps comments and schema names.
pub fn session_setup(backend: Backend, session: Session) -> Vec<Statement> {
    dialect(backend).session_setup(session)
}

/// How a transaction begins that sees one state of the database from its first to its last statement.
///
/// ```
/// use datajoint_definition::Backend;
/// use datajoint_sql::{Access, begin};
///
/// assert_eq!(begin(Backend::Sqlite, Access::Write), "BEGIN IMMEDIATE");
/// ```
pub fn begin(backend: Backend, access: Access) -> &'static str {
    dialect(backend).begin(access)
}

/// What tells those who [`listen`] that a table has new rows, when its transaction is committed; `None` where nobody can
/// listen. It takes no bound values, and changes nothing that others see.
///
/// ```
/// use datajoint_definition::Backend;
/// use datajoint_schema::TableName;
/// use datajoint_sql::notify;
///
/// let session = TableName::new("lab", "session");
/// let notify = |backend| notify(backend, &session).map(|statement| statement.sql);
/// assert_eq!(notify(Backend::Postgresql).as_deref(), Some("NOTIFY datajoint, 'lab.session'"));
/// assert_eq!(notify(Backend::Mariadb), None);
/// ```
pub fn notify(backend: Backend, table: &TableName) -> Option<Statement> {
    dialect(backend).notify(&table.to_string())
}

/// What makes a session listen to what others [`notify`] of, until it ends; `None` where none can.
pub fn listen(backend: Backend) -> Option<Statement> {
    dialect(backend).listen()
}

/// A session of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId {
    /// Its number.
    pub number: i64,
    /// What tells it from another one that has the number later, or at another server: when it began, in microseconds since 1970,
    /// or the CRC-32 of the address of its client as the server writes it.
    pub mark: i64,
}

/// The query that tells which session it is asked in, as the two numbers of a [`SessionId`]; `None` where sessions can't be ended by
/// others.
pub fn session_query(backend: Backend) -> Option<&'static str> {
    dialect(backend).session_query()
}

/// What ends a session from another one of the same user, in turn; empty where nothing does.
///
/// ```
/// use datajoint_definition::Backend;
/// use datajoint_sql::{SessionId, end_session};
///
/// let session = SessionId { number: 7, mark: 1_700_000_000_000_000 };
/// assert!(end_session(Backend::Postgresql, session)[0].sql.contains("pg_terminate_backend"));
/// assert!(end_session(Backend::Sqlite, session).is_empty());
/// ```
pub fn end_session(backend: Backend, session: SessionId) -> Vec<Statement> {
    dialect(backend).end_session(session)
}

/// The query that tells which of [`Statement::parts_of_rows`] are functions of somebody's that the server would call with a
/// row where no column has their name: one name a row. None where the server calls nothing so.
///
/// ```
/// use datajoint_definition::Backend;
/// use datajoint_sql::row_functions;
///
/// assert!(row_functions(Backend::Postgresql, &["weight".to_owned()]).is_some());
/// assert!(row_functions(Backend::Sqlite, &["weight".to_owned()]).is_none());
/// ```
pub fn row_functions(backend: Backend, names: &[String]) -> Option<Statement> {
    if names.is_empty() { None } else { dialect(backend).row_functions(names) }
}
