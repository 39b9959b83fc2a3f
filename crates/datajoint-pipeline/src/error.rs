use datajoint_definition::Diagnostic;
use datajoint_schema::TableName;

use crate::typed::ValueError;

/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why work on a pipeline failed: what, where, and what to do next.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database.
    #[error(transparent)]
    Adapter(#[from] datajoint_adapters::Error),
    /// The settings.
    #[error(transparent)]
    Settings(#[from] datajoint_config::Error),
    /// What keeps the database from accidents.
    #[error(transparent)]
    Guard(#[from] datajoint_guard::Error),
    /// The tables and their foreign keys.
    #[error(transparent)]
    Schema(#[from] datajoint_schema::Error),
    /// A query, declaration or value that can't become SQL.
    #[error(transparent)]
    Sql(#[from] datajoint_sql::Error),
    /// A value that can't be read or written.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// The definition of a table has faults.
    #[error("the definition of `{table}` can't be declared: {}", faults_text(.faults))]
    Definition {
        /// The table.
        table: TableName,
        /// Every fault, with its place in the text.
        faults: Vec<Diagnostic>,
    },
    /// Tables are missing, and the settings forbid to declare them.
    #[error(
        "these tables don't exist: {}; `database.create_tables` is off (from {origin}): declare them by a deployment, \
         or allow it for one schema with `Instance::with_create_tables`",
        names_text(.tables)
    )]
    NotDeclared {
        /// The tables.
        tables: Vec<TableName>,
        /// Where the setting comes from.
        origin: String,
    },
    /// Tables would have to be declared within a transaction.
    #[error(
        "these tables don't exist: {}; they can't be declared within a transaction: activate them before it begins",
        names_text(.tables)
    )]
    DeclareInTransaction {
        /// The tables.
        tables: Vec<TableName>,
    },
    /// A row that is there differs from the one that was to be the same.
    #[error(
        "`{table}`: the row ({key}) is there with {attribute} = {there}, not {given}: update it, replace it, \
         or skip duplicates whatever they hold"
    )]
    OtherRow {
        /// The table.
        table: TableName,
        /// The key of the row.
        key: String,
        /// The attribute that differs.
        attribute: String,
        /// Its value in the database.
        there: String,
        /// The value that was given.
        given: String,
    },
    /// A part of a transaction was cancelled, so that nobody knows what it had done.
    #[error(
        "a part of the transaction was cancelled before it ended, and everything was undone: begin it again"
    )]
    CancelledPart,
    /// An attribute that is not there.
    #[error("`{attribute}` is not an attribute of {of}{hint}")]
    UnknownAttribute {
        /// The attribute asked for.
        attribute: String,
        /// The table or query.
        of: String,
        /// The most similar name, or the names there are.
        hint: String,
    },
    /// A key restricts a query that has none of its attributes.
    #[error(
        "a key of ({key}) can't restrict a query of ({query}), which has none of these attributes; \
         restrict a table that they have in common first"
    )]
    NothingInCommon {
        /// The attributes of the key.
        key: String,
        /// The attributes of the query.
        query: String,
    },
    /// A row without an attribute that must be given.
    #[error("row {row} for `{table}` lacks `{attribute}`, which has no default: give it a value")]
    MissingAttribute {
        /// The table.
        table: TableName,
        /// The number of the row, counted from 1.
        row: u64,
        /// The attribute.
        attribute: String,
    },
    /// A row with an attribute that the table doesn't have.
    #[error("row {row} for `{table}` has `{attribute}`, which is not an attribute of the table{hint}")]
    ExtraAttribute {
        /// The table.
        table: TableName,
        /// The number of the row, counted from 1.
        row: u64,
        /// The attribute.
        attribute: String,
        /// The most similar name, or the names there are.
        hint: String,
    },
    /// A row with a value that does not fit its attribute.
    #[error("row {row} for `{table}`: {source}")]
    Row {
        /// The table.
        table: TableName,
        /// The number of the row, counted from 1.
        row: u64,
        /// What is wrong, with the attribute.
        source: ValueError,
    },
    /// A row that can't be read into its type.
    #[error("row {row} of {query}: {source}")]
    Read {
        /// The query.
        query: String,
        /// The number of the row, counted from 1.
        row: u64,
        /// What is wrong, with the attribute.
        source: ValueError,
    },
    /// One row was asked for, but there is none.
    #[error("{query} has no row; `fetch_optional` takes none for an answer")]
    NoRow {
        /// The query.
        query: String,
    },
    /// One row was asked for, but there are more.
    #[error("{query} has more than one row; restrict it further, or fetch them all with `fetch`")]
    ManyRows {
        /// The query.
        query: String,
    },
    /// A direct insert into a table that fills itself.
    #[error(
        "`{table}` is filled by `populate`: write inside its `make`, or allow this with \
         `InsertOptions::allow_direct_insert`"
    )]
    AutoPopulated {
        /// The table.
        table: TableName,
    },
    /// A row that is there already.
    #[error(
        "`{table}` already has a row with this key{key}: pass over such rows with `InsertOptions::skip_duplicates`, \
         or change them with `update1`"
    )]
    Duplicate {
        /// The table.
        table: TableName,
        /// The key, as far as it is known: ` (subject = 1)`.
        key: String,
        /// What the database said.
        source: Box<datajoint_adapters::Error>,
    },
    /// A row whose parent is not there.
    #[error(
        "`{table}` refers to `{parent}`, which has no row with {key} (`{parent} & \"{key}\"` finds none): insert it there first"
    )]
    MissingParent {
        /// The table.
        table: TableName,
        /// The parent.
        parent: TableName,
        /// The key that is missing in the parent, or `the key given`.
        key: String,
        /// What the database said.
        source: Box<datajoint_adapters::Error>,
    },
    /// An update of a row that is not there.
    #[error("`{table}` has no row with {key} to update: insert it first")]
    NothingToUpdate {
        /// The table.
        table: TableName,
        /// The key.
        key: String,
    },
    /// An update without a value to change.
    #[error("the update of `{table}` changes nothing: give at least one attribute outside the primary key")]
    EmptyUpdate {
        /// The table.
        table: TableName,
    },
    /// Only whole tables can be dropped, updated and inserted into, and only rows of one table deleted.
    #[error("{query} is not the rows of one table: {operation} needs a table, restricted or not")]
    NotATable {
        /// The query.
        query: String,
        /// What was to be done.
        operation: &'static str,
    },
    /// Parts would lose rows, or be dropped, without their master.
    #[error(
        "`{part}` is a part of `{master}` and can't {verb} without it: start from `{master}`, or choose \
         `PartIntegrity::Ignore` or `PartIntegrity::Cascade`"
    )]
    PartWithoutMaster {
        /// The part.
        part: TableName,
        /// Its master.
        master: TableName,
        /// `lose rows` or `be dropped`.
        verb: &'static str,
    },
    /// A table that is in no database.
    #[error("there is no table `{table}`{hint}")]
    UnknownTable {
        /// The table asked for.
        table: String,
        /// The most similar name, or what to write.
        hint: String,
    },
    /// A schema whose tables other schemas refer to.
    #[error(
        "the schema `{schema}` can't be dropped: {} refer to its tables; drop these first",
        names_text(.tables)
    )]
    SchemaInUse {
        /// The schema.
        schema: String,
        /// The tables that refer to it.
        tables: Vec<TableName>,
    },
    /// What would go was confirmed, and then something else went. Nothing was changed.
    #[error(
        "{planned} rows were confirmed and {found} would have gone, since somebody changed the tables meanwhile: nothing \
         was deleted; look again"
    )]
    NotAsPlanned {
        /// The rows that were confirmed.
        planned: u64,
        /// The rows that would have gone.
        found: u64,
    },
    /// What would go was confirmed, and then changed. Nothing was done.
    #[error(
        "somebody changed the tables while it was confirmed that they go: nothing was {verb}; look again"
    )]
    ChangedMeanwhile {
        /// What was to be done.
        verb: &'static str,
    },
    /// A schema that is not there.
    #[error("there is no schema `{schema}`{hint}")]
    UnknownSchema {
        /// The schema asked for.
        schema: String,
        /// The most similar name, or the names there are.
        hint: String,
    },
}

impl Error {
    /// True when the same transaction may go well if it is tried again: others were at the same rows.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Adapter(error) => error.is_retryable(),
            Self::Duplicate { source, .. } | Self::MissingParent { source, .. } => source.is_retryable(),
            _ => false,
        }
    }
}

/// `; did you mean …?`, or the names there are.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    if let Some(near) = datajoint_definition::suggest(name, known.iter().copied()) {
        return format!("; did you mean `{near}`?");
    }
    match known.as_slice() {
        [] => String::new(),
        [some @ .., _] if some.len() >= 12 => format!("; there are {}, …", some[..12].join(", ")),
        all => format!("; there are {}", all.join(", ")),
    }
}

fn names_text(tables: &[TableName]) -> String {
    tables.iter().map(|table| format!("`{table}`")).collect::<Vec<_>>().join(", ")
}

fn faults_text(faults: &[Diagnostic]) -> String {
    let text = |fault: &Diagnostic| match &fault.help {
        Some(help) => format!("{} ({help})", fault.message),
        None => fault.message.clone(),
    };
    faults.iter().map(text).collect::<Vec<_>>().join("; ")
}
