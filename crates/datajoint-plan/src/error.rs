/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why nothing was planned or carried out, and what to do.
///
/// What goes wrong with one object is not among these: it stands in the [`Plan`](crate::Plan), beside what went well.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The pipeline or its database.
    #[error("{0}")]
    Pipeline(#[from] datajoint_pipeline::Error),
    /// The database.
    #[error("{0}")]
    Adapter(#[from] datajoint_adapters::Error),
    /// A catalog that can't be read.
    #[error("{0}")]
    Sql(#[from] datajoint_sql::Error),
    /// What is done beside the database.
    #[error("{0}")]
    Chore(Box<dyn std::error::Error + Send + Sync>),
    /// A schema or table that is not there.
    #[error("there is no {what} `{name}` in the database{hint}; name a schema or a table that is declared")]
    Unknown {
        /// `schema` or `table`.
        what: &'static str,
        /// Its name.
        name: String,
        /// A near name, where there is one.
        hint: String,
    },
    /// Another one is under way.
    #[error("another {what} is under way: {holder}; wait for it (`--wait SECONDS`), or end that session")]
    Busy {
        /// What it is: `deploy`.
        what: &'static str,
        /// Who.
        holder: String,
    },
    /// The session behind a connection is not always the same.
    #[error(
        "statements go through a pooler that hands out sessions by the transaction, as PgBouncer does; a {what} needs \
         sessions of its own: name the server itself in DJ_HOST and DJ_PORT, or a pool with `pool_mode = session` that \
         lets the start-up parameter `options` through"
    )]
    Pooled {
        /// What was to be carried out: `deploy`.
        what: &'static str,
    },
    /// The settings allow too few connections.
    #[error(
        "a {what} needs two connections, one of them for its lock, and `database.max_connections` is {most}: set it to 2 \
         or more; nothing was changed"
    )]
    FewConnections {
        /// What was to be carried out: `deploy`.
        what: &'static str,
        /// How many connections there may be.
        most: u32,
    },
    /// A catalog that says something else than is asked of it.
    #[error(
        "the database says {value} where {wanted} was expected, in column {column} of `{query}`: nothing was planned, and \
         nothing was changed; report this, with the release of the server, to the authors of this library"
    )]
    Unread {
        /// What it says.
        value: String,
        /// What was expected.
        wanted: &'static str,
        /// The column, counted from 1.
        column: usize,
        /// The query.
        query: String,
    },
    /// The plan that was approved is not the one that would be carried out now.
    #[error(
        "the plan {approved} was approved, and what would be done now is {now}: look at it again, and approve that"
    )]
    OtherPlan {
        /// The hash that was given.
        approved: String,
        /// The hash of what would be done.
        now: String,
    },
}

impl Error {
    /// Returns what the database said, where it was the database that failed or refused.
    pub fn of_database(&self) -> Option<&datajoint_adapters::Error> {
        match self {
            Self::Adapter(error) => Some(error),
            Self::Pipeline(error) => error.of_database(),
            _ => None,
        }
    }
}

datajoint_definition::debug_as_report!(Error);
