use thiserror::Error as ThisError;

/// The result of talking to a database.
pub type Result<T, E = Error> = std::result::Result<T, E>;

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
        source: Box<sqlx::Error>,
    },
    /// The program was built without this backend.
    #[error("this program was built without {0}: turn on the feature `{1}` of `datajoint`")]
    NotBuilt(&'static str, &'static str),
    /// The server refused a statement.
    #[error("{message}; {advice}")]
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
    /// A value of a type that is not read.
    #[error("column `{column}` has the type {type_name}, which is not read; cast it to another in the query")]
    UnsupportedType {
        /// The column.
        column: String,
        /// The server's name of the type.
        type_name: String,
    },
    /// A row too large for one statement.
    #[error(
        "a row of {bytes} bytes is larger than the server's max_allowed_packet of {limit} bytes; raise that setting"
    )]
    RowTooLarge {
        /// The size of the row.
        bytes: usize,
        /// What the server takes.
        limit: usize,
    },
    /// A lock that another session holds.
    #[error("the lock `{name}` is held by {holder}; try again when that is done")]
    LockTimeout {
        /// The lock.
        name: String,
        /// Who holds it.
        holder: String,
    },
    /// A catalog that is no DataJoint schema.
    #[error(transparent)]
    Sql(Box<datajoint_sql::Error>),
    /// The connection broke, or the driver failed.
    #[error("the connection failed: {0}; if it was lost, try again")]
    Driver(Box<sqlx::Error>),
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
    /// A column that is not there.
    MissingColumn,
    /// Wrong user or password.
    AccessDenied,
    /// A privilege that the user lacks.
    MissingPrivilege,
    /// Wrong SQL.
    Syntax,
    /// Another session holds what is needed.
    LockTimeout,
    /// Two sessions wait for each other; this one was rolled back.
    Deadlock,
    /// Another session changed what this one read.
    Serialization,
    /// A statement larger than the server takes.
    PacketTooLarge,
    /// The server ended the connection.
    ConnectionEnded,
    /// Made by someone else at the same time.
    AlreadyExists,
    /// Anything else.
    Other,
}

impl Kind {
    const fn advice(self) -> &'static str {
        match self {
            Self::Duplicate => "such a row is there already",
            Self::ForeignKey => "insert parents before children, and delete children before parents",
            Self::NotNull => "give a value for it",
            Self::Check => "give a value that the attribute's type holds",
            Self::MissingTable => "declare the table, or correct its name",
            Self::MissingSchema => "create the schema, or correct its name",
            Self::MissingColumn => "correct the name, or compare the definition with the database",
            Self::AccessDenied => "check the user and the password (DJ_USER, DJ_PASS)",
            Self::MissingPrivilege => "ask for the privilege, or work as another user",
            Self::Syntax => "this is SQL that the server does not understand",
            Self::LockTimeout => "another session holds a lock on it: wait for it, or end it",
            Self::Deadlock | Self::Serialization => "another session was at the same rows: try again",
            Self::PacketTooLarge => "raise max_allowed_packet on the server, or insert fewer rows at a time",
            Self::ConnectionEnded => "the server ended the connection: try again",
            Self::AlreadyExists => "it was made already",
            Self::Other => "see what the server says",
        }
    }
}

impl Error {
    /// What kind of refusal a server's error is.
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Self::Server { kind, .. } => Some(*kind),
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

    /// True when the connection is gone, so that nothing is known of the statement that was on its way.
    pub fn is_connection_lost(&self) -> bool {
        match self {
            Self::Server { kind, .. } => *kind == Kind::ConnectionEnded,
            Self::Driver(error) => matches!(**error, sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed),
            _ => false,
        }
    }

    /// True when the same transaction may succeed if it is tried again.
    pub fn is_retryable(&self) -> bool {
        matches!(self.kind(), Some(Kind::Deadlock | Kind::Serialization | Kind::LockTimeout))
    }

