//! Kinds of refusals, and what to do about each.

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
    /// A table that is wider, or has more keys or longer ones, than the server takes.
    TableTooLarge,
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
            Self::TableTooLarge => {
                "the server takes so many attributes, indexes and parts of a key of one table, and keys and rows of such a length: \
                 make some of the attributes a table of its own, or give its strings shorter types"
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
                "it took longer than `connection.statement_timeout` (DJ_STATEMENT_TIMEOUT) or, where you set none, the server lets it, or \
                 somebody ended it: raise that, or ask for less at a time"
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
