use datajoint_definition::Backend;
use datajoint_guard::{Finding, FindingCode};
use datajoint_plan::{Cost, Item, LockLevel, Snapshot, Step};
use datajoint_schema::TableName;

use crate::deployment::ACTIVITY;
use crate::{MaintenanceSpec, Result};

/// An index that an attempt to make it left behind.
pub(crate) struct Invalid {
    pub(crate) table: TableName,
    pub(crate) name: String,
    /// True for what REINDEX CONCURRENTLY makes and takes away: the index itself is another one.
    is_leftover: bool,
}

pub(crate) async fn invalid_indexes(snapshot: &mut Snapshot) -> Result<Vec<Invalid>> {
    if snapshot.backend != Backend::Postgresql {
        return Ok(Vec::new());
    }
    let sql = "SELECT n.nspname::text, c.relname::text, ic.relname::text, ic.relname ~ '_cc(new|old)[0-9]*$' \
               FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid \
               JOIN pg_namespace n ON n.oid = c.relnamespace \
               WHERE NOT (i.indisvalid AND i.indisready AND i.indislive) AND c.relkind = 'r' \
               AND NOT EXISTS (SELECT 1 FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid \
               OR p.relid = i.indrelid) \
               AND n.nspname::text IN ({}) ORDER BY 1, 2, 3";
    let rows = snapshot.rows_of_schemas(sql).await?;
    let invalid = rows.iter().map(|row| Invalid {
        table: TableName::new(row.text(0), row.text(1)),
        name: row.text(2),
        is_leftover: row.truth(3),
    });
    Ok(invalid.collect())
}

/// Invalid indexes: made again, and what attempts left is dropped. Indexes that nothing is wrong with are no objects
/// of the plan.
pub(super) async fn indexes(snapshot: &mut Snapshot) -> Result<Vec<Item>> {
    let owned = crate::owner::owned(snapshot).await?;
    let mut items = Vec::new();
    for index in invalid_indexes(snapshot).await? {
        let name = TableName::new(&index.table.schema, &index.name);
        let reference = snapshot.reference(&name);
        let (wanted, step) = if index.is_leftover {
            let step = Step::new(format!("DROP INDEX CONCURRENTLY IF EXISTS {reference}"));
            ("gone", step.costing(Cost::Moment))
        } else {
            let step = Step::new(format!("REINDEX INDEX CONCURRENTLY {reference}"));
            ("valid", step.costing(Cost::Scan))
        };
        let steps = vec![step.concurrent().locking(LockLevel::ShareUpdateExclusive)];
        let object = (index.table.schema.as_str(), format!("index {name}"));
        let item = Item::new(object, "invalid", wanted, steps).of(&index.table);
        items.push(owned.check(item, &index.table));
    }
    Ok(items)
}

/// Statistics and dead rows of each table.
pub(super) async fn tables(snapshot: &mut Snapshot, wanted: &MaintenanceSpec) -> Result<Vec<Item>> {
    let sql = "SELECT n.nspname::text, c.relname::text, s.n_live_tup, s.n_dead_tup, s.n_mod_since_analyze, \
               coalesce(s.last_analyze, s.last_autoanalyze) IS NULL, pg_catalog.age(c.relfrozenxid)::bigint, \
               pg_catalog.current_setting('autovacuum_freeze_max_age')::bigint, \
               pg_catalog.pg_relation_size(c.oid) > 0, c.reltuples::bigint FROM pg_class c \
               JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_stat_all_tables s ON s.relid = c.oid \
               WHERE c.relkind = 'r' AND n.nspname::text IN ({}) ORDER BY 1, 2";
    let rows = snapshot.rows_of_schemas(sql).await?;
    let horizon = oldest_snapshot(snapshot).await?;
    let may = may_maintain(snapshot).await?;
    let mut items = Vec::new();
    for row in rows {
        let name = TableName::new(row.text(0), row.text(1));
        if name.table == ACTIVITY.journal {
            continue;
        }
        if snapshot.scope.table.is_some() && !snapshot.tables.iter().any(|table| table.name == name) {
            continue;
        }
        let [live, dead, changed, age, most] = [2, 3, 4, 6, 7].map(|place| row.number(place));
        // A table that was analyzed while it was empty is as good as never analyzed.
        let is_new = row.truth(5) && row.truth(8);
        let needs_analyze = wanted.analyze && (is_new || changed > live / 10 + 50);
        let has_dead = dead > (live + dead) / 5 + 50;
        let is_old = age > most / 5 * 4;
        let mut needs = Vec::new();
        if wanted.vacuum && has_dead {
            needs.push("dead rows");
        }
        if wanted.vacuum && is_old {
            needs.push("old transaction numbers");
        }
        let needs_vacuum = !needs.is_empty();
        if needs_analyze {
            needs.push(super::OLD_STATISTICS);
        }
        let found = if needs.is_empty() { "in order".to_owned() } else { needs.join(", ") };
        let table = snapshot.reference(&name);
        let step = match (needs_vacuum, needs_analyze) {
            // Rows that are written nowhere else are frozen, too.
            (true, true) if is_old => Some(("VACUUM (FREEZE, ANALYZE)", Cost::Scan)),
            (true, false) if is_old => Some(("VACUUM (FREEZE)", Cost::Scan)),
            (true, true) => Some(("VACUUM (ANALYZE)", Cost::Scan)),
            (true, false) => Some(("VACUUM", Cost::Scan)),
            (false, true) => Some(("ANALYZE", Cost::Sample)),
            (false, false) => None,
        };
        let steps = step.map(|(verb, cost)| {
            let step =
                Step::new(format!("{verb} {table}")).locking(LockLevel::ShareUpdateExclusive).costing(cost);
            let step = if needs_vacuum { step.upkeep() } else { step.statistics() };
            if needs_vacuum { step.alone() } else { step }
        });
        let mut item = Item::of_table(&name, found, "in order", steps.into_iter().collect());
        if !item.statements.is_empty() {
            if !may.contains(&name) {
                item = item.skipped(NOT_ITS_OWNER);
            } else if let (true, false, false, Some(session)) = (has_dead, needs_analyze, is_old, &horizon) {
                item = item.skipped(format!("its dead rows are still seen by {session}"));
            }
        }
        items.push(item);
    }
    Ok(items)
}

