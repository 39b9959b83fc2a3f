//! What is wrong with a database, or will be.

use datajoint_definition::{AttributeType, Backend};
use datajoint_guard::Finding;
use datajoint_pipeline::Instance;
use datajoint_pipeline::typed::TableSpec;

use crate::look::Look;
use crate::{Result, Wanted, journal, publication, verify};

mod jobs;
mod lineage;
mod mysql;
mod postgres;
mod sqlite;
mod uploads;

/// Looks for what is wrong with the deployed schemas, or will be, and changes nothing; with the tables of a program also for
/// what differs between the two. Each finding has a code, a level, and what to do; the worst comes first.
///
/// | code | |
/// |---|---|
/// | `other-definition`, `missing-table` | the program and the database differ |
/// | `stale-lineage` | `~lineage` does not say what the foreign keys say |
/// | `blob-without-marker` | a column of bytes of which nothing says what they are |
/// | `missing-index` | a foreign key without an index: each delete of a parent reads the whole child |
/// | `dead-worker` | jobs that are reserved by sessions that are gone |
/// | `unfinished-upload` | files in stores that programs left when they ended while they wrote |
/// | `interrupted-deploy` | a deploy that did not say how it ended |
/// | `invalid-index`, `broken-identity`, `slot-lost`, `slot-inactive`, `wraparound`, `dead-rows`, `bloat`, `prepared-transaction`, `collation-version` | PostgreSQL |
/// | `other-charset`, `other-engine`, `binlog` | MySQL and MariaDB |
/// | `damaged-file`, `orphan` | SQLite |
///
/// Fails when the database does not answer.
pub async fn doctor(dj: &Instance, wanted: &Wanted, tables: &[&'static TableSpec]) -> Result<Vec<Finding>> {
    let mut look = Look::new(dj, wanted).await?;
    let mut findings = verify::look_at_tables(dj, tables).await;
    journal::interrupted(&mut look).await?;
    lineage::check(&mut look).await?;
    markers(&mut look);
    jobs::check(&mut look).await?;
    uploads::check(&mut look).await;
    match look.backend {
        Backend::Postgresql => {
            missing_indexes(&mut look).await?;
            postgres::check(&mut look).await?;
            publication::report_slots(&mut look).await?;
        }
        Backend::Mysql | Backend::Mariadb => mysql::check(&mut look).await?,
        Backend::Sqlite => {
            missing_indexes(&mut look).await?;
            sqlite::check(&mut look).await?;
        }
    }
    findings.append(&mut look.findings);
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    Ok(findings)
}

async fn missing_indexes(look: &mut Look<'_>) -> Result<()> {
    for (table, needed) in crate::maintenance::missing_indexes(look).await? {
        for names in needed.iter().filter_map(datajoint_schema::Index::plain_attributes) {
            look.findings.push(Finding::warning(
                "missing-index",
                format!("no index of `{}` begins with ({})", table.name, names.join(", ")),
                "`deploy apply maintenance` makes it while others write",
            ));
        }
    }
    Ok(())
}

/// Columns of bytes without a marker: nothing tells a blob of DataJoint from other bytes.
fn markers(look: &mut Look<'_>) {
    for table in &look.tables {
        for attribute in table.heading.all() {
            let is_native = matches!(attribute.attribute_type, AttributeType::Native(_));
            if is_native && !attribute.inherited && attribute.type_text.contains("blob") {
                look.findings.push(Finding::warning(
                    "blob-without-marker",
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
