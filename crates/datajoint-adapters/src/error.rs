mod refusal;

use std::time::Duration;

use thiserror::Error as ThisError;

use crate::ConnectOptions;
use crate::course::Failure;
use crate::holders::Holder;
use refusal::{advice, classify, code, message, named_column};

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
    #[error(
        "an earlier statement on this connection was cancelled or broken off, so that it can't be used any more: begin \
         again on another one"
    )]
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

/// What kind of refusal it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A key, or another unique value, that is there already.
    Duplicate,
    /// A reference to what is not there, or the removal of what is referred to.
    ForeignKey,
    /// A null or missing value where one is required.
    NotNull,
    /// A value that its column does not take.
    Check,
    /// A table that is not there.
    MissingTable,
    /// A schema that is not there.
    MissingSchema,
    /// A database of PostgreSQL, which holds the schemas, that is not there.
    MissingDatabase,
    /// A column that is not there.
    MissingColumn,
    /// A function that is not there, or not for values of these types.
    MissingFunction,
    /// A division by zero.
    DivisionByZero,
    /// A query in brackets that gives more than the one value that is asked for.
    ManyRows,
    /// Types that do not go together, and a condition that is neither true nor false.
    Mismatched,
    /// A function over many rows where there is one, or one value of a group that has many.
    Misgrouped,
    /// A name that several tables have.
    Ambiguous,
    /// Strings whose order is not known, or is that of two languages.
    Collation,
    /// A pattern that is none.
    Pattern,
    /// A value for which a function has no result.
    Argument,
    /// A JSON document, or a place in one, that is none.
    Document,
    /// What the server does not do, as with values of these types.
    Unsupported,
    /// Wrong user or password.
    AccessDenied,
    /// A connection that is not encrypted, to a server that takes no such.
    Unencrypted,
    /// A privilege that the user lacks.
    MissingPrivilege,
    /// Wrong SQL.
    Syntax,
    /// Another session holds what is needed.
    LockTimeout,
    /// Two sessions wait for each other; this one was rolled back.
    Deadlock,
    /// Another session changed a row since this transaction began, which the server has undone.
    Changed,
    /// Another session changed what this one read.
    Serialization,
    /// A statement larger than the server takes.
    PacketTooLarge,
    /// A statement that is too deep, or made of too much, for the server.
    TooComplex,
    /// The server ended the connection.
    ConnectionEnded,
    /// The server takes no statements for now, as a node that joins its cluster.
    NotReady,
    /// A server, or a session, that takes nothing that is written.
    ReadOnly,
    /// A prepared statement that the session does not know, or knows from another client.
    SharedSession,
    /// A statement that is kept prepared, and whose tables were made anew or altered since.
    Outdated,
    /// A table that was altered or made anew since the transaction began, or is being so at this moment.
    Altered,
    /// Made by someone else at the same time.
    AlreadyExists,
    /// What something else is made of, such as a table with a view.
    StillUsed,
    /// A disk that can't be read or written.
    Storage,
    /// A file of the database, or a page of the server's, that is not as it was written.
    Damaged,
    /// A disk without room.
    DiskFull,
    /// A server that keeps as many prepared statements as it may.
    TooManyPrepared,
    /// A statement that took longer than it may.
    StatementTimeout,
    /// A server that has as many connections as it takes.
    TooManyConnections,
    /// Anything else.
    Other,
}

