use std::path::Path;

use datajoint_schema::TableName;

/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why rows can't be copied, and what to do.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The pipeline or its database.
    #[error("{0}")]
    Pipeline(#[from] datajoint_pipeline::Error),
    /// The foreign keys of the tables.
    #[error("{0}")]
    Schema(#[from] datajoint_schema::Error),
    /// A store.
    #[error("{0}")]
    Store(#[from] datajoint_store::Error),
    /// A condition that can't become SQL.
    #[error("{0}")]
    Sql(#[from] datajoint_sql::Error),
    /// A table of which no key tells the rows apart.
    #[error(
        "`{table}`: its rows have no primary key that tells them apart, so that they can't be copied each once: give it a \
         primary key"
    )]
    NoKey {
        /// The table.
        table: TableName,
    },
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
    /// Rows speak of the default store, and the settings name none.
    #[error(
        "rows of `{table}` speak of the default store, and the settings name none: set `stores.default` to the store that \
         their objects are in"
    )]
    NoDefaultStore {
        /// The table.
        table: TableName,
    },
    /// A row that says of an object nothing by which it could be found.
    #[error(
        "`{attribute}` of a row of `{table}` is {found}, which names no object in a store: put the row right, or leave it \
         out of the query"
    )]
    NoObject {
        /// The table.
        table: TableName,
        /// The attribute.
        attribute: String,
        /// What stands there.
        found: String,
    },
    /// An object of an export that no row of it speaks of.
    #[error(
        "{path}: no row of the export speaks of the object {object}{}, so that it is none of an export: the folder was changed; \
         nothing was written: export anew",
        in_store(.store.as_deref())
    )]
    Stray {
        /// The manifest.
        path: String,
        /// The path in the store.
        object: String,
        /// The store; none for the default one.
        store: Option<String>,
    },
    /// A row of an export that speaks of an object which the export has not.
    #[error(
        "{path}: `{attribute}` of a row of `{table}` speaks of the object {object}{}, which the export has not: the folder was \
         changed; nothing was written: export anew",
        in_store(.store.as_deref())
    )]
    Lacking {
        /// The manifest.
        path: String,
        /// The table.
        table: TableName,
        /// The attribute.
        attribute: String,
        /// The path in the store.
        object: String,
        /// The store; none for the default one.
        store: Option<String>,
    },
    /// An object that goes by its content has another one.
    #[error(
        "the object {object} of the store `{store}` is not what was written: its content has the hash {found}; restore it from a \
         copy, or leave the rows that speak of it out of the query"
    )]
    OtherContent {
        /// The store.
        store: String,
        /// The path in the store.
        object: String,
        /// The hash of what is there.
        found: String,
    },
    /// A row that is too large for a line of an export.
    #[error(
        "row {row} of `{table}` takes {bytes} bytes in an export, and at most {} are read again: keep its large values in a store",
        crate::rows::LONGEST_LINE
    )]
    LongRow {
        /// The table.
        table: TableName,
        /// The number of the row, counted from one.
        row: u64,
        /// How many bytes it takes.
        bytes: u64,
    },
    /// An export of too many objects for its manifest to be read again.
    #[error(
        "the manifest of the export takes {bytes} bytes, and at most {} are read again: export the rows in several parts",
        crate::manifest::LONGEST
    )]
    LongManifest {
        /// How many bytes it takes.
        bytes: u64,
    },
    /// The file of an object in an export has other bytes than were exported.
    #[error(
        "{path} is not the object that was exported, although it has its size: the folder was damaged or changed; no row was \
         inserted: bring the folder over anew, or export anew"
    )]
    OtherBytes {
        /// The file.
        path: String,
    },
    /// An object is not as the row says that speaks of it.
    #[error(
        "`{attribute}` of a row of `{table}`: {source}; nothing was exported: restore the object from a copy, or leave the row out \
         of the query"
    )]
    Damaged {
        /// The table.
        table: TableName,
        /// The attribute.
        attribute: String,
        /// What is wrong.
        source: Box<datajoint_codec::Error>,
    },
    /// A table that is there keeps objects otherwise than the export.
    #[error(
        "`{table}` is there with `{attribute}` by the codec {here}, and the export has it by {exported}: import into a schema \
         without this table"
    )]
    OtherCodec {
        /// The table.
        table: TableName,
        /// The attribute.
        attribute: String,
        /// The codec here.
        here: String,
        /// The codec of the export.
        exported: String,
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
    #[error(
        "{path} is not empty: give a folder that is, or is not there yet; one without a `manifest.json` may be left of an export \
         that was broken off: remove it"
    )]
    NotEmpty {
        /// The folder.
        path: String,
    },
    /// Something that is no folder.
    #[error("{path} is no folder: give one that is empty, or is not there yet")]
    NoFolder {
        /// What is there.
        path: String,
    },
    /// A file that is not as an export writes it.
    #[error("{path} is not as an export of this version writes it: {problem}")]
    Format {
        /// The file.
        path: String,
        /// What is wrong.
        problem: String,
    },
    /// A row that does not fit the table here.
    #[error(
        "row {row} for `{table}` ({key}): {source}; change it where it was exported and export it anew, or declare the table here, \
         to hold it, before the import"
    )]
    Row {
        /// The table.
        table: TableName,
        /// The number of the row in the export, counted from 1.
        row: u64,
        /// Its key, as text.
        key: String,
        /// What is wrong, with the attribute.
        source: datajoint_pipeline::typed::ValueError,
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
    /// A unique index that the database can't have: without it, rows would be taken that it refuses.
    #[error(
        "`{table}` has the {index}, and {reason}; nothing was declared: import into another kind of database, or leave such \
         indexes out with `Import::without_unique_indexes` (`dj import --without-unique-indexes`), and see to it yourself that \
         values are given once"
    )]
    UniqueIndex {
        /// The table.
        table: TableName,
        /// The index, as its definition writes it.
        index: String,
        /// Why it can't be there.
        reason: String,
    },
    /// A value that was read back is not the one that was written.
    #[error(
        "`{table}`: of the row ({key}) {attribute} = {given} came back as {found}, as this database holds it; \
         nothing was kept of the import"
    )]
    OtherValue {
        /// The table.
        table: TableName,
        /// The key of the row.
        key: String,
        /// The attribute.
        attribute: String,
        /// The value that was written.
        given: String,
        /// The value that came back.
        found: String,
    },
    /// An import failed after it had declared tables.
    #[error(
        "{source}; {} {} empty: import again when that is put right, or drop {}",
        names(.tables),
        if .tables.len() == 1 { "was declared for it and is" } else { "were declared for it and are" },
        if .tables.len() == 1 { "it" } else { "them" }
    )]
    Left {
        /// The tables, parents first.
        tables: Vec<TableName>,
        /// Why the import failed.
        source: Box<Error>,
    },
    /// What was read back is not what was written.
    #[error(
        "`{table}`: the rows that came back are not those of the export ({}, {expected} expected); \
         nothing was kept of the import",
        datajoint_definition::count(*found, "row")
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

datajoint_definition::debug_as_report!(Error);

fn in_store(store: Option<&str>) -> String {
    store.map_or_else(|| " of the default store".to_owned(), |store| format!(" of the store `{store}`"))
}

fn names(tables: &[TableName]) -> String {
    tables.iter().map(|table| format!("`{table}`")).collect::<Vec<_>>().join(", ")
}

impl Error {
    /// Returns true when the same may go well if it is tried again: others were at the same rows.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Pipeline(error) if error.is_retryable())
    }

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
