use std::collections::HashMap;

use crate::look::Look;
use crate::plan::{Item, Lasts, Locks, Step};
use crate::{MaintenanceWanted, Operation, Result};

pub(super) async fn plan(look: &mut Look<'_>, wanted: &MaintenanceWanted) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    if wanted.analyze {
        items.extend(statistics(look).await?);
    }
    if wanted.vacuum && look.wanted.table.is_none() {
        let sql = "SELECT f.freelist_count, p.page_count FROM pragma_freelist_count f, pragma_page_count p";
        let rows = look.rows(sql, Vec::new()).await?;
        let (free, all) = rows.first().map(|row| (row.number(0), row.number(1))).unwrap_or_default();
        let is_needed = free > all / 4 + 100;
        let found = if is_needed { "more than a quarter is free" } else { "in order" };
        let steps = if is_needed {
            vec![Step::new("VACUUM").alone().locking(Locks::File).lasting(Lasts::Rewrite)]
        } else {
            Vec::new()
        };
        let home = look.schemas.first().cloned().unwrap_or_default();
        items.push(Item::new(Operation::Maintenance, (&home, "the file"), found, "in order", steps));
    }
    Ok(items)
}

/// Statistics of the tables that have indexes beside their key, where the number of rows has doubled or halved since.
async fn statistics(look: &mut Look<'_>) -> Result<Vec<Item>> {
    let has = "SELECT name FROM sqlite_schema WHERE name = 'sqlite_stat1'";
    let mut known: HashMap<String, i64> = HashMap::new();
    if !look.rows(has, Vec::new()).await?.is_empty() {
        for row in look.rows("SELECT tbl, stat FROM sqlite_stat1", Vec::new()).await? {
            let rows =
                row.text(1).split(' ').next().and_then(|number| number.parse().ok()).unwrap_or_default();
            known.insert(row.text(0), rows);
        }
    }
    let mut items = Vec::new();
    for table in look.tables.clone() {
        let reference = look.reference(&table.name);
        let counted = look.rows(&format!("SELECT count(*) FROM {reference}"), Vec::new()).await?;
        let rows = counted.first().map(|row| row.number(0)).unwrap_or_default();
        let is_old = match known.get(&table.name.to_string()) {
            None => rows > 0,
            Some(then) => rows > then * 2 + 50 || then / 2 > rows + 50,
        };
        let steps = if is_old {
            let step = Step::new(format!("ANALYZE {reference}"));
            vec![step.locking(Locks::File).lasting(Lasts::Scan)]
        } else {
            Vec::new()
        };
        let found = if is_old { "old statistics" } else { "in order" };
        let object = (table.name.schema.as_str(), table.name.to_string());
        items.push(Item::new(Operation::Maintenance, object, found, "in order", steps));
    }
    Ok(items)
}
