//! Who did what to a schema, in a hidden table of it.
//!
//! Every verb that takes away, changes or frees something adds a row to `~audit`, in the transaction of the change where there
//! is one, so that neither is ever there without the other. What no transaction can hold, such as a drop on MySQL, is noted
//! before it begins and again when it has ended.

use std::sync::Arc;

use datajoint_adapters::Connection;
use datajoint_schema::{Table, TableName, audit_table};
use datajoint_sql::{AuditRow, Statement};

use crate::executor::Place;
use crate::{Doing, DynamicRow, DynamicTable, Error, Instance, Query, Relation as _, Result, Target};

mod tables;

pub(crate) use tables::Audited;

/// What was done, as an audit has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuditVerb {
    /// Rows were deleted.
    Delete,
    /// Rows were deleted, and the objects that they spoke of.
    Erase,
    /// A row was given other values.
    Update,
    /// Rows were inserted in the place of others.
    Replace,
    /// A table was dropped.
    Drop,
    /// A schema was stamped, or its version recorded.
    Stamp,
    /// An object was brought to what a deployment asks for.
    Deploy,
    /// Objects were collected that no row refers to.
    Collect,
    /// Failed jobs are to be tried again.
    Retry,
    /// Jobs are not to be done.
    Ignore,
    /// Jobs were removed.
    Clear,
    /// Reserved jobs were freed.
    Release,
}

impl AuditVerb {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Delete,
        Self::Erase,
        Self::Update,
        Self::Replace,
        Self::Drop,
        Self::Stamp,
        Self::Deploy,
        Self::Collect,
        Self::Retry,
        Self::Ignore,
        Self::Clear,
        Self::Release,
    ];

    /// Returns its name, as the table has it: `delete`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Erase => "erase",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Drop => "drop",
            Self::Stamp => "stamp",
            Self::Deploy => "deploy",
            Self::Collect => "collect",
            Self::Retry => "retry",
            Self::Ignore => "ignore",
            Self::Clear => "clear",
            Self::Release => "release",
        }
    }
}

/// How it ended, as far as the entry knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum AuditOutcome {
    /// It was done.
    #[default]
    Done,
    /// It begins, where no transaction holds it: another entry tells how it ended, if it did.
    Begun,
    /// It failed, and some of it may be done.
    Failed,
}

impl AuditOutcome {
    /// Returns its name, as the table has it: `done`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Begun => "begun",
            Self::Failed => "failed",
        }
    }
}

/// What is noted of one change.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct AuditEntry {
    schema: String,
    verb: AuditVerb,
    outcome: AuditOutcome,
    object: String,
    rows: Option<u64>,
    detail: String,
    plan: String,
}

impl AuditEntry {
    /// A change of an object of a schema that was done.
    pub fn new(verb: AuditVerb, schema: &str, object: impl Into<String>) -> Self {
        let (schema, object, outcome) = (schema.to_owned(), object.into(), AuditOutcome::Done);
        Self { schema, verb, outcome, object, rows: None, detail: String::new(), plan: String::new() }
    }

    /// A change of a table.
    pub fn of_table(verb: AuditVerb, table: &TableName) -> Self {
        Self::new(verb, &table.schema, table.to_string())
    }

    /// The same for so many rows.
    #[must_use]
    pub fn rows(mut self, rows: Option<u64>) -> Self {
        self.rows = rows;
        self
    }

    /// The same with which rows these were, without values, or by what it was done.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// The same by a plan of this hash.
    #[must_use]
    pub fn plan(mut self, plan: Option<String>) -> Self {
        self.plan = plan.unwrap_or_default();
        self
    }

    /// The same with another end.
    #[must_use]
    pub fn with_outcome(mut self, outcome: AuditOutcome) -> Self {
        self.outcome = outcome;
        self
    }
}

