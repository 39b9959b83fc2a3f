use std::path::Path;

use datajoint_schema::TableName;

/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why rows can't be copied, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The pipeline or its database.
    #[error(transparent)]
    Pipeline(#[from] datajoint_pipeline::Error),
    /// The foreign keys of the tables.
    #[error(transparent)]
    Schema(#[from] datajoint_schema::Error),
    /// A store.
    #[error(transparent)]
    Store(#[from] datajoint_store::Error),
    /// A store that rows speak of and the settings don't know.
    #[error(
        "rows of `{table}` speak of the store `{store}`, which is not in the settings: set `stores.{store}`"
    )]
    UnknownStore {
        /// The table.
        table: TableName,
        /// The store.
        store: String,
    },
    /// A file or folder.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A folder that holds something else already.
    #[error("{path} is not empty: give a folder that is, or is not there yet")]
    NotEmpty {
        /// The folder.
        path: String,
    },
    /// A file that is not as an export writes it.
    #[error("{path} is no part of an export of this version: {problem}")]
    Format {
        /// The file.
        path: String,
        /// What is wrong.
        problem: String,
    },
    /// A table that is there has other attributes than the rows.
    #[error(
        "`{table}` is there without {attribute}: import into a schema without this table, or change the table"
    )]
    OtherTable {
        /// The table.
        table: TableName,
        /// The attribute it lacks.
        attribute: String,
    },
    /// What was read back is not what was written.
    #[error(
        "`{table}`: the rows that came back are not those of the export ({found} rows, {expected} expected); \
         nothing was kept of the import"
    )]
    Changed {
        /// The table.
        table: TableName,
        /// How many rows came back.
        found: u64,
        /// How many there should be.
        expected: u64,
    },
}

impl Error {
    pub(crate) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::File { path, source }
    }

    pub(crate) fn format(path: &Path, problem: &impl ToString) -> Self {
        Self::Format { path: path.display().to_string(), problem: problem.to_string() }
    }
}

impl From<datajoint_pipeline::typed::ValueError> for Error {
    fn from(error: datajoint_pipeline::typed::ValueError) -> Self {
        Self::Pipeline(error.into())
    }
}
