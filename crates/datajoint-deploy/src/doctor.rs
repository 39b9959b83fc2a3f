//! What is wrong with a database, or will be.

use datajoint_definition::{AttributeType, Backend};
use datajoint_guard::{Finding, FindingCode};
use datajoint_pipeline::Instance;
use datajoint_pipeline::typed::TableSpec;
use datajoint_plan::Snapshot;
use datajoint_sql::ReferredChange;

use crate::deployment::ACTIVITY;
use crate::{DesiredState, Error, Result, publication, verify};

mod audit;
mod jobs;
mod lineage;
mod mysql;
mod postgres;
mod rights;
mod sqlite;
mod uploads;

/// Looks for what is wrong with the deployed schemas, or will be, and changes nothing; with the tables of a program also for
/// what differs between the two. Each finding has a [code](FindingCode), a level, and what to do; the worst comes first.
///
/// Fails when the database does not answer.
///
/// # Cancel safety
///
/// Dropped before its end, it has changed nothing.
pub async fn doctor(
    dj: &Instance,
    wanted: &DesiredState,
    tables: &[&'static TableSpec],
) -> Result<Vec<Finding>> {
    match look(dj, wanted, tables).await {
        Err(error) if error.is_of_damage() => Ok(damage(dj, &error).await),
        outcome => outcome,
    }
}

/// What is damaged, where that keeps all else from being read.
async fn damage(dj: &Instance, error: &Error) -> Vec<Finding> {
    if dj.backend() == Backend::Sqlite
        && let Ok(findings) = sqlite::damage(dj).await
        && !findings.is_empty()
    {
        return findings;
    }
    vec![Finding::error(FindingCode::DamagedFile, error.to_string(), sqlite::RESTORE)]
}

async fn look(dj: &Instance, wanted: &DesiredState, tables: &[&'static TableSpec]) -> Result<Vec<Finding>> {
    let mut snapshot = crate::deployment::snapshot(dj, wanted).await?;
    // Of schemas that were chosen, and no others.
    let is_chosen = |table: &&&'static TableSpec| {
        wanted.schemas.is_none() || snapshot.schemas.contains(&dj.schema_name(table.schema))
    };
    let tables: Vec<&'static TableSpec> = tables.iter().filter(is_chosen).copied().collect();
    let mut findings = verify::look_at_tables(dj, &tables).await;
    datajoint_plan::interrupted(&mut snapshot, &ACTIVITY).await?;
    lineage::check(&mut snapshot).await?;
    markers(&mut snapshot);
    carried_deletes(&mut snapshot).await?;
    jobs::check(&mut snapshot).await?;
    rights::check(&mut snapshot, wanted).await?;
    audit::check(&mut snapshot).await?;
    uploads::check(&mut snapshot).await;
    match snapshot.backend {
        Backend::Postgresql => {
            missing_indexes(&mut snapshot).await?;
            postgres::check(&mut snapshot).await?;
            publication::report_slots(&mut snapshot).await?;
        }
        Backend::Mysql | Backend::Mariadb => mysql::check(&mut snapshot).await?,
        Backend::Sqlite => {
            missing_indexes(&mut snapshot).await?;
            sqlite::check(&mut snapshot).await?;
        }
    }
    // What else was found is worth the same.
    if let Err(unread) = snapshot.check_read() {
        let advice = "the rest of the findings stands; report this one to the authors of this library";
        snapshot.findings.push(Finding::error(FindingCode::SchemaNotRead, unread.to_string(), advice));
    }
    findings.append(&mut snapshot.findings);
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    Ok(findings)
}

/// Foreign keys, and tables that inherit, by which rows go that nobody counted.
async fn carried_deletes(snapshot: &mut Snapshot) -> Result<()> {
    let (backend, change) = (snapshot.backend, ReferredChange::Delete);
    let query = datajoint_sql::carrying_keys(backend, change, &snapshot.schemas);
    let rows = snapshot.connection.look_up(&query).await?;
    for key in datajoint_sql::read_carrying_keys(backend, change, &rows)? {
        let advice = if key.inherits() {
            "changes and deletes of such rows are refused: take the inheritance away (ALTER TABLE … NO INHERIT …)"
        } else {
            "`delete` counts such rows of pipelines, and `delete_quick` fails there: alter the foreign key to ON DELETE RESTRICT"
        };
        snapshot.findings.push(Finding::warning(
            FindingCode::CarriedDelete,
            format!("{key} has the database change rows with those of `{}` that are deleted", key.parent),
            advice,
        ));
    }
    Ok(())
}

async fn missing_indexes(snapshot: &mut Snapshot) -> Result<()> {
    for (table, needed) in crate::maintenance::missing_indexes(snapshot).await? {
        for names in needed.iter().filter_map(datajoint_schema::Index::plain_attributes) {
            snapshot.findings.push(Finding::warning(
                FindingCode::MissingIndex,
                format!("no index of `{}` begins with ({})", table.name, names.join(", ")),
                "`deploy apply maintenance` makes it while others write",
            ));
        }
    }
    Ok(())
}

/// Columns of bytes without a marker: nothing tells a blob of DataJoint from other bytes.
fn markers(snapshot: &mut Snapshot) {
    for table in &snapshot.tables {
        for attribute in table.heading.all() {
            let is_native = matches!(attribute.attribute_type, AttributeType::Native(_));
            if is_native && !attribute.inherited && attribute.type_text.contains("blob") {
                snapshot.findings.push(Finding::warning(
                    FindingCode::BlobWithoutMarker,
                    format!(
                        "`{}` of `{}` is {} without a marker",
                        attribute.name, table.name, attribute.type_text
                    ),
                    "it is read as bytes; a migration gives it the marker `:<blob>:` if it holds blobs",
                ));
            }
        }
    }
}
