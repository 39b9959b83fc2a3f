use datajoint_schema::TableName;

use crate::MakeError;

/// Why a table, or a key of it, can't be populated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database, or the pipeline that it holds, is in the way.
    #[error(transparent)]
    Pipeline(#[from] datajoint_pipeline::Error),
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
    /// `compute` of the table panicked.
    #[error("`compute` of `{table}` panicked for {key}: {message}")]
    Panicked {
        /// The table.
        table: TableName,
        /// The key, as text.
        key: String,
        /// What the panic said.
        message: String,
    },
    /// What `fetch` read is no longer what it was, so that the result was not written.
    #[error(
        "`{table}` was not computed for {key}: rows of {} changed between `fetch` and `insert`; populate again",
        names(.upstream)
    )]
    UpstreamChanged {
        /// The table.
        table: TableName,
        /// The key, as text.
        key: String,
        /// The ancestors whose rows changed.
        upstream: Vec<TableName>,
    },
    /// `make` inserted a row that belongs to another key.
    #[error("`make` of `{table}` for {key} inserted a row for {other} into `{into}`: insert rows of `cx.key()` alone")]
    OtherKey {
        /// The table.
        table: TableName,
        /// The key that was made, as text.
        key: String,
        /// The key of the row, as text.
        other: String,
        /// Where the row was inserted: the table or one of its parts.
        into: TableName,
    },
    /// No foreign key stands in the table's primary key, so that nothing says which keys to make.
    #[error("`{table}` can't be populated: begin its definition with `-> Parent`, to say what it is made from")]
    NoKeySource {
        /// The table.
        table: TableName,
    },
    /// The table has key attributes that its parents don't supply.
    #[error(
        "`{table}` can't be populated: its key attribute `{attribute}` comes from no parent, so that no key can be \
         told beforehand; keep it in a part, or in a parent"
    )]
    OwnKey {
        /// The table.
        table: TableName,
        /// The attribute.
        attribute: String,
    },
}

fn names(tables: &[TableName]) -> String {
    tables.iter().map(|table| format!("`{table}`")).collect::<Vec<_>>().join(", ")
}
