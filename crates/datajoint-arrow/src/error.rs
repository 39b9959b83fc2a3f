/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why rows can't become columns, or columns rows.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The pipeline or its database.
    #[error(transparent)]
    Pipeline(#[from] datajoint_pipeline::Error),
    /// A value that a column can't hold.
    #[error("attribute `{attribute}`: {value} is no {kind}; cast it in the query")]
    Value {
        /// The attribute.
        attribute: String,
        /// The value.
        value: String,
        /// What the column holds.
        kind: String,
    },
    /// A column of a type that no attribute has.
    #[error("the column `{column}` is of the type {kind}, {advice}")]
    Column {
        /// The column.
        column: String,
        /// Its type.
        kind: String,
        /// What to do.
        advice: &'static str,
    },
    /// A cell of a text file that is none of its attribute's values.
    #[error("line {line}, `{attribute}`: {value:?} is no {type_text}")]
    Cell {
        /// The line, counted from one.
        line: u64,
        /// The attribute.
        attribute: String,
        /// What stands there.
        value: String,
        /// The type of the attribute.
        type_text: String,
    },
    /// Record batches that don't fit together.
    #[error("the record batches can't be put together: {0}")]
    Arrow(#[from] arrow_schema::ArrowError),
    /// A Parquet file.
    #[cfg(feature = "parquet")]
    #[error("the Parquet file can't be used: {0}")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// A CSV file.
    #[error("the CSV file can't be used: {0}")]
    Csv(#[from] csv::Error),
    /// A file.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

impl Error {
    pub(crate) fn file(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::File { path, source }
    }
}
