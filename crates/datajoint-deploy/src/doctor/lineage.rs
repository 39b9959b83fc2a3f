use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use datajoint_guard::{Finding, FindingCode};
use datajoint_plan::Snapshot;
use datajoint_schema::{Table, TableName};
use datajoint_sql::{CatalogRows, catalog_queries, read_catalog};

use crate::Result;

/// How often a fault must be seen again.
const LOOKS: u32 = 3;

/// The time between two looks: a declaration writes the table and its lineage one after the other.
const PAUSE: Duration = Duration::from_millis(50);

/// What the hidden table says: of a table and an attribute, their lineage.
type Said = BTreeMap<(String, String), String>;

/// Compares what `~lineage` says with what the foreign keys say.
pub(super) async fn check(snapshot: &mut Snapshot) -> Result<()> {
    let kept: Vec<String> = snapshot
        .hidden
        .iter()
        .filter(|table| table.name == TableName::lineage(&table.name.schema))
        .map(|table| table.name.schema.clone())
        .collect();
    for schema in kept {
        match check_schema(snapshot, &schema).await {
            Err(error) if error.is_missing_privilege() => {
                let what = format!("`~lineage` of `{schema}`");
                snapshot.findings.push(Finding::not_read(FindingCode::SchemaNotRead, &what, &error));
            }
            checked => checked?,
        }
    }
    Ok(())
}

async fn check_schema(snapshot: &mut Snapshot, schema: &str) -> Result<()> {
    let Some(said) = said(snapshot, schema).await? else { return Ok(()) };
    let mut faults = faults(schema, &snapshot.all, &said);
    // Tables may have been declared or dropped since the catalog was read: what is wrong stays so.
    let mut looks = 0;
    while !faults.is_empty() && looks < LOOKS {
        tokio::time::sleep(PAUSE).await;
        let tables = tables_now(snapshot, schema).await?;
        let said = self::said(snapshot, schema).await?.unwrap_or_default();
        faults = faults.intersection(&self::faults(schema, &tables, &said)).cloned().collect();
        looks += 1;
    }
    if !faults.is_empty() {
        let faults: Vec<String> = faults.into_iter().collect();
        snapshot.findings.push(Finding::warning(
            FindingCode::StaleLineage,
            format!("`~lineage` of `{schema}` is not as the foreign keys are: {}", faults.join("; ")),
            "joins match attributes by their lineage: rebuild it (in Python, schema.rebuild_lineage())",
        ));
    }
    Ok(())
}

/// What `~lineage` of a schema says; `None` when it was dropped.
async fn said(snapshot: &mut Snapshot, schema: &str) -> Result<Option<Said>> {
    let columns = ["table_name", "attribute_name", "lineage"].map(|column| snapshot.quote(column)).join(", ");
    let from = snapshot.reference(&TableName::lineage(schema));
    let rows = snapshot.rows_of_table(format!("SELECT {columns} FROM {from}")).await?;
    Ok(rows.map(|rows| rows.iter().map(|row| ((row.text(0), row.text(1)), row.text(2))).collect()))
}

/// The tables of a schema and of the others at this moment, with the lineage that their foreign keys tell.
async fn tables_now(snapshot: &mut Snapshot, schema: &str) -> Result<Vec<Table>> {
    let mut schemas: Vec<String> = snapshot.all.iter().map(|table| table.name.schema.clone()).collect();
    schemas.push(schema.to_owned());
    schemas.sort();
    schemas.dedup();
    let mut rows = CatalogRows::default();
    for query in catalog_queries(snapshot.backend, &schemas) {
        rows.insert(query.name, snapshot.connection.look_up(&query.statement).await?);
    }
    Ok(read_catalog(snapshot.backend, &rows)?)
}

/// Where what is said of a schema is not what the foreign keys of its tables say.
fn faults(schema: &str, tables: &[Table], said: &Said) -> BTreeSet<String> {
    let mut faults = BTreeSet::new();
    let own = || tables.iter().filter(|table| table.name.schema == schema);
    for table in own() {
        for attribute in table.heading.all() {
            let key = (table.name.table.clone(), attribute.name.clone());
            // The catalog was read without `~lineage`: this is what the foreign keys say.
            let expected = attribute.lineage.as_ref().map(ToString::to_string);
            match (said.get(&key), expected) {
                (Some(said), Some(expected)) if *said != expected => {
                    faults.insert(format!("{}.{} is of {expected}, not of {said}", key.0, key.1));
                }
                (None, Some(expected)) => {
                    faults.insert(format!("{}.{} of {expected} is missing", key.0, key.1));
                }
                _ => {}
            }
        }
    }
    let is_gone = |name: &&String| {
        !TableName::new(schema, name.as_str()).is_hidden() && !own().any(|table| table.name.table == **name)
    };
    let gone = said.keys().map(|(table, _)| table).filter(is_gone);
    faults.extend(gone.map(|table| format!("{table} is no table")));
    faults
}