impl Kind {
    pub(crate) const fn advice(self) -> &'static str {
        match self {
            Self::Duplicate => "such a row is there already",
            Self::ForeignKey => "insert parents before children, and delete children before parents",
            Self::NotNull => "give a value for it",
            Self::Check => "give a value that the type holds, or compute with a wider type",
            Self::MissingTable => {
                "declare the table, or correct its name; in SQL of yours its schema stands before it"
            }
            Self::MissingSchema => "create the schema, or correct its name",
            Self::MissingDatabase => "create the database, or correct `database.name` (DJ_DATABASE_NAME)",
            Self::MissingColumn => "correct the name, or compare the definition with the database",
            Self::MissingFunction => "correct its name, or give it values of the types that it takes",
            Self::DivisionByZero => "write `nullif(x, 0)` for what may be zero",
            Self::ManyRows => {
                "let a query in brackets give one value, with an aggregate or `limit 1`, or compare with `in` or `exists`"
            }
            Self::Mismatched => {
                "write a condition as a comparison, as in `n <> 0`, and `cast(x as …)` where types do not go together"
            }
            Self::Misgrouped => "compute over many rows with `aggr`, and restrict what that gives",
            Self::Ambiguous => "write the table before the name, as in `mouse.name`",
            Self::Collation => "give both strings one collation that the server has, as in `x collate …`",
            Self::Pattern => "correct the pattern: what is meant as itself has a backslash before it",
            Self::Argument => "give the function a value for which it has a result",
            Self::Document => "correct the JSON, or the place in it",
            Self::Unsupported => "the server does not do that: write it in another way",
            Self::AccessDenied => "check the user and the password (DJ_USER, DJ_PASS)",
            Self::Unencrypted => "turn encryption on with DJ_USE_TLS=true",
            Self::MissingPrivilege => "ask for the privilege, or work as another user",
            Self::Syntax => "correct the SQL that was given",
            Self::LockTimeout => "another session holds a lock on it: wait for it, or end it",
            Self::Deadlock => {
                "another session was at the same rows in another order: try again; where each takes rows in the order of \
                 their keys, one waits for the other"
            }
            Self::Changed => {
                "another session changed the row since this transaction began: try again in another one"
            }
            Self::Serialization => "another session was at the same rows: try again",
            Self::PacketTooLarge => "raise max_allowed_packet on the server, or insert fewer rows at a time",
            Self::TooComplex => {
                "the query is too large for it: give many values as one list (`is_in`, a list of keys), compute and join less \
                 at a time, or fetch the rows and go on in the program"
            }
            Self::ConnectionEnded => "the server ended the connection: try again",
            Self::NotReady => "the node is not part of its cluster for now: try again, or on another node",
            Self::ReadOnly => {
                "this client reads only, or the server is a standby: write by another client, to the primary; `DJ_HOST` \
                 takes several servers, with commas, of which the primary is found"
            }
            Self::SharedSession => {
                "a pooler hands out sessions by the transaction in a way that is not known here: connect to the server \
                 itself, or have whole sessions handed out (`pool_mode = session`)"
            }
            Self::Outdated => "what it works on was made anew or altered meanwhile: try again",
            Self::Altered => {
                "others altered the table, or made it, since this transaction began: try again in another one"
            }
            Self::AlreadyExists => "it was made already",
            Self::StillUsed => "drop first what depends on it",
            Self::Storage => "see to the disk on which the database lies",
            Self::Damaged => {
                "stop all programs, copy what is there, and restore the last good copy; `dj doctor` says what is damaged"
            }
            Self::DiskFull => "make room on the disk of the database, and try again",
            Self::StatementTimeout => {
                "it took longer than `connection.statement_timeout` (DJ_STATEMENT_TIMEOUT) lets it, or somebody ended it: \
                 raise that, or ask for less at a time"
            }
            Self::TooManyConnections => {
                "wait until others have ended, take fewer with `database.max_connections` (DJ_MAX_CONNECTIONS), or have \
                 the server take more"
            }
            Self::TooManyPrepared => {
                "raise `max_prepared_stmt_count` on the server, or take fewer connections with `database.max_connections` \
                 (DJ_MAX_CONNECTIONS)"
            }
            Self::Other => "",
        }
    }
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

    /// The same error with the address that there is no connection to.
    pub(crate) fn at(self, options: &ConnectOptions, advice: &'static str) -> Self {
        match self {
            Self::Driver(source) => Self::Connect { address: options.address(), advice, source },
            Self::Server { kind: Kind::AccessDenied, message, constraint, code, .. }
                if !options.is_encrypted() =>
            {
                let advice = "check the user and the password (DJ_USER, DJ_PASS), and whether the server lets this user in \
                              over encrypted connections alone (DJ_USE_TLS=true)";
                Self::Server { kind: Kind::AccessDenied, message, advice, constraint, code }
            }
            Self::Server { kind, message, advice, constraint, code } => {
                // A file of SQLite that can't be opened, or is none of a database.
                let is_file =
                    options.backend.capability().is_embedded && matches!(code.as_str(), "14" | "26");
                let advice = if is_file { FILE_ADVICE } else { advice };
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
