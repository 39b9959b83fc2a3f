mod file;
mod kind;
mod refusal;

use std::time::Duration;

use thiserror::Error as ThisError;

use crate::ConnectOptions;
use crate::course::Failure;
use crate::holders::Holder;
pub use file::FileFault;
pub use kind::Kind;
use refusal::{advice, classify, code, message, named_column};

/// Why a connection takes nothing more.
const INTERRUPTED: &str =
    "an earlier statement on this connection was cancelled or broken off, so that it can't be used any more";

/// The result of talking to a database.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the driver of a database failed. Which driver that is, is no part of what is promised.
#[derive(Debug, ThisError)]
#[error(transparent)]
pub struct DriverError(Box<sqlx::Error>);

impl DriverError {
    pub(crate) fn into_inner(self) -> sqlx::Error {
        *self.0
    }
}

/// Why a database did not do what it was asked.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// No connection could be made.
    #[error("no connection to {address}: {source}; {advice}")]
    Connect {
        /// The server or file.
        address: String,
        /// What to do next.
        advice: &'static str,
        /// The reason.
        source: DriverError,
    },
    /// A server of another kind answers there.
    #[error(
        "at {address} answers a server of the backend `{found}`, not of `{wanted}`: correct the port (DJ_PORT) or the \
         backend (DJ_BACKEND)"
    )]
    OtherServer {
        /// The server.
        address: String,
        /// The backend that it is of; MariaDB is told as MySQL.
        found: datajoint_definition::Backend,
        /// The backend that was asked for.
        wanted: datajoint_definition::Backend,
    },
    /// The connection is to be encrypted, and the server encrypts none.
    #[error(
        "the server at {address} takes no encrypted connections: turn encryption on there, or off here with \
         DJ_USE_TLS=false where the network is safe"
    )]
    NotEncrypted {
        /// The server.
        address: String,
    },
    /// None of several servers can be used.
    #[error(
        "of the servers of `database.host` none takes what is written: {}; start or promote one, or read with \
         `ReadOnly`",
        .servers.join(", ")
    )]
    NoPrimary {
        /// What each of them is.
        servers: Vec<String>,
    },
    /// The program was built without this backend.
    #[error("this program was built without {0}: turn on the feature `{1}` of `datajoint`")]
    NotBuilt(&'static str, &'static str),
    /// An embedded database that must be there and is not.
    #[error("{path} {problem}")]
    NoDatabase {
        /// The file.
        path: String,
        /// What is wrong, and what to do.
        problem: &'static str,
    },
    /// What lies at the path of an embedded database is none.
    #[error("{path} {fault}")]
    NoFile {
        /// The path.
        path: String,
        /// What it is, and what to do.
        fault: FileFault,
    },
    /// The server refused a statement.
    #[error("{message}{}", next_step(advice))]
    Server {
        /// What kind of refusal it is.
        kind: Kind,
        /// What the server said.
        message: String,
        /// What to do next.
        advice: &'static str,
        /// The constraint, where the server names it.
        constraint: Option<String>,
        /// The server's own code: the SQLSTATE of PostgreSQL, a number of the others.
        code: String,
    },
    /// A text of several statements.
    #[error("a call sends one statement, and this is more: `{sql}`; send each by itself")]
    SeveralStatements {
        /// The text, or its beginning.
        sql: String,
    },
    /// A name behind a point, in SQL of a user, that the server may take for a call of a function with a row.
    #[error(
        "`{name}` behind a point is none of the functions that SQL of yours may call, and the server has one of that name \
         which takes a row: where it is a column, write it without what stands before the point"
    )]
    RowFunction {
        /// The function.
        name: String,
    },
    /// A value of a type that is not read.
    #[error("column `{column}` has the type {type_name}, which is not read; cast it to another in the query")]
    UnsupportedType {
        /// The column.
        column: String,
        /// The server's name of the type.
        type_name: String,
    },
    /// A value that is not what its type says, such as a string that is no UTF-8.
    #[error(
        "column {column} holds what can't be read: {source}; put it right in SQL, or leave it out of the query"
    )]
    UnreadableValue {
        /// The column: its name, or its place counted from 0.
        column: String,
        /// What is wrong with it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A row too large for one statement.
    #[error(
        "a row of {bytes} bytes is larger than the server's max_allowed_packet of {limit} bytes allows; raise that setting"
    )]
    RowTooLarge {
        /// The place of the row among those to be inserted, counted from 0.
        row: usize,
        /// The size of the row.
        bytes: usize,
        /// What the server takes.
        limit: usize,
    },
    /// Every connection of the pool was in use for too long.
    #[error(
        "no connection was free for {:.1} s, since all {most} were in use: {}; end what has them sooner, do less at a \
         time, or raise `database.max_connections`; within a transaction, hand the transaction to each verb",
        .waited.as_secs_f64(),
        crate::holders::named(.holders)
    )]
    AcquireTimeout {
        /// How long was waited.
        waited: Duration,
        /// How many connections there may be.
        most: u32,
        /// Who has them, the longest first.
        holders: Vec<Holder>,
    },
    /// All connections were to be ended, and some were in use for too long.
    #[error(
        "not all connections to the database were ended within {:.1} s, since some are in use: {}; they end when they are given \
         back: end or drop what has them before the database is closed",
        .waited.as_secs_f64(),
        crate::holders::named(.holders)
    )]
    StillInUse {
        /// How long was waited.
        waited: Duration,
        /// Who has them, the longest first.
        holders: Vec<Holder>,
    },
    /// In a file of SQLite one client writes at a time, and another one of this program did for too long.
    #[error(
        "nothing could be written for {:.1} s, since one client writes to the file at a time, and this program itself does: \
         {}; end that sooner; within a transaction, hand the transaction to each verb",
        .waited.as_secs_f64(),
        .holder.as_ref().map_or_else(|| "one that has just ended".to_owned(), Holder::to_string)
    )]
    WriterTimeout {
        /// How long was waited.
        waited: Duration,
        /// Who writes.
        holder: Option<Holder>,
    },
    /// In a file of SQLite one client writes at a time, and that is a transaction which waits for this verb.
    #[error(
        "{holder} writes to the file, one client does at a time, and it waits for this verb, which is not in it: within a \
         transaction, hand the transaction to each verb"
    )]
    WithinOwnTransaction {
        /// The transaction.
        holder: Holder,
    },
    /// It was closed.
    #[error(
        "this connection to the database was closed by its own program: close it after the last verb, or connect again"
    )]
    Closed,
    /// Something failed in the transaction, which therefore takes no further statement and can't be committed.
    #[error(
        "something failed in this transaction before, so that nothing more is done in it, and nothing of it lasts: {first}; \
         roll it back and begin again, or put the part that may fail into a `savepoint`"
    )]
    TransactionFailed {
        /// What failed first.
        #[source]
        first: Failure,
    },
    /// The database has undone the transaction, or the connection that it had is gone.
    #[error("this transaction is over, and nothing of it lasts: {first}; begin it again")]
    TransactionOver {
        /// Why.
        #[source]
        first: Failure,
    },
    /// A transaction was to begin on a connection that is in one.
    #[error(
        "this connection is in a transaction already: begin a part of it with `savepoint`, or another one elsewhere"
    )]
    WithinTransaction,
    /// A part was to be ended by a transaction that it is not of, or before another part within it.
    #[error(
        "this part of a transaction is not the innermost one of the transaction that was to end it: end each part by its own \
         transaction, the last that was begun first"
    )]
    OtherPart,
    /// A server refuses what sessions are set to.
    #[error(
        "the server at {address} does not let a session be set up: {source}; connect to a server of this kind itself, or have \
         what stands between let it pass"
    )]
    Setup {
        /// The server.
        address: String,
        /// What it said.
        source: Box<Error>,
    },
    /// The answer to a commit was lost.
    #[error(
        "it is not known whether this lasts, since the connection was lost while it was committed; look whether it is there \
         before you do it again ({})",
        source.reason()
    )]
    CommitUnknown {
        /// How the connection was lost.
        source: Box<Error>,
    },
    /// A statement on the connection was cancelled.
    #[error("{INTERRUPTED}: begin again on another one")]
    Interrupted,
    /// The task that reads the rows of a query was ended before their end, as with its runtime.
    #[error(
        "the rows of a query were broken off before their end: read them again, in a runtime that goes on"
    )]
    BrokenStream,
    /// A lock that another session holds.
    #[error("the lock `{name}` is held by {holder}; try again when that is done")]
    LockTimeout {
        /// The lock.
        name: String,
        /// Who holds it.
        holder: String,
    },
    /// A lock that was held and is not any more.
    #[error(
        "the lock `{name}` was lost: its connection ended, or another client took it over; what was done so far stays: \
         look at it, and run again"
    )]
    LockLost {
        /// The lock.
        name: String,
    },
    /// A catalog that is no DataJoint schema.
    #[error(transparent)]
    Sql(Box<datajoint_sql::Error>),
    /// The connection broke, or the driver failed.
    #[error("the connection failed: {0}; if it was lost, try again")]
    Driver(DriverError),
}

