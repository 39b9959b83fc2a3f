//! What is done since somebody asks for it, and not since there is a need.

use std::time::Duration;

use datajoint_definition::Backend;
use datajoint_pipeline::Instance;
use datajoint_plan::{Cost, Item, LockLevel, LockPolicy, Operation, Plan, Snapshot, Step};
use datajoint_schema::TableName;
use serde::{Deserialize, Serialize};

use super::Maintenance;
use super::postgres::{NOT_ITS_OWNER, may_maintain};
use crate::{Deployment, DesiredState, IntoTarget, Result};

/// What a table is looked after by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Upkeep {
    /// Dead rows are taken away, and statistics made; on MySQL and MariaDB the table is written anew, on SQLite the file.
    Vacuum,
    /// Statistics are made.
    Analyze,
    /// Indexes are made anew.
    Reindex,
}

impl Upkeep {
    /// Returns its name: `vacuum`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Vacuum => "vacuum",
            Self::Analyze => "analyze",
            Self::Reindex => "reindex",
        }
    }
}

/// Vacuums, analyzes or reindexes the tables of a schema, or one table, whether there is a need or not; with `dry_run`,
/// says what would be run, what it locks and how long it lasts.
///
/// The target is as that of [`set_replica_identity`](crate::set_replica_identity). On SQLite `Vacuum` is of the whole file,
/// and so needs a schema. Tables of somebody else are skipped. Fails for a target that is not in the database, and as
/// [`Deployment::apply`] does.
///
/// ```
/// # use datajoint_config::Settings;
/// # use datajoint_pipeline::Instance;
/// use datajoint_deploy::{Upkeep, maintain};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let dj = Instance::connect(Settings::embedded(":memory:")).await?;
/// # dj.declare_dynamic(datajoint_pipeline::DynamicDeclaration { schema: "lab", class_name: "Subject",
/// #     tier: datajoint_definition::Tier::Manual, definition: "subject : int32", master: None }).await?;
/// let done = maintain(&dj, "lab.Subject", Upkeep::Analyze, false).await?;
/// assert_eq!((done.exit_status(), done.ddl().len()), (0, 1));
/// # Ok(())
/// # }
/// ```
///
/// # Cancel safety
///
/// Dropped before its end, what was run stays; on PostgreSQL an index that was being made anew leaves an invalid one, which
/// the next deploy of `[maintenance]` drops.
pub async fn maintain<Kind>(
    dj: &Instance,
    target: impl IntoTarget<Kind>,
    upkeep: Upkeep,
    dry_run: bool,
) -> Result<Plan> {
    let (schemas, table) = target.into_target().scope();
    let wanted = DesiredState { schemas, table, request: Some(upkeep), ..DesiredState::default() };
    let policy = LockPolicy { busy: Duration::from_mins(1), ..LockPolicy::default() };
    let deployment = Deployment::new(dj, wanted).lock_policy(policy);
    if dry_run { deployment.plan().await } else { deployment.apply(None).await }
}

/// One item for each table, or for the file.
pub(crate) async fn on_request(snapshot: &mut Snapshot, upkeep: Upkeep) -> Result<Vec<Item>> {
    let items = requested(snapshot, upkeep).await?;
    Ok(items.into_iter().map(|item| item.by(Maintenance::NAME)).collect())
}

async fn requested(snapshot: &mut Snapshot, upkeep: Upkeep) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    if snapshot.backend == Backend::Sqlite && upkeep == Upkeep::Vacuum {
        let step = Step::new("VACUUM").upkeep().alone().locking(LockLevel::File).costing(Cost::Rewrite);
        let home = snapshot.schemas.first().cloned().unwrap_or_default();
        let item = Item::new((&home, "the file"), "asked for", upkeep.name(), vec![step]);
        items.push(if snapshot.scope.table.is_some() {
            item.skipped("SQLite vacuums the whole file: ask for it without a table")
        } else {
            item
        });
        return Ok(items);
    }
    let may = match snapshot.backend {
        Backend::Postgresql => Some(may_maintain(snapshot).await?),
        Backend::Mysql | Backend::Mariadb | Backend::Sqlite => None,
    };
    for table in tables(snapshot).await? {
        let steps = vec![step(snapshot, &table, upkeep)];
        let item = Item::of_table(&table, "asked for", upkeep.name(), steps);
        let is_others = may.as_ref().is_some_and(|may| !may.contains(&table));
        items.push(if is_others { item.skipped(NOT_ITS_OWNER) } else { item });
    }
    Ok(items)
}

