use datajoint_schema::TableName;

/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why rows can't become columns, or columns rows.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The pipeline or its database.
    #[error("{0}")]
    Pipeline(#[from] datajoint_pipeline::Error),
    /// A value that a column can't hold.
    #[error("row {row} of {query}: attribute `{attribute}`: {value} is no {kind}; cast it in the query")]
    Value {
        /// The query.
        query: String,
        /// The number of the row, counted from one.
        row: u64,
        /// The attribute.
        attribute: String,
        /// The value.
        value: String,
        /// What the column holds.
        kind: String,
    },
    /// Bytes, such as a blob, for a file that holds strings.
    #[error(
        "{query}: `{attribute}` holds bytes, which have no place in a CSV file: leave it out with a projection, write Parquet \
         or Arrow, or export the rows (`Export`, `dj export`)"
    )]
    Bytes {
        /// The query.
        query: String,
        /// The attribute.
        attribute: String,
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
    /// Two columns of one name.
    #[error(
        "the column `{column}` stands there twice, as number {first} and number {second}: leave one of them out, or name it \
         otherwise"
    )]
    TwoColumns {
        /// The name.
        column: String,
        /// The number of the first, counted from one.
        first: usize,
        /// The number of the second.
        second: usize,
    },
    /// A cell of a text file that is none of its attribute's values.
    #[error("line {line} for `{table}`: attribute `{attribute}`: {value:?} is no {type_text}")]
    Cell {
        /// The table.
        table: TableName,
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
    /// A Parquet file that can't be written.
    #[cfg(feature = "parquet")]
    #[error("{path} can't be written as Parquet: {source}")]
    Parquet {
        /// The file.
        path: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A Parquet file that can't be read: damaged, cut off, or of a kind that is not known.
    #[cfg(feature = "parquet")]
    #[error(
        "{path} can't be read as Parquet: {problem}; if it was cut off or damaged on its way, bring it over anew, otherwise write \
         it anew, with the defaults of your library"
    )]
    Damaged {
        /// The file.
        path: String,
        /// What is wrong.
        problem: String,
    },
    /// A Parquet file whose columns are compressed in a way that is not read.
    #[cfg(feature = "parquet")]
    #[error(
        "{path} is compressed by {codec}, which is not read: write it anew, compressed by Zstandard, Snappy, LZ4 (as `LZ4_RAW`) or \
         gzip, or not at all"
    )]
    Packed {
        /// The file.
        path: String,
        /// The name of the compression.
        codec: String,
    },
    /// A file of another kind.
    #[cfg(feature = "parquet")]
    #[error("{path} is no Parquet file: it doesn't begin with `PAR1`; give a CSV file to `insert_csv`")]
    NoParquet {
        /// The file.
        path: String,
    },
    /// A CSV file.
    #[error("{path} can't be used as a CSV file: {source}")]
    Csv {
        /// The file.
        path: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A CSV file without a line of names.
    #[error("{path} has no line of names: begin with one, such as `subject,name`, also where no row follows")]
    NoNames {
        /// The file.
        path: String,
    },
    /// A line of a CSV file that has other cells than the line of names.
    #[error(
        "{path}, line {line}: {} where {} are named: give each a cell, an empty one where there is no value, and put double quotes \
         around a cell with a comma",
        datajoint_definition::count(*.found, "cell"),
        .names
    )]
    Cells {
        /// The file.
        path: String,
        /// The line, counted from one.
        line: u64,
        /// How many cells it has.
        found: u64,
        /// How many columns the file has.
        names: u64,
    },
    /// A file.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

datajoint_definition::debug_as_report!(Error);

impl Error {
    /// Fails where two columns have one name: the value of one of them would be lost.
    pub(crate) fn of_two_columns<'a>(names: impl Iterator<Item = &'a str>) -> Result<()> {
        let mut places = std::collections::HashMap::new();
        for (second, name) in (1..).zip(names) {
            if let Some(first) = places.insert(name, second) {
                return Err(Self::TwoColumns { column: name.to_owned(), first, second });
            }
        }
        Ok(())
    }

    /// Returns true when the same may go well if it is tried again: others were at the same rows.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Pipeline(error) if error.is_retryable())
    }

    pub(crate) fn file(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::File { path, source }
    }

    pub(crate) fn csv(path: &std::path::Path) -> impl FnOnce(csv::Error) -> Self {
        Self::csv_line(path, 0)
    }

    /// The same of a reader that counts so many lines too few.
    pub(crate) fn csv_line(path: &std::path::Path, uncounted: u64) -> impl FnOnce(csv::Error) -> Self {
        let path = path.display().to_string();
        let line = move |place: Option<csv::Position>| place.map_or(1, |place| place.line() + uncounted);
        move |error| match error.into_kind() {
            csv::ErrorKind::Io(source) => Self::Csv { path, source: Box::new(source) },
            csv::ErrorKind::UnequalLengths { pos, expected_len: names, len: found } => {
                Self::Cells { path, line: line(pos), found, names }
            }
            csv::ErrorKind::Utf8 { pos, err } => {
                let line = line(pos);
                Self::Csv { path, source: format!("line {line} is not UTF-8 ({err})").into() }
            }
            other => Self::Csv { path, source: format!("{other:?}").into() },
        }
    }

    #[cfg(feature = "parquet")]
    pub(crate) fn parquet(path: &std::path::Path, source: parquet::errors::ParquetError) -> Self {
        Self::Parquet { path: path.display().to_string(), source: Box::new(source) }
    }

    #[cfg(feature = "parquet")]
    pub(crate) fn damaged(path: &std::path::Path, problem: &impl ToString) -> Self {
        Self::Damaged { path: path.display().to_string(), problem: problem.to_string() }
    }
}
