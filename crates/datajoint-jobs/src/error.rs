use datajoint_schema::TableName;

/// Why a job queue can't be used.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database, or the pipeline that it holds, is in the way.
    #[error("{0}")]
    Pipeline(#[source] datajoint_pipeline::Error),
    /// No program has used the queue yet.
    #[error("`{table}` has no job queue yet: the first `populate` with reserved jobs declares it")]
    NoQueue {
        /// The table.
        table: TableName,
    },
    /// A row of the queue that can't be read.
    #[error(
        "the jobs of `{table}` can't be read: {problem}; compare its columns with those of another queue"
    )]
    Unreadable {
        /// The table of the jobs.
        table: TableName,
        /// The problem.
        problem: String,
    },
}

datajoint_definition::debug_as_report!(Error);

impl Error {
    /// The kind of what the database said.
    pub(crate) fn kind(&self) -> Option<datajoint_adapters::Kind> {
        let Self::Pipeline(error) = self else { return None };
        error.of_database().and_then(datajoint_adapters::Error::kind)
    }

    /// Returns true when a table of the queue is not there.
    pub fn is_missing(&self) -> bool {
        self.kind() == Some(datajoint_adapters::Kind::MissingTable)
    }

    /// True when nothing was done, and the same may succeed if it is tried again.
    pub fn is_transient(&self) -> bool {
        let Self::Pipeline(error) = self else { return false };
        !self.is_commit_unknown()
            && error.of_database().is_some_and(|error| error.is_retryable() || error.is_connection_lost())
    }

    /// True when nobody knows whether it was done: the answer was lost. What counts what it changes would count the rest
    /// when it was tried again.
    pub fn is_commit_unknown(&self) -> bool {
        datajoint_pipeline::is_commit_unknown(self)
    }
}

impl<E: Into<datajoint_pipeline::Error>> From<E> for Error {
    fn from(error: E) -> Self {
        Self::Pipeline(error.into())
    }
}