/// The tables that rows are in; on PostgreSQL partitions instead of what they are of.
async fn tables(snapshot: &mut Snapshot) -> Result<Vec<TableName>> {
    let mut names: Vec<TableName> = snapshot.tables.iter().map(|table| table.name.clone()).collect();
    if snapshot.scope.table.is_none() {
        names.extend(snapshot.hidden.iter().map(|table| table.name.clone()));
    }
    if snapshot.backend != Backend::Postgresql {
        return Ok(names);
    }
    let sql = "SELECT n.nspname::text, c.relname::text, m.nspname::text, l.relname::text FROM pg_class c \
               JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL pg_catalog.pg_partition_tree(c.oid) t \
               JOIN pg_class l ON l.oid = t.relid JOIN pg_namespace m ON m.oid = l.relnamespace \
               WHERE c.relkind = 'p' AND t.isleaf AND n.nspname::text IN ({})";
    for row in snapshot.rows_of_schemas(sql).await? {
        let whole = TableName::new(row.text(0), row.text(1));
        if names.contains(&whole) {
            let part = TableName::new(row.text(2), row.text(3));
            names.push(part);
        }
    }
    let sql = "SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n \
               ON n.oid = c.relnamespace WHERE c.relkind = 'p' AND n.nspname::text IN ({})";
    let wholes = snapshot.rows_of_schemas(sql).await?;
    names.retain(|name| !wholes.iter().any(|row| row.text(0) == name.schema && row.text(1) == name.table));
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

fn step(snapshot: &Snapshot, table: &TableName, upkeep: Upkeep) -> Step {
    let name = snapshot.reference(table);
    let (sql, lock, cost) = match (snapshot.backend, upkeep) {
        (Backend::Postgresql, Upkeep::Vacuum) => {
            (format!("VACUUM (ANALYZE) {name}"), LockLevel::ShareUpdateExclusive, Cost::Scan)
        }
        (Backend::Postgresql, Upkeep::Analyze) => {
            (format!("ANALYZE {name}"), LockLevel::ShareUpdateExclusive, Cost::Sample)
        }
        (Backend::Postgresql, Upkeep::Reindex) => {
            let step = Step::new(format!("REINDEX TABLE CONCURRENTLY {name}")).concurrent();
            return step.locking(LockLevel::ShareUpdateExclusive).costing(Cost::Scan);
        }
        (Backend::Mysql | Backend::Mariadb, Upkeep::Vacuum) => {
            (format!("OPTIMIZE NO_WRITE_TO_BINLOG TABLE {name}"), LockLevel::Metadata, Cost::Rewrite)
        }
        (Backend::Mysql | Backend::Mariadb, Upkeep::Analyze) => {
            (format!("ANALYZE NO_WRITE_TO_BINLOG TABLE {name}"), LockLevel::Metadata, Cost::Sample)
        }
        (Backend::Mysql | Backend::Mariadb, Upkeep::Reindex) => {
            // Its indexes are of the table's file: the server refuses rather than to keep writers out.
            (
                format!("ALTER TABLE {name} FORCE, ALGORITHM=INPLACE, LOCK=NONE"),
                LockLevel::Metadata,
                Cost::Rewrite,
            )
        }
        (Backend::Sqlite, Upkeep::Vacuum | Upkeep::Analyze) => {
            (format!("ANALYZE {name}"), LockLevel::File, Cost::Scan)
        }
        (Backend::Sqlite, Upkeep::Reindex) => (format!("REINDEX {name}"), LockLevel::File, Cost::Scan),
    };
    Step::new(sql).upkeep().alone().locking(lock).costing(cost)
}