impl Instance {
    /// Returns what was done to a schema, named as in the database, as a query of its table `~audit`; `None` where there is
    /// none, or, on MySQL and MariaDB, where the user may do nothing with it: they don't show it then.
    /// Its rows can be read, and neither deleted nor updated.
    ///
    /// Its attributes are `time` (UTC, by the clock of the server), `entry`, `verb`, `outcome`, `object`, `row_count`, `detail`,
    /// `plan`, `user`, `account`, `host`, `pid`, `program` and `version`.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn audit(&self, schema: &str) -> Result<Option<Query<DynamicRow>>> {
        let name = TableName::audit(schema);
        let mut hidden = self.hidden_tables(schema).await?.into_iter();
        Ok(hidden.find(|table| table.name == name).map(|table| DynamicTable::from(Arc::new(table)).query()))
    }

    /// True when the settings ask for changes to be noted.
    #[doc(hidden)]
    pub fn is_audited(&self) -> bool {
        self.settings().guard.audit
    }

    /// Returns the statement that notes a change; `None` where the settings don't ask for it. For the crates above this one,
    /// which send it in the transaction of the change.
    #[doc(hidden)]
    pub fn audit_statement(&self, entry: &AuditEntry) -> Result<Option<Statement>> {
        if !self.is_audited() {
            return Ok(None);
        }
        let row = AuditRow {
            entry: uuid::Uuid::new_v4(),
            verb: entry.verb.name(),
            outcome: entry.outcome.name(),
            object: entry.object.clone(),
            rows: entry.rows,
            detail: entry.detail.clone(),
            plan: entry.plan.clone(),
            account: whoami::username().unwrap_or_default(),
            host: whoami::hostname().unwrap_or_default(),
            pid: std::process::id(),
            program: program(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        Ok(Some(row.insert(self.backend(), &audit_table(&entry.schema))?))
    }

    /// Notes changes on this connection, in the transaction that is open there, if any. For the crates above this one.
    #[doc(hidden)]
    pub async fn audit_on(&self, connection: &mut Connection, entries: &[AuditEntry]) -> Result<()> {
        let mut on = Target(Place::Exclusive(self, connection));
        for entry in entries {
            on.note_audit(entry).await?;
        }
        Ok(())
    }
}

impl Target<'_> {
    /// Notes a change, where the settings ask for it: in the transaction, if this is one.
    pub(crate) async fn note_audit(&mut self, entry: &AuditEntry) -> Result<()> {
        let Some(statement) = self.instance().audit_statement(entry)? else { return Ok(()) };
        let table = TableName::audit(&entry.schema);
        let outcome = self.execute(&table, &statement).await;
        outcome.map(drop).map_err(|error| {
            // It may be gone: the next change looks for it.
            self.instance().forget_audit(&entry.schema);
            error.of(Doing::Noting, &table)
        })
    }
}

/// A change of schemas that is noted on the connection that makes it: in its transaction where it can be undone, else before it
/// begins and again when it has ended.
pub(crate) struct Change {
    entries: Vec<AuditEntry>,
    is_undone: bool,
}

impl Change {
    /// Notes that it begins, where that lasts whatever comes.
    pub(crate) async fn begin(
        instance: &Instance,
        connection: &mut Connection,
        entries: Vec<AuditEntry>,
    ) -> Result<Self> {
        let is_undone = instance.backend().capability().undoes_declarations;
        let change = Self { entries, is_undone };
        if !is_undone {
            change.note(instance, connection, AuditOutcome::Begun).await?;
        }
        Ok(change)
    }

    /// Notes how it ended, and gives that back.
    pub(crate) async fn end<T>(
        self,
        instance: &Instance,
        connection: &mut Connection,
        outcome: Result<T>,
    ) -> Result<T> {
        match outcome {
            Ok(done) => self.note(instance, connection, AuditOutcome::Done).await.map(|()| done),
            Err(error) => {
                // The first error is the one that tells; an entry that says no more than that it began does so, too.
                if !self.is_undone {
                    let _ = self.note(instance, connection, AuditOutcome::Failed).await;
                }
                Err(error)
            }
        }
    }

    async fn note(
        &self,
        instance: &Instance,
        connection: &mut Connection,
        outcome: AuditOutcome,
    ) -> Result<()> {
        let entries: Vec<_> = self.entries.iter().map(|entry| entry.clone().with_outcome(outcome)).collect();
        instance.audit_on(connection, &entries).await
    }
}

/// The table of a schema, to be declared.
fn table(schema: &str) -> Arc<Table> {
    Arc::new(audit_table(schema))
}

/// Fails for the table itself: what it says is neither added to, changed nor taken away by the verbs of tables.
pub(crate) fn check_kept(table: &TableName) -> Result<()> {
    let is_kept = *table == TableName::audit(&table.schema);
    if is_kept { Err(Error::AuditIsKept { table: table.clone() }) } else { Ok(()) }
}

/// The name of the program.
fn program() -> String {
    let program = std::env::current_exe().ok();
    let name = program.as_deref().and_then(std::path::Path::file_name);
    name.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The error of tables that are missing, in the words of an error that is there.
fn missing(schemas: &[String], lack: impl FnOnce(Vec<TableName>) -> Error) -> Error {
    lack(schemas.iter().map(TableName::audit).collect())
}
