use datajoint_definition::Diagnostic;
use datajoint_schema::{Table, TableName};

use crate::typed::ValueError;

mod carried;
mod codec;
mod fact;
mod unsettled;
mod values;
mod words;

pub use carried::{Carried, CarriedOn};
pub use codec::RowCodecError;
pub use unsettled::{CommitUnknown, Doing, find_refusal, is_commit_unknown};
pub use values::{Hint, KeyValues, TooLong};
use words::{duplicate_text, names_text, way_to_declare};

/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why work on a pipeline failed: what, where, and what to do next.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database.
    #[error("{0}")]
    Adapter(#[source] datajoint_adapters::Error),
    /// It is not known whether what was done lasts: the connection was lost while it was committed.
    #[error("{0}")]
    CommitUnknown(#[source] Box<CommitUnknown>),
    /// Something failed in the transaction before, and was not undone by a savepoint. Nothing of it lasts.
    #[error("{0}")]
    TransactionFailed(#[source] Box<datajoint_adapters::Error>),
    /// The database has undone the transaction, or its connection is gone. Nothing of it lasts.
    #[error("{0}")]
    TransactionOver(#[source] Box<datajoint_adapters::Error>),
    /// Something that changes rows, in a transaction that was begun to read.
    #[error("a transaction of `begin_read` only reads: write in one of `begin` or `transaction`")]
    ReadingTransaction,
    /// The settings.
    #[error("{0}")]
    Settings(#[from] datajoint_config::Error),
    /// What keeps the database from accidents.
    #[error("{0}")]
    Guard(#[from] datajoint_guard::Error),
    /// The tables and their foreign keys.
    #[error("{0}")]
    Schema(#[from] datajoint_schema::Error),
    /// A query, declaration or value that can't become SQL.
    #[error("{0}")]
    Sql(#[from] datajoint_sql::Error),
    /// A value that can't be read or written.
    #[error("{0}")]
    Value(#[from] ValueError),
    /// The definition of a table has faults.
    #[error("the definition of `{table}` can't be declared:{}", fact::faults(.definition, .faults))]
    Definition {
        /// The table.
        table: TableName,
        /// The text of the definition; empty where no place in it is at fault.
        definition: String,
        /// Every fault, with its place in the text.
        faults: Vec<Diagnostic>,
    },
    /// Tables are missing, and the settings forbid to declare them.
    #[error(
        "these tables don't exist: {}; `database.create_tables` is off (from {origin}): {}",
        names_text(.tables),
        way_to_declare(.tables)
    )]
    NotDeclared {
        /// The tables.
        tables: Vec<TableName>,
        /// Where the setting comes from.
        origin: String,
    },
    /// The file of the embedded database is missing, and the settings forbid to create it.
    #[error(
        "{source}: `database.create_tables` is off (from {origin}); turn it on for one run, or name the right file with \
         `database.path` (DJ_DATABASE_PATH)"
    )]
    NothingCreated {
        /// Where the setting comes from.
        origin: String,
        /// What is missing.
        source: datajoint_adapters::Error,
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
    /// What is changed in a schema is to be noted there, which the user may not do.
    #[error(
        "{user} may add nothing to `{table}`, where each change in `{}` is noted (`guard.audit` is on): {}`deploy apply \
         grants` lets the roles that write rows add to it, or grant INSERT on it",
        .table.schema,
        if *.is_seen { "" } else { "`deploy apply audit` declares it where it is missing, and " }
    )]
    AuditNotAllowed {
        /// The role or user that lacks the right.
        user: String,
        /// The table in which changes are noted.
        table: TableName,
        /// True where the user sees that it is there; else it is missing, or hidden from who may do nothing with it.
        is_seen: bool,
        /// What the server said, where it was not asked before.
        source: Option<Box<datajoint_adapters::Error>>,
    },
    /// Who did what is noted by the library alone.
    #[error(
        "`{table}` says who did what: its entries are neither added, changed nor deleted by hand, but in SQL by its owner"
    )]
    AuditIsKept {
        /// The table in which changes are noted.
        table: TableName,
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
        key: KeyValues,
        /// The attribute that differs.
        attribute: String,
        /// Its value in the database.
        there: String,
        /// The value that was given.
        given: String,
    },
    /// An attribute that is not there.
    #[error("`{attribute}` is not an attribute of {of}{hint}")]
    UnknownAttribute {
        /// The attribute asked for.
        attribute: String,
        /// The table or query.
        of: String,
        /// The most similar name, or the names there are.
        hint: Hint,
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
        hint: Hint,
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
    /// A value that its codec can't encode, or an object that can't be written.
    #[error("{0}")]
    Encode(#[source] Box<RowCodecError>),
    /// An object that can't be read, or is not what was written.
    #[error("{0}")]
    Decode(#[source] Box<RowCodecError>),
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
    /// A row that is there already, or that was given twice.
    #[error("{}", duplicate_text(.table, .key, *.is_given_twice))]
    Duplicate {
        /// The table.
        table: TableName,
        /// The key, as far as it is known.
        key: KeyValues,
        /// True when two of the rows that were given have it.
        is_given_twice: bool,
        /// What the database said.
        source: Box<datajoint_adapters::Error>,
    },
    /// A row that others inserted since the transaction began, which it doesn't see.
    #[error(
        "others inserted a row with this key{} into `{table}` meanwhile, which this transaction doesn't see: run it again, \
         as `Instance::retry_transaction` does",
        .key.in_brackets()
    )]
    Unseen {
        /// The table.
        table: TableName,
        /// The key, as far as it is known.
        key: KeyValues,
        /// What the database said.
        source: Box<datajoint_adapters::Error>,
    },
    /// A row with values that another row has in a unique index.
    #[error(
        "{}: change the value, or the row that has it; `InsertOptions::skip_duplicates` passes over equal keys alone",
        fact::not_unique(.table, .attributes, .values)
    )]
    NotUnique {
        /// The table.
        table: TableName,
        /// The parts of the index, as its definition writes them.
        attributes: Vec<String>,
        /// The values, as far as they are known.
        values: KeyValues,
        /// What the database said.
        source: Box<datajoint_adapters::Error>,
    },
    /// The database refused what a verb asked of a table.
    #[error("{verb} `{table}`{} failed: {source}", fact::refused_row(.row, .too_long.as_ref()))]
    Refused {
        /// What was done.
        verb: &'static str,
        /// The table.
        table: TableName,
        /// The key of the row, as far as it is known.
        row: KeyValues,
        /// The string of the row that is too long for an index, where one is.
        too_long: Option<TooLong>,
        /// What the database said.
        source: Box<datajoint_adapters::Error>,
    },
    /// The database did not answer a query.
    #[error("reading {query} failed: {source}")]
    Query {
        /// The query.
        query: String,
        /// What the database said.
        source: Box<datajoint_adapters::Error>,
    },
    /// Rows that were to go alone, and that others refer to.
    #[error(
        "rows of `{table}` that `delete_quick` was to take are referred to{}: `delete` takes those that refer to them, too",
        if .children.is_empty() { String::new() } else { format!(" by rows of {}", names_text(.children)) }
    )]
    HasChildren {
        /// The table.
        table: TableName,
        /// The tables that refer to it.
        children: Vec<TableName>,
        /// What the database said.
        source: Box<datajoint_adapters::Error>,
    },
    /// A change that foreign keys of others would have carried on to rows of other tables. Nothing was done.
    #[error("{0}")]
    CarriedOn(Box<CarriedOn>),
    /// Rows that follow others which the database did not take.
    #[error(
        "rows for `{table}` that were sent before were not taken, so that none of them is inserted: begin the insert again"
    )]
    BrokenInsert {
        /// The table.
        table: TableName,
    },
    /// A row whose parent is not there.
    #[error(
        "{}: insert it there first, or refer to one that is there",
        fact::missing_parent(.table, .parent, .key, .renamed)
    )]
    MissingParent {
        /// The table.
        table: TableName,
        /// The parent.
        parent: TableName,
        /// The key that is missing in the parent, as far as it is known.
        key: KeyValues,
        /// The attributes of the parent's key that have another name in the table, each with that name.
        renamed: Vec<(String, String)>,
        /// What the database said.
        source: Box<datajoint_adapters::Error>,
    },
    /// An update of a row that is not there.
    #[error("`{table}` has no row with {key} to update: insert it first")]
    NothingToUpdate {
        /// The table.
        table: TableName,
        /// The key.
        key: KeyValues,
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
        hint: Hint,
    },
    /// A schema whose tables other schemas refer to.
    #[error(
        "the schema `{schema}` can't be dropped: {} {} first",
        names_text(.tables),
        if .tables.len() == 1 { "refers to its tables; drop it" } else { "refer to its tables; drop these" }
    )]
    SchemaInUse {
        /// The schema.
        schema: String,
        /// The tables that refer to it.
        tables: Vec<TableName>,
    },
    /// A schema that holds more than tables, which would go with it.
    #[error(
        "the schema `{schema}` can't be dropped: it holds what is no table: {}; drop that first",
        .objects.join(", ")
    )]
    SchemaHoldsMore {
        /// The schema.
        schema: String,
        /// What else is in it, each with its kind: `view lab_summary`.
        objects: Vec<String>,
    },
    /// What would go was confirmed, and then something else went. Nothing was changed.
    #[error(
        "{} confirmed, but {found} would have gone, since somebody changed the tables meanwhile: nothing \
         was deleted; look again",
        datajoint_definition::count(*.planned, "row")
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
    /// A row whose place another row has.
    #[error(
        "`{table}` has a row with another key that the database takes for the key of a row given (letters, accents or \
         blanks differ), or with the same values in a unique index: nothing was changed; give the key as it is there"
    )]
    OtherKey {
        /// The table.
        table: TableName,
        /// What the database said, where it had to refuse the row.
        source: Option<Box<datajoint_adapters::Error>>,
    },
    /// A schema of the server itself.
    #[error("`{schema}` is a schema of the server itself: declare tables in one of your own")]
    SystemSchema {
        /// The schema.
        schema: String,
    },
    /// A schema that the database takes for one of another name, since it tells no capitals.
    #[error(
        "the schema `{schema}` is there as `{there}`, and this database takes the two names for one: write `{there}`"
    )]
    OtherCase {
        /// The schema.
        schema: String,
        /// The one that is there.
        there: String,
    },
    /// A statement that names an attribute which its table in the database lacks.
    #[error(
        "`{table}` in the database lacks {}, which its definition has since it was declared; {advice}",
        .attributes.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    )]
    NotAltered {
        /// The table.
        table: TableName,
        /// All attributes that it lacks.
        attributes: Vec<String>,
        /// What to do.
        advice: String,
        /// What the database said.
        source: Box<datajoint_adapters::Error>,
    },
    /// A member of an enum that its column in the database lacks.
    #[error(
        "`{table}.{attribute}` in the database is `{type_text}`: it lacks members that its definition has since it was \
         declared; {advice}"
    )]
    FewerMembers {
        /// The table.
        table: TableName,
        /// The attribute.
        attribute: String,
        /// The type that the column has.
        type_text: String,
        /// What to do.
        advice: String,
        /// What the database said.
        source: Box<datajoint_adapters::Error>,
    },
    /// A prefix that every schema has.
    #[error("an empty prefix is that of every schema: name one")]
    EmptyPrefix,
    /// A schema that is not there.
    #[error("there is no schema `{schema}`{hint}")]
    UnknownSchema {
        /// The schema asked for.
        schema: String,
        /// The most similar name, or the names there are.
        hint: Hint,
    },
}