impl Error {
    /// What kind of refusal a server's error is.
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Self::Server { kind, .. } => Some(*kind),
            Self::WriterTimeout { .. } => Some(Kind::LockTimeout),
            _ => None,
        }
    }

    /// The server's own code of a refusal: the SQLSTATE of PostgreSQL, a number of the others.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Server { code, .. } => Some(code),
            _ => None,
        }
    }

    /// The column that is not there, of a refusal for that reason: its bare name, as far as the server says it.
    pub fn missing_column(&self) -> Option<&str> {
        match self {
            Self::Server { kind: Kind::MissingColumn, message, .. } => named_column(message),
            _ => None,
        }
    }

    /// True for a key, or another unique value, that is there already.
    pub fn is_duplicate(&self) -> bool {
        self.kind() == Some(Kind::Duplicate)
    }

    /// True for a reference to what is not there, or the removal of what is referred to.
    pub fn is_foreign_key(&self) -> bool {
        self.kind() == Some(Kind::ForeignKey)
    }

    /// True for a table that is not there.
    pub fn is_missing_table(&self) -> bool {
        self.kind() == Some(Kind::MissingTable)
    }

    /// True for a table or a schema that is not there.
    pub fn is_gone(&self) -> bool {
        matches!(self.kind(), Some(Kind::MissingTable | Kind::MissingSchema))
    }

    /// True when the connection is gone, so that nothing is known of the statement that was on its way.
    pub fn is_connection_lost(&self) -> bool {
        match self {
            Self::Server { kind, .. } => *kind == Kind::ConnectionEnded,
            Self::Driver(error) => matches!(*error.0, sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed),
            Self::CommitUnknown { source } => source.is_connection_lost(),
            Self::TransactionOver { first } => first.kind() == Some(Kind::ConnectionEnded),
            _ => false,
        }
    }

    /// True when the same may succeed if it is tried again: the database undid, or did not do, what it refused.
    ///
    /// What a verb did before in transactions of its own stays.
    pub fn is_retryable(&self) -> bool {
        let is_lost = self.is_connection_lost() && !matches!(self, Self::CommitUnknown { .. });
        is_lost || self.is_rolled_back() || self.kind_of_first() == Some(Kind::LockTimeout)
    }

    /// True when the server did nothing, in favour of another session or for the moment: trying again is the remedy.
    pub fn is_rolled_back(&self) -> bool {
        matches!(
            self.kind_of_first(),
            Some(
                Kind::Deadlock
                    | Kind::Changed
                    | Kind::Serialization
                    | Kind::NotReady
                    | Kind::Outdated
                    | Kind::Altered
            )
        )
    }

    /// What kind of refusal it is, of what failed first in a transaction.
    fn kind_of_first(&self) -> Option<Kind> {
        match self {
            Self::TransactionFailed { first } | Self::TransactionOver { first } => first.kind(),
            _ => self.kind(),
        }
    }

    /// True when the server said no, and the session goes on.
    pub(crate) fn is_refusal(&self) -> bool {
        self.kind().is_some_and(|kind| kind != Kind::ConnectionEnded)
    }

    /// True when nothing was sent: a value that can't be.
    pub(crate) fn is_before_sending(&self) -> bool {
        match self {
            Self::RowTooLarge { .. } | Self::Sql(_) => true,
            Self::Driver(error) => matches!(*error.0, sqlx::Error::Encode(_)),
            _ => false,
        }
    }

    /// True when a statement was sent, perhaps, and no answer came.
    pub(crate) fn is_answer_lost(&self) -> bool {
        match self {
            Self::Driver(_) => !self.is_before_sending(),
            // What could not be written, or synced, may stand in the file all the same.
            Self::Server { kind, .. } => matches!(kind, Kind::ConnectionEnded | Kind::Storage),
            _ => false,
        }
    }

    /// Returns why it failed, without what to do about it elsewhere; for a commit of which nothing is known, how the
    /// connection was lost.
    #[doc(hidden)]
    pub fn reason(&self) -> String {
        match self {
            Self::CommitUnknown { source } => source.reason(),
            Self::Driver(error) => error.to_string(),
            Self::Server { message, .. } => message.clone(),
            Self::Interrupted => INTERRUPTED.to_owned(),
            other => other.to_string(),
        }
    }

    pub(crate) fn unknown(error: Self) -> Self {
        Self::CommitUnknown { source: Box::new(error) }
    }

    /// Why no connection to a server or file could be made.
    pub(crate) fn connect(options: &ConnectOptions, error: sqlx::Error) -> Self {
        let advice = if is_about_trust(&error) {
            "the server must show a certificate for this host name: name the authority that signed it with DJ_TLS_CA, \
             or turn encryption off with DJ_USE_TLS=false where the network is safe"
        } else {
            "check that the server runs there, and the settings DJ_HOST and DJ_PORT"
        };
        let error = match error {
            // The driver means its pool, which has nothing to do with it.
            sqlx::Error::PoolTimedOut => {
                let silence = std::io::Error::new(std::io::ErrorKind::TimedOut, "it did not answer in time");
                sqlx::Error::Io(silence)
            }
            other => other,
        };
        Self::from(error).at(options, advice)
    }

    /// The same error of a statement that declares a table: servers have one code for a query and for a table of too much.
    #[must_use]
    pub fn declaring(self) -> Self {
        match self {
            Self::Server { kind: Kind::TooComplex, message, constraint, code, .. } => {
                let kind = Kind::TableTooLarge;
                Self::Server { kind, message, advice: kind.advice(), constraint, code }
            }
            other => other,
        }
    }

    /// The same error with the address that there is no connection to.
    pub(crate) fn at(self, options: &ConnectOptions, advice: &'static str) -> Self {
        match self {
            Self::Driver(source) => Self::Connect { address: options.address(), advice, source },
            Self::Server { kind, message, advice, constraint, code } => {
                let advice = match code.as_str() {
                    "14" if options.backend.capability().is_embedded => FILE_ADVICE,
                    _ if kind == Kind::AccessDenied && !options.is_encrypted() => {
                        "check the user and the password (DJ_USER, DJ_PASS), and whether the server lets this user in over \
                         encrypted connections alone (DJ_USE_TLS=true)"
                    }
                    _ => advice,
                };
                let message = format!("no connection to {}: {message}", options.address());
                Self::Server { kind, message, advice, constraint, code }
            }
            other => other,
        }
    }
}