/// Partitioned tables, whose statistics nobody makes but who asks for them: the server looks after the partitions alone.
pub(super) async fn partitioned(snapshot: &mut Snapshot) -> Result<Vec<Item>> {
    // Before 14 how many rows they had then is not kept.
    let is_old = if snapshot.is_from(14) {
        "abs(greatest(c.reltuples, 0) - p.living) > greatest(c.reltuples, 0) / 10 + 50"
    } else {
        "false"
    };
    let sql = format!(
        "SELECT n.nspname::text, c.relname::text, p.living > 0 AND ({is_old} OR NOT EXISTS (SELECT 1 FROM pg_stats s \
         WHERE s.schemaname = n.nspname AND s.tablename = c.relname AND s.inherited)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         CROSS JOIN LATERAL (SELECT coalesce(pg_catalog.sum(s.n_live_tup), 0) AS living FROM pg_catalog.pg_partition_tree(c.oid) t \
         JOIN pg_stat_all_tables s ON s.relid = t.relid WHERE t.isleaf) p \
         WHERE c.relkind = 'p' AND n.nspname::text IN ({{}}) ORDER BY 1, 2"
    );
    let rows = snapshot.rows_of_schemas(&sql).await?;
    let may = may_maintain(snapshot).await?;
    let mut items = Vec::new();
    for row in rows {
        let name = TableName::new(row.text(0), row.text(1));
        if snapshot.scope.table.is_some() && !snapshot.tables.iter().any(|table| table.name == name) {
            continue;
        }
        let (mut found, mut steps) = ("in order", Vec::new());
        if row.truth(2) {
            found = super::OLD_STATISTICS;
            let step = Step::new(format!("ANALYZE {}", snapshot.reference(&name))).statistics();
            steps.push(step.locking(LockLevel::ShareUpdateExclusive).costing(Cost::Sample));
        }
        let item = Item::of_table(&name, found, "in order", steps);
        items.push(if item.statements.is_empty() || may.contains(&name) {
            item
        } else {
            item.skipped(NOT_ITS_OWNER)
        });
    }
    Ok(items)
}

/// Why a table is passed over that somebody else owns: the server would do so with a warning, and call that a success.
pub(super) const NOT_ITS_OWNER: &str =
    "only its owner, or on PostgreSQL 17 who has MAINTAIN, may vacuum, analyze and reindex it";

/// A session whose snapshot keeps dead rows from being taken away.
async fn oldest_snapshot(snapshot: &mut Snapshot) -> Result<Option<String>> {
    let sql = "SELECT pid::text, usename::text, extract(epoch FROM pg_catalog.now() - xact_start)::bigint FROM pg_stat_activity \
               WHERE backend_xmin IS NOT NULL AND pid <> pg_catalog.pg_backend_pid() AND datname = pg_catalog.current_database() \
               AND backend_type = 'client backend' AND xact_start < pg_catalog.now() - interval '5 seconds' \
               ORDER BY xact_start LIMIT 1";
    let rows = snapshot.rows(sql, Vec::new()).await?;
    let session = rows.first().map(|row| {
        format!("session {} of {}, which began {} s ago", row.text(0), row.text(1), row.number(2))
    });
    if let Some(session) = &session {
        snapshot.findings.push(Finding::warning(
            FindingCode::LongTransaction,
            format!("{session}: what was deleted since can't be taken away"),
            "end it, or wait for it",
        ));
    }
    Ok(session)
}

/// The tables that the user may vacuum.
pub(super) async fn may_maintain(snapshot: &mut Snapshot) -> Result<Vec<TableName>> {
    let maintain =
        if snapshot.is_from(17) { "OR pg_catalog.has_table_privilege(c.oid, 'MAINTAIN')" } else { "" };
    let sql = format!(
        "SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'p') AND (pg_catalog.pg_has_role(c.relowner, 'USAGE') OR pg_catalog.pg_has_role((SELECT datdba FROM pg_database \
         WHERE datname = pg_catalog.current_database()), 'USAGE') {maintain}) AND n.nspname::text IN ({{}})"
    );
    let rows = snapshot.rows_of_schemas(&sql).await?;
    Ok(rows.iter().map(|row| TableName::new(row.text(0), row.text(1))).collect())
}
