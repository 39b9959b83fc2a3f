//! The hidden columns of tables that were declared without them.

use std::collections::BTreeMap;

use datajoint_definition::{Backend, Tier};
use datajoint_guard::FailureCode;
use datajoint_plan::{Item, LockLevel, Operation, Snapshot, State, Step};
use datajoint_schema::{Attribute, Table, TableName, TierColumns, tier_attributes};
use datajoint_sql::add_columns;

use crate::closed::{Change, unless_closed};
use crate::{DesiredState, Error, Result};

/// The column of Manual tables for where their rows come from.
pub(crate) struct Provenance;

impl Operation for Provenance {
    const NAME: &'static str = "provenance";

    type Spec = bool;
    type Desired = DesiredState;
    type Error = Error;

    async fn plan(snapshot: &mut Snapshot, _: &bool, desired: &DesiredState) -> Result<Vec<Item>> {
        plan(snapshot, desired, TierColumns { provenance: true, ..TierColumns::default() }).await
    }
}

/// The columns of Computed and Imported tables for when and how long their rows were computed.
pub(crate) struct JobMetadata;

impl Operation for JobMetadata {
    const NAME: &'static str = "job-metadata";

    type Spec = bool;
    type Desired = DesiredState;
    type Error = Error;

    async fn plan(snapshot: &mut Snapshot, _: &bool, desired: &DesiredState) -> Result<Vec<Item>> {
        plan(snapshot, desired, TierColumns { job_metadata: true, ..TierColumns::default() }).await
    }
}

/// The columns of Computed and Imported tables for what their rows were made by and from.
pub(crate) struct MakeRecords;

impl Operation for MakeRecords {
    const NAME: &'static str = "make-records";

    type Spec = bool;
    type Desired = DesiredState;
    type Error = Error;

    async fn plan(snapshot: &mut Snapshot, _: &bool, desired: &DesiredState) -> Result<Vec<Item>> {
        plan(snapshot, desired, TierColumns { make_records: true, ..TierColumns::default() }).await
    }
}

async fn plan(snapshot: &mut Snapshot, desired: &DesiredState, columns: TierColumns) -> Result<Vec<Item>> {
    let owned = crate::owner::owned(snapshot).await?;
    let slow = not_instant(snapshot).await?;
    let mut items = Vec::new();
    for table in &snapshot.tables {
        // A table that follows no rule of names has no tier; parts and lookups get none of these.
        let attributes = tier_attributes(table.tier.unwrap_or(Tier::Lookup), columns);
        if attributes.is_empty() {
            continue;
        }
        let missing: Vec<_> =
            attributes.iter().filter(|attribute| table.heading.get(&attribute.name).is_none()).collect();
        let names = |of: &[&Attribute]| {
            of.iter().map(|attribute| attribute.name.as_str()).collect::<Vec<_>>().join(", ")
        };
        let wanted = names(&attributes.iter().collect::<Vec<_>>());
        let found = match missing.len() {
            0 => wanted.clone(),
            _ => format!("without {}", names(&missing)),
        };
        let steps = if missing.is_empty() { Vec::new() } else { steps(snapshot.backend, table, &missing)? };
        let item = Item::of_table(&table.name, found, wanted, steps);
        items.push(match slow.get(&table.name) {
            Some(why) if item.state == State::WouldChange => item.failed(
                FailureCode::NotInstant,
                format!("its columns can't be added in a moment: {why}"),
                "add them by hand when nobody writes, as ALTER TABLE … ADD COLUMN …, ALGORITHM=COPY writes it anew",
            ),
            _ => owned.check(item, &table.name),
        });
    }
    unless_closed(snapshot, desired, Change::Alter, items).await
}

/// What adds the columns that a table lacks, where the server does that in a moment.
fn steps(backend: Backend, table: &Table, missing: &[&Attribute]) -> Result<Vec<Step>> {
    let added = add_columns(backend, table, missing)?.instantly(backend);
    let step = |statement, lock| {
        let step = Step::of(statement).locking(lock);
        // These can't be undone together there.
        if backend.is_mysql_family() { step.alone() } else { step }
    };
    let (alter, comment) = match backend {
        Backend::Postgresql => (LockLevel::AccessExclusive, LockLevel::ShareUpdateExclusive),
        Backend::Mysql | Backend::Mariadb => (LockLevel::Metadata, LockLevel::Metadata),
        Backend::Sqlite => (LockLevel::File, LockLevel::File),
    };
    let alters = added.alter.into_iter().map(|statement| step(statement, alter));
    Ok(alters.chain(added.comments.into_iter().map(|statement| step(statement, comment))).collect())
}

/// The tables of MySQL and MariaDB to which the server adds no column in a moment, and why.
async fn not_instant(snapshot: &mut Snapshot) -> Result<BTreeMap<TableName, String>> {
    let mut slow = BTreeMap::new();
    if !snapshot.backend.is_mysql_family() {
        return Ok(slow);
    }
    let sql = "SELECT t.table_schema, t.table_name, t.engine, t.row_format, EXISTS (SELECT 1 FROM \
               information_schema.statistics s WHERE s.table_schema = t.table_schema \
               AND s.table_name = t.table_name AND s.index_type = 'FULLTEXT') FROM information_schema.tables t \
               WHERE t.table_type = 'BASE TABLE' AND t.table_schema IN ({})";
    for row in snapshot.rows_of_schemas(sql).await? {
        let (engine, format) = (row.text(2), row.text(3));
        let why = if engine != "InnoDB" {
            format!("it is of the engine {engine}")
        } else if format.eq_ignore_ascii_case("compressed") {
            "its row format is compressed".to_owned()
        } else if row.truth(4) {
            "it has a full-text index".to_owned()
        } else {
            continue;
        };
        slow.insert(TableName::new(row.text(0), row.text(1)), why);
    }
    Ok(slow)
}