datajoint_definition::debug_as_report!(Error);

impl Error {
    /// True when the same transaction may go well if it is tried again: others were at the same rows, or its connection was
    /// lost, and all that it did is undone.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unseen { .. })
            || self.of_database().is_some_and(datajoint_adapters::Error::is_retryable)
    }

    /// What can't be done with a table of others, without a primary key, and what to do instead.
    pub(crate) fn without_key(table: &Table, what: &str) -> Self {
        let advice = format!(
            "its rows have no primary key that tells them apart, so that {what}, or give it a primary key"
        );
        datajoint_sql::Error::Statement { table: table.name.clone(), advice }.into()
    }

    /// The same error of an insert that had looked for its keys: a row that is there all the same came since.
    pub(crate) fn after_look(self) -> Self {
        match self {
            Self::Duplicate { table, key, is_given_twice: false, source } => {
                Self::Unseen { table, key, source }
            }
            other => other,
        }
    }

    /// The same of rows that were looked for again, and are not there: two of those given have keys that the database takes
    /// for the same.
    pub(crate) fn after_second_look(self) -> Self {
        match self {
            Self::Duplicate { table, is_given_twice: false, source, .. } => {
                Self::OtherKey { table, source: Some(source) }
            }
            other => other,
        }
    }

    /// True for a table or a schema that is not there, as one that was dropped since it was listed.
    pub fn is_gone(&self) -> bool {
        match self {
            Self::UnknownTable { .. } | Self::UnknownSchema { .. } => true,
            other => other.of_database().is_some_and(datajoint_adapters::Error::is_gone),
        }
    }

    /// The same error, naming what was done to which table, when it is the database's own.
    pub(crate) fn of(self, doing: Doing, table: &TableName) -> Self {
        match self {
            Self::Adapter(source) => Self::Refused {
                verb: doing.words(),
                table: table.clone(),
                row: KeyValues::default(),
                too_long: None,
                source: Box::new(source),
            },
            other => other.unsettled(doing, std::slice::from_ref(table), &[]),
        }
    }

    /// The same error; where nobody knows whether something lasts, with what was done, and to what.
    #[doc(hidden)]
    #[must_use]
    pub fn unsettled(self, doing: Doing, tables: &[TableName], schemas: &[String]) -> Self {
        match self {
            Self::CommitUnknown(unknown) => {
                Self::CommitUnknown(Box::new(unknown.named(doing, tables, schemas)))
            }
            other => other,
        }
    }

    /// What the database said, where it was the database that failed or refused.
    pub fn of_database(&self) -> Option<&datajoint_adapters::Error> {
        match self {
            Self::Adapter(error) => Some(error),
            Self::CommitUnknown(unknown) => Some(&unknown.source),
            Self::TransactionFailed(error) | Self::TransactionOver(error) => Some(error),
            Self::Duplicate { source, .. }
            | Self::Unseen { source, .. }
            | Self::NotUnique { source, .. }
            | Self::NotAltered { source, .. }
            | Self::FewerMembers { source, .. }
            | Self::Query { source, .. }
            | Self::HasChildren { source, .. }
            | Self::MissingParent { source, .. }
            | Self::Refused { source, .. } => Some(source),
            Self::OtherKey { source, .. } | Self::AuditNotAllowed { source, .. } => source.as_deref(),
            _ => None,
        }
    }
}

impl From<datajoint_adapters::Error> for Error {
    fn from(error: datajoint_adapters::Error) -> Self {
        match error {
            datajoint_adapters::Error::CommitUnknown { .. } => {
                Self::CommitUnknown(Box::new(CommitUnknown::new(error)))
            }
            datajoint_adapters::Error::TransactionFailed { .. } => Self::TransactionFailed(Box::new(error)),
            datajoint_adapters::Error::TransactionOver { .. } => Self::TransactionOver(Box::new(error)),
            other => Self::Adapter(other),
        }
    }
}
