use std::path::PathBuf;

use datajoint_definition::Backend;
use datajoint_guard::Finding;

/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why nothing was planned or applied, and what to do.
///
/// What goes wrong with one object is not among these: it stands in the [`Plan`](crate::Plan), beside what went well.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The pipeline or its database.
    #[error(transparent)]
    Pipeline(#[from] datajoint_pipeline::Error),
    /// The database.
    #[error(transparent)]
    Adapter(#[from] datajoint_adapters::Error),
    /// The settings.
    #[error(transparent)]
    Settings(#[from] datajoint_config::Error),
    /// SQL that the backend can't have.
    #[error(transparent)]
    Sql(#[from] datajoint_sql::Error),
    /// A file that can't be read.
    #[error("{path}: {source}; give a file that can be read")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A declared file that is not as it should be.
    #[error("{path}: {message}; see the guide's page on deployments for what may stand there")]
    Wanted {
        /// The file.
        path: PathBuf,
        /// Where, and why.
        message: String,
    },
    /// An operation that this backend does not have.
    #[error("{operation} is {servers}-only; the {backend} adapter does not support it: {help}")]
    Unsupported {
        /// The operation.
        operation: &'static str,
        /// What has it.
        servers: &'static str,
        /// The backend.
        backend: Backend,
        /// What there is in its place.
        help: &'static str,
    },
    /// A replica identity of no known name.
    #[error("mode must be 'default', 'full', 'nothing' or 'index(attributes)'; got '{0}'")]
    Mode(String),
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
    /// Another deploy is under way.
    #[error("another deploy is under way: {holder}; wait for it (`--wait SECONDS`), or end that session")]
    Busy {
        /// Who.
        holder: String,
    },
    /// The session of the lock is not always the same.
    #[error(
        "the deploy lock is not held by this session: statements go through a pooler that shares sessions; \
         deploy by a connection to the server itself"
    )]
    Pooled,
    /// The plan that was approved is not the one that would be applied now.
    #[error(
        "the plan {approved} was approved, and what would be done now is {now}: look at it again, and approve that"
    )]
    OtherPlan {
        /// The hash that was given.
        approved: String,
        /// The hash of what would be done.
        now: String,
    },
    /// Step zero found errors.
    #[error(
        "the check of the deployment found what must not go into production: {}; put it right, or list the codes \
         below `[verify] accept` of the declared file",
        .findings.iter().map(|finding| format!("[{}] {}", finding.code, finding.message)).collect::<Vec<_>>().join("; ")
    )]
    Verify {
        /// What it found.
        findings: Vec<Finding>,
    },
    /// A user in more than one role.
    #[error(
        "`{user}` is in the roles {first} and {second}: name each user once; developer has all of operator"
    )]
    TwoRoles {
        /// The user.
        user: String,
        /// One role.
        first: String,
        /// Another.
        second: String,
    },
}