/// What to do about a file that can't be opened.
pub(crate) const FILE_ADVICE: &str =
    "look at its path, the setting `database.path` (DJ_DATABASE_PATH), and at what you may do in its folder";

impl From<datajoint_sql::Error> for Error {
    fn from(error: datajoint_sql::Error) -> Self {
        Self::Sql(Box::new(error))
    }
}

/// True when encryption failed, or the server's certificate was not believed.
fn is_about_trust(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Tls(_) => true,
        sqlx::Error::Io(error) => error.kind() == std::io::ErrorKind::InvalidData,
        _ => false,
    }
}

#[doc(hidden)]
impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let refusal = match error {
            sqlx::Error::Database(refusal) => refusal,
            sqlx::Error::PoolClosed => return Self::Closed,
            // The driver asks for the members of an enum by itself.
            sqlx::Error::ColumnDecode { index, .. } if index.trim_matches('"') == "enum_labels" => {
                let source =
                    "an enum has a member 'NULL', which the driver takes for no member: rename it with \
                              `ALTER TYPE … RENAME VALUE 'NULL' TO …`"
                        .into();
                return Self::UnreadableValue { column: "of an enum".to_owned(), source };
            }
            sqlx::Error::ColumnDecode { index, source } => {
                return Self::UnreadableValue { column: index, source };
            }
            error => return Self::Driver(DriverError(Box::new(error))),
        };
        let kind = classify(refusal.as_ref());
        Self::Server {
            kind,
            message: message(refusal.as_ref()),
            advice: advice(refusal.as_ref(), kind),
            constraint: refusal.constraint().map(str::to_owned),
            code: code(refusal.as_ref()),
        }
    }
}

/// The advice behind a message.
fn next_step(advice: &str) -> String {
    if advice.is_empty() { String::new() } else { format!("; {advice}") }
}
