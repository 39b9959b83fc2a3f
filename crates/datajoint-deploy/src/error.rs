use std::path::PathBuf;

use datajoint_adapters::Kind;
use datajoint_definition::Backend;
use datajoint_guard::Finding;

/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why nothing was planned or applied, and what to do.
///
/// What goes wrong with one object is not among these: it stands in the [`Plan`](datajoint_plan::Plan), beside what went well.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The pipeline or its database.
    #[error("{0}")]
    Pipeline(#[from] datajoint_pipeline::Error),
    /// The engine of plans: another deploy is under way, another plan was approved, a schema that is not there.
    #[error("{0}")]
    Plan(#[from] datajoint_plan::Error),
    /// The settings.
    #[error("{0}")]
    Settings(#[from] datajoint_config::Error),
    /// SQL that the backend can't have.
    #[error("{0}")]
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
    DesiredState {
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
    /// What nobody can publish.
    #[error("`{name}` is nothing that can be published{hint}; write insert, update, delete or truncate")]
    Publish {
        /// What was to be published.
        name: String,
        /// A near name, where there is one.
        hint: String,
    },
    /// A publication of a schema that is not deployed.
    #[error(
        "[publication.{publication}] schemas: `{schema}` is not among the schemas that are deployed{hint}; correct the \
         name, or add it to `schemas` of the file"
    )]
    PublishedSchema {
        /// The publication.
        publication: String,
        /// The schema.
        schema: String,
        /// A near name, where there is one.
        hint: String,
    },
    /// A publication of no column of a table.
    #[error(
        "[publication.{publication}] columns: `{table}` has an empty list; name the columns to publish, or leave the \
         table out of `columns` to publish all of them"
    )]
    PublishedColumns {
        /// The publication.
        publication: String,
        /// The table, as it is named there.
        table: String,
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
    /// A role whose schemas can't be chosen.
    #[error(
        "[grants.writes] names {role}, and a viewer writes nowhere, a deployer and an admin everywhere; choose \
         schemas for analyst, operator or developer"
    )]
    Writes {
        /// The role.
        role: String,
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

impl From<datajoint_adapters::Error> for Error {
    fn from(error: datajoint_adapters::Error) -> Self {
        Self::Plan(error.into())
    }
}

impl Error {
    /// True when the server refused the user what was to be read.
    pub(crate) fn is_missing_privilege(&self) -> bool {
        self.kind() == Some(Kind::MissingPrivilege)
    }

    /// True when what the database keeps is not as it was written.
    pub(crate) fn is_of_damage(&self) -> bool {
        self.kind() == Some(Kind::Damaged)
    }

    fn kind(&self) -> Option<Kind> {
        let of_database = match self {
            Self::Pipeline(error) => error.of_database(),
            Self::Plan(error) => error.of_database(),
            _ => None,
        };
        of_database.and_then(datajoint_adapters::Error::kind)
    }
}

datajoint_definition::debug_as_report!(Error);
