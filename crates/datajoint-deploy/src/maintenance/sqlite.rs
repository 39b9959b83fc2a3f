use std::collections::HashMap;

use datajoint_plan::{Cost, Item, LockLevel, Snapshot, Step};

use crate::{MaintenanceSpec, Result};

pub(super) async fn plan(snapshot: &mut Snapshot, wanted: &MaintenanceSpec) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    if wanted.analyze {
        items.extend(statistics(snapshot).await?);
    }
    if wanted.vacuum && snapshot.scope.table.is_none() {
        let sql = "SELECT f.freelist_count, p.page_count FROM pragma_freelist_count f, pragma_page_count p";
        let rows = snapshot.rows(sql, Vec::new()).await?;
        let (free, all) = rows.first().map(|row| (row.number(0), row.number(1))).unwrap_or_default();
        let is_needed = free > all / 4 + 100;
        let found = if is_needed { "more than a quarter is free" } else { "in order" };
        let steps = if is_needed {
            vec![Step::new("VACUUM").upkeep().alone().locking(LockLevel::File).costing(Cost::Rewrite)]
        } else {
            Vec::new()
        };
        let home = snapshot.schemas.first().cloned().unwrap_or_default();
        items.push(Item::new((&home, "the file"), found, "in order", steps));
    }
    Ok(items)
}

/// Statistics of the tables that have indexes beside their key, where the number of rows has doubled or halved since.
async fn statistics(snapshot: &mut Snapshot) -> Result<Vec<Item>> {
    let has = "SELECT name FROM sqlite_schema WHERE name = 'sqlite_stat1'";
    let mut known: HashMap<String, i64> = HashMap::new();
    if !snapshot.rows(has, Vec::new()).await?.is_empty() {
        for row in snapshot.rows("SELECT tbl, stat FROM sqlite_stat1", Vec::new()).await? {
            // What can't be read is made anew.
            if let Some(rows) = row.text(1).split(' ').next().and_then(|number| number.parse().ok()) {
                known.insert(row.text(0), rows);
            }
        }
    }
    let mut items = Vec::new();
    for table in snapshot.tables.clone() {
        let reference = snapshot.reference(&table.name);
        let counted = snapshot.rows_of_table(format!("SELECT count(*) FROM {reference}")).await?;
        let Some(counted) = counted else { continue };
        let rows = counted.first().map(|row| row.number(0)).unwrap_or_default();
        let is_old = match known.get(&table.name.to_string()) {
            None => rows > 0,
            Some(then) => rows > then.saturating_mul(2).saturating_add(50) || then / 2 > rows + 50,
        };
        let steps = if is_old {
            let step = Step::new(format!("ANALYZE {reference}"));
            vec![step.statistics().locking(LockLevel::File).costing(Cost::Scan)]
        } else {
            Vec::new()
        };
        let found = if is_old { super::OLD_STATISTICS } else { "in order" };
        items.push(Item::of_table(&table.name, found, "in order", steps));
    }
    Ok(items)
}