    pub(crate) fn connect(address: String, error: sqlx::Error) -> Self {
        let error = Self::from(error);
        let advice = match &error {
            Self::Server { .. } => return error,
            _ => "check that the server runs there, and the settings DJ_HOST and DJ_PORT",
        };
        match error {
            Self::Driver(source) => {
                let advice = if is_about_trust(&source) {
                    "the server must show a certificate for this host name: name the authority that signed it with DJ_TLS_CA, \
                     or turn encryption off with DJ_USE_TLS=false where the network is safe"
                } else {
                    advice
                };
                Self::Connect { address, advice, source }
            }
            other => other,
        }
    }
}

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

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let sqlx::Error::Database(refusal) = &error else { return Self::Driver(Box::new(error)) };
        let kind = classify(refusal.as_ref());
        Self::Server {
            kind,
            message: refusal.message().to_owned(),
            advice: kind.advice(),
            constraint: refusal.constraint().map(str::to_owned),
            code: code(refusal.as_ref()),
        }
    }
}

/// The code by which the documentation of the server knows an error.
fn code(refusal: &dyn sqlx::error::DatabaseError) -> String {
    #[cfg(feature = "mysql")]
    if let Some(refusal) = refusal.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        return refusal.number().to_string();
    }
    refusal.code().unwrap_or_default().into_owned()
}

fn classify(refusal: &dyn sqlx::error::DatabaseError) -> Kind {
    #[cfg(feature = "mysql")]
    if let Some(refusal) = refusal.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        return match refusal.number() {
            1062 | 1586 => Kind::Duplicate,
            1216 | 1217 | 1451 | 1452 | 3730 => Kind::ForeignKey,
            1048 | 1364 => Kind::NotNull,
            1264 | 1265 | 1366 | 1406 | 3819 | 4025 => Kind::Check,
            1146 => Kind::MissingTable,
            1049 => Kind::MissingSchema,
            1054 => Kind::MissingColumn,
            1045 | 1698 => Kind::AccessDenied,
            1044 | 1142 | 1143 => Kind::MissingPrivilege,
            1064 => Kind::Syntax,
            1205 => Kind::LockTimeout,
            1213 | 1020 => Kind::Deadlock,
            1153 => Kind::PacketTooLarge,
            1053 | 1927 | 3169 | 4031 => Kind::ConnectionEnded,
            1007 | 1050 => Kind::AlreadyExists,
            _ => Kind::Other,
        };
    }
    let code = refusal.code().unwrap_or_default();
    match code.as_ref() {
        "23505" | "2067" | "1555" => Kind::Duplicate,
        "23503" | "787" | "1811" => Kind::ForeignKey,
        "23502" | "1299" => Kind::NotNull,
        "23514" | "22001" | "22003" | "22P02" | "275" | "3091" => Kind::Check,
        "42P01" => Kind::MissingTable,
        "3F000" | "3D000" => Kind::MissingSchema,
        "42703" => Kind::MissingColumn,
        "28P01" | "28000" => Kind::AccessDenied,
        "42501" => Kind::MissingPrivilege,
        "42601" => Kind::Syntax,
        "55P03" | "5" | "6" | "261" | "517" => Kind::LockTimeout,
        "40P01" => Kind::Deadlock,
        "40001" => Kind::Serialization,
        // What is granted or declared on one thing by two sessions at a time.
        "XX000" if refusal.message().contains("concurrently updated") => Kind::Serialization,
        "57P01" | "57P02" | "57P03" | "08003" | "08006" | "25P03" => Kind::ConnectionEnded,
        "42P06" | "42P07" | "42710" => Kind::AlreadyExists,
        "1" if refusal.message().contains("no such table") => Kind::MissingTable,
        "1" if refusal.message().contains("no such column") => Kind::MissingColumn,
        "1" if refusal.message().contains("syntax error") => Kind::Syntax,
        "1" if refusal.message().contains("already exists") => Kind::AlreadyExists,
        _ => Kind::Other,
    }
}
