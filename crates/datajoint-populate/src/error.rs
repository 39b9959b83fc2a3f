use std::sync::Arc;

use datajoint_schema::TableName;

use crate::MakeError;

/// Why a table, or a key of it, can't be populated.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database, or the pipeline that it holds, is in the way.
    #[error("{0}")]
    Pipeline(#[from] datajoint_pipeline::Error),
    /// The queue of the table's jobs can't be used.
    #[error("{0}")]
    Jobs(#[from] datajoint_jobs::Error),
    /// The table's `make` gave an error.
    #[error("`make` of `{table}` failed for {key}: {source}")]
    Make {
        /// The table.
        table: TableName,
        /// The key, as text.
        key: String,
        /// What `make` gave.
        source: MakeError,
    },
    /// The table's `make` panicked.
    #[error("`make` of `{table}` panicked for {key}: {message}")]
    Panicked {
        /// The table.
        table: TableName,
        /// The key, as text.
        key: String,
        /// What the panic said.
        message: String,
    },
    /// The key was not made, or nobody knows whether it was, and its queue could not be told.
    #[error(
        "{source}; and its queue could not be told, so that its job stays reserved until this worker ends: {failure}"
    )]
    Untold {
        /// Why the key was not made.
        source: Arc<Error>,
        /// Why the queue was not told.
        failure: Box<Error>,
    },
    /// The key took too long.
    #[error("`{table}` was not made for {key}: it took longer than {} s", .limit.as_secs_f64())]
    TimeLimit {
        /// The table.
        table: TableName,
        /// The key, as text.
        key: String,
        /// How long it may take.
        limit: std::time::Duration,
    },
    /// What `fetch` read is no longer what it was, so that the result was not written.
    #[error(
        "`{table}` was not made for {key}: rows of {} changed while it was computed; populate again",
        names(.upstream)
    )]
    UpstreamChanged {
        /// The table.
        table: TableName,
        /// The key, as text.
        key: String,
        /// The ancestors whose rows changed.
        upstream: Vec<&'static str>,
    },
    /// A row that was found stale is another one now, or gone.
    #[error(
        "nothing of `{table}` was deleted: the row of {key} was made anew, or went, since it was found stale; look again \
         which rows are"
    )]
    RemadeMeanwhile {
        /// The table.
        table: TableName,
        /// The key, as text.
        key: String,
    },
    /// One row upstream was asked for, and there is none.
    #[error("the key has no row upstream in `{table}`; `fetch_optional` takes none for an answer")]
    NoUpstreamRow {
        /// The ancestor.
        table: &'static str,
    },
    /// One row upstream was asked for, and there are more.
    #[error(
        "the key has more than one row upstream in `{table}`; restrict them further, or `fetch` them all"
    )]
    ManyUpstreamRows {
        /// The ancestor.
        table: &'static str,
    },
    /// `make` inserted a row that belongs to another key.
    #[error(
        "a row for {other} was inserted into `{into}` while {key} was made: insert rows of `cx.key()` alone"
    )]
    OtherKey {
        /// The key that was made, as text.
        key: String,
        /// The key of the row, as text.
        other: String,
        /// Where the row was inserted: the table or one of its parts.
        into: TableName,
    },
    /// A row was inserted into a part that is not in the database. It is declared, and the key is made again.
    #[error(
        "the part `{part}` was not declared yet: it is declared, and the key made again, when `make` ends"
    )]
    UndeclaredPart {
        /// The part.
        part: TableName,
    },
    /// No foreign key stands in the table's primary key, so that nothing says which keys to make.
    #[error(
        "`{table}` can't be populated: begin its definition with `-> Parent`, to say what it is made from"
    )]
    NoKeySource {
        /// The table.
        table: TableName,
    },
    /// The table's primary key refers to other attributes of a parent than its primary key, so that the keys of the parent are not
    /// those that it is made for.
    #[error(
        "`{table}` can't be populated: ({}) of its key refers to other attributes of `{parent}` than its primary key; let it refer \
         to the primary key",
        .attributes.join(", ")
    )]
    OtherReference {
        /// The table.
        table: TableName,
        /// Its attributes that refer so.
        attributes: Vec<String>,
        /// The parent.
        parent: TableName,
    },
    /// The table has key attributes that its parents don't supply.
    #[error(
        "`{table}` can't be populated: `{attribute}` of its key comes from no parent, so that its keys can't be told \
         beforehand; keep it in a part, or in a parent"
    )]
    OwnKey {
        /// The table.
        table: TableName,
        /// The attribute.
        attribute: String,
    },
}

datajoint_definition::debug_as_report!(Error);

impl Error {
    /// True when the same key may succeed at once if it is tried again.
    pub(crate) fn is_transient(&self) -> bool {
        self.refusal().is_some_and(datajoint_adapters::Error::is_retryable)
    }

    /// True when this client may not write there.
    pub(crate) fn is_of_guard(&self) -> bool {
        match self {
            Self::Pipeline(error) => matches!(error, datajoint_pipeline::Error::Guard(_)),
            Self::Untold { source, .. } => source.is_of_guard(),
            _ => false,
        }
    }

    /// What kind of error it is, in a word for programs: nothing of what it says.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Make { .. } => "make",
            Self::Panicked { .. } => "panic",
            Self::TimeLimit { .. } => "time-limit",
            Self::UpstreamChanged { .. } => "upstream-changed",
            Self::Untold { .. } | Self::Jobs(_) => "queue",
            Self::Pipeline(_) => "database",
            Self::RemadeMeanwhile { .. }
            | Self::NoUpstreamRow { .. }
            | Self::ManyUpstreamRows { .. }
            | Self::OtherKey { .. }
            | Self::UndeclaredPart { .. }
            | Self::NoKeySource { .. }
            | Self::OtherReference { .. }
            | Self::OwnKey { .. } => "pipeline",
        }
    }

    /// True when a row was there already.
    pub(crate) fn is_duplicate(&self) -> bool {
        self.refusal().is_some_and(datajoint_adapters::Error::is_duplicate)
    }

    /// Returns true when nobody knows whether the result, or a change of the queue, was committed.
    pub fn is_commit_unknown(&self) -> bool {
        datajoint_pipeline::is_commit_unknown(self)
    }

    /// True when the same key may succeed if it is made again later.
    pub(crate) fn may_pass(&self) -> bool {
        self.is_transient()
            || matches!(self, Self::UpstreamChanged { .. })
            || self.refusal().is_some_and(datajoint_adapters::Error::is_connection_lost)
    }

    /// What the database said, if it was the database.
    fn refusal(&self) -> Option<&datajoint_adapters::Error> {
        datajoint_pipeline::find_refusal(self)
    }
}

fn names(tables: &[&str]) -> String {
    tables.iter().map(|table| format!("`{table}`")).collect::<Vec<_>>().join(", ")
}
