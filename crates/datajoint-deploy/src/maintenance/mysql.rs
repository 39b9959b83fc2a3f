use std::collections::HashMap;

use datajoint_definition::Backend;
use datajoint_guard::{Finding, FindingCode};
use datajoint_plan::{Cost, Item, LockLevel, Snapshot, Step};
use datajoint_schema::TableName;
use datajoint_sql::Statement;

use crate::deployment::ACTIVITY;
use crate::{MaintenanceSpec, Result};

/// A table is written anew only where more than this is free.
const WORTH_IT: i64 = 100 << 20;

pub(super) async fn plan(snapshot: &mut Snapshot, wanted: &MaintenanceSpec) -> Result<Vec<Item>> {
    if wanted.optimize && snapshot.backend == Backend::Mysql {
        // Sizes are kept for a day there, whatever happens to the table.
        snapshot.connection.end_on_drop();
        let fresh = Statement::plain("SET SESSION information_schema_stats_expiry = 0");
        snapshot.connection.fetch(&fresh).await?;
    }
    let sizes = snapshot
        .rows_of_schemas(
            "SELECT table_schema, table_name, data_length + index_length, data_free, engine FROM \
             information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema IN ({}) ORDER BY 1, 2",
        )
        .await?;
    let changed = changes(snapshot).await?;
    let mut items = Vec::new();
    for row in sizes {
        let name = TableName::new(row.text(0), row.text(1));
        let is_chosen =
            snapshot.scope.table.is_none() || snapshot.tables.iter().any(|table| table.name == name);
        if !is_chosen || name.table == ACTIVITY.journal || row.text(4) != "InnoDB" {
            continue;
        }
        let (size, free) = (row.number(2), row.number(3));
        let (rows, modified) = changed.get(&name).copied().unwrap_or_default();
        let needs_optimize = wanted.optimize && free > WORTH_IT && free > size / 4;
        let needs_analyze = wanted.analyze && modified > rows / 10 + 50;
        let table = snapshot.reference(&name);
        let (found, step) = if needs_optimize {
            // Statistics come with it.
            let step = Step::new(format!("OPTIMIZE NO_WRITE_TO_BINLOG TABLE {table}"));
            ("much is free", Some(step.upkeep().locking(LockLevel::Metadata).costing(Cost::Rewrite)))
        } else if needs_analyze {
            // Each server has statistics of its own.
            let step = Step::new(format!("ANALYZE NO_WRITE_TO_BINLOG TABLE {table}"));
            (
                super::OLD_STATISTICS,
                Some(step.statistics().locking(LockLevel::Metadata).costing(Cost::Sample)),
            )
        } else {
            ("in order", None)
        };
        let steps = step.map(Step::alone).into_iter().collect();
        items.push(Item::of_table(&name, found, "in order", steps));
    }
    Ok(items)
}

/// The rows of each table and how many were changed since its statistics, as far as the user may see that.
async fn changes(snapshot: &mut Snapshot) -> Result<HashMap<TableName, (i64, i64)>> {
    let is_mariadb = snapshot.backend == Backend::Mariadb;
    let view = if is_mariadb { "innodb_sys_tablestats" } else { "innodb_tablestats" };
    let sql = format!("SELECT name, num_rows, modified_counter FROM information_schema.{view}");
    match snapshot.rows(&sql, Vec::new()).await {
        Ok(rows) => Ok(rows
            .iter()
            .filter_map(|row| {
                let name = row.text(0);
                let (schema, table) = name.split_once('/')?;
                Some((TableName::new(decode(schema), decode(table)), (row.number(1), row.number(2))))
            })
            .collect()),
        Err(datajoint_plan::Error::Adapter(error))
            if error.kind() == Some(datajoint_adapters::Kind::MissingPrivilege)
                || error.code() == Some("1227") =>
        {
            snapshot.findings.push(Finding::warning(
                FindingCode::StatisticsNotSeen,
                "how old statistics are can't be seen without the privilege PROCESS",
                "grant PROCESS to the role that deploys; until then nothing is analyzed",
            ));
            Ok(HashMap::new())
        }
        Err(error) => Err(error.into()),
    }
}

/// The name of a file as the name of a table: `@0023method` is `#method`.
fn decode(name: &str) -> String {
    let mut decoded = String::new();
    let mut rest = name;
    while let Some(place) = rest.find('@') {
        decoded.push_str(&rest[..place]);
        let digits = rest.get(place + 1..place + 5);
        let character =
            digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32);
        if let Some(character) = character {
            decoded.push(character);
            rest = &rest[place + 5..];
        } else {
            decoded.push('@');
            rest = &rest[place + 1..];
        }
    }
    decoded.push_str(rest);
    decoded
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_of_files_are_names_of_tables() {
        assert_eq!(super::decode("@0023method"), "#method");
        assert_eq!(super::decode("__spikes__unit"), "__spikes__unit");
        assert_eq!(super::decode("@007e@007espikes"), "~~spikes");
    }
}
