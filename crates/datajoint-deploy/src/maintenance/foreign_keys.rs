//! Indexes that foreign keys need, on servers that make none themselves. Without them each delete of a parent reads the
//! whole child.

use std::collections::HashMap;

use datajoint_definition::{Backend, IndexItem};
use datajoint_plan::{Cost, Item, LockLevel, Snapshot, Step};
use datajoint_schema::{Index, Table, TableName, support_indexes};
use datajoint_sql::support_index;

use crate::Result;

/// The indexes of each table that the foreign keys lack.
pub(crate) async fn missing(snapshot: &mut Snapshot) -> Result<Vec<(Table, Vec<Index>)>> {
    let there = indexes(snapshot).await?;
    let mut found = Vec::new();
    for table in &snapshot.tables {
        // What stands in the definition is not all that there is, and may be invalid.
        let indexes = there.iter().filter(|(name, _)| *name == table.name.to_string());
        let indexes = indexes.map(|(_, columns)| Index {
            items: columns.iter().cloned().map(IndexItem::Attribute).collect(),
            unique: false,
        });
        let table = Table { indexes: indexes.collect(), ..table.clone() };
        let needed = support_indexes(&table);
        found.push((table, needed));
    }
    Ok(found)
}

/// Each index: its table, and the attributes that it begins with. One that is invalid is made again, not twice.
async fn indexes(snapshot: &mut Snapshot) -> Result<Vec<(String, Vec<String>)>> {
    let rows = if snapshot.backend == Backend::Postgresql {
        let sql = "SELECT n.nspname || '.' || c.relname, (SELECT pg_catalog.jsonb_agg(a.attname ORDER BY u.place) \
                   FROM pg_catalog.unnest(i.indkey::smallint[]) WITH ORDINALITY AS u (number, place) JOIN pg_attribute a \
                   ON a.attrelid = i.indrelid AND a.attnum = u.number WHERE u.place <= i.indnkeyatts) \
                   FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n \
                   ON n.oid = c.relnamespace JOIN pg_class ic ON ic.oid = i.indexrelid \
                   WHERE ic.relname !~ '_cc(new|old)[0-9]*$' AND i.indpred IS NULL AND i.indexprs IS NULL \
                   AND n.nspname::text IN ({})";
        snapshot.rows_of_schemas(sql).await?
    } else {
        let sql = "SELECT m.tbl_name, (SELECT json_group_array(x.name) FROM (SELECT name FROM \
                   pragma_index_xinfo(m.name) WHERE key ORDER BY seqno) x) FROM sqlite_schema m \
                   WHERE m.type = 'index' AND m.sql NOT LIKE '% WHERE %' AND NOT EXISTS \
                   (SELECT 1 FROM pragma_index_xinfo(m.name) e WHERE e.key AND e.name IS NULL)";
        snapshot.rows(sql, Vec::new()).await?
    };
    Ok(rows.iter().map(|row| (row.text(0), row.list(1))).collect())
}

pub(super) async fn plan(snapshot: &mut Snapshot) -> Result<Vec<Item>> {
    let missing = missing(snapshot).await?;
    let mut taken = names(snapshot).await?;
    let owned = crate::owner::owned(snapshot).await?;
    let partitioned = partitioned(snapshot).await?;
    let mut items = Vec::new();
    for (table, needed) in missing {
        if table.foreign_keys.is_empty() {
            continue;
        }
        let columns = |index: &Index| {
            index.plain_attributes().map(|names| format!("({})", names.join(", "))).unwrap_or_default()
        };
        let lacks: Vec<String> = needed.iter().map(columns).collect();
        let mut steps = Vec::new();
        let taken = taken.entry(table.name.schema.clone()).or_default();
        for index in &needed {
            let Some((name, statement)) = support_index(snapshot.backend, &table, index, taken) else {
                continue;
            };
            taken.push(name);
            let step = Step::of(statement).costing(Cost::Scan);
            steps.push(match snapshot.backend {
                Backend::Postgresql => step.concurrent().locking(LockLevel::ShareUpdateExclusive),
                Backend::Mysql | Backend::Mariadb => step.alone().locking(LockLevel::Metadata),
                Backend::Sqlite => step.locking(LockLevel::File),
            });
        }
        let found =
            if lacks.is_empty() { "none lacks".to_owned() } else { format!("lacks {}", lacks.join(", ")) };
        let object = (table.name.schema.as_str(), format!("indexes of foreign keys of {}", table.name));
        let item = Item::new(object, found, "none lacks", steps).of(&table.name);
        items.push(if partitioned.contains(&table.name.to_string()) && !needed.is_empty() {
            item.skipped("it is partitioned: make the index on each partition, then on the table")
        } else {
            owned.check(item, &table.name)
        });
    }
    Ok(items)
}

/// The partitioned tables, on which no index is made while others write.
async fn partitioned(snapshot: &mut Snapshot) -> Result<Vec<String>> {
    if snapshot.backend != Backend::Postgresql {
        return Ok(Vec::new());
    }
    let sql = "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
               WHERE c.relkind = 'p' AND n.nspname::text IN ({})";
    Ok(snapshot.rows_of_schemas(sql).await?.iter().map(|row| row.text(0)).collect())
}

/// The names of all indexes, by schema.
async fn names(snapshot: &mut Snapshot) -> Result<HashMap<String, Vec<String>>> {
    let found: Vec<(String, String)> = match snapshot.backend {
        Backend::Postgresql => {
            // Tables and indexes share their names.
            let sql = "SELECT n.nspname::text, c.relname::text FROM pg_class c \
                       JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname::text IN ({})";
            let rows = snapshot.rows_of_schemas(sql).await?;
            rows.iter().map(|row| (row.text(0), row.text(1))).collect()
        }
        Backend::Sqlite => {
            let sql = "SELECT tbl_name, name FROM sqlite_schema WHERE type = 'index'";
            let rows = snapshot.rows(sql, Vec::new()).await?;
            rows.iter().map(|row| (schema_of(snapshot, &row.text(0)), row.text(1))).collect()
        }
        // Each table has names of its own for its indexes, and the server makes those of foreign keys.
        Backend::Mysql | Backend::Mariadb => Vec::new(),
    };
    let mut names: HashMap<String, Vec<String>> = HashMap::new();
    for (schema, name) in found {
        names.entry(schema).or_default().push(name);
    }
    Ok(names)
}

/// The schema of a table of SQLite, which has it in its name.
fn schema_of(snapshot: &Snapshot, table: &str) -> String {
    let is_it = |name: &TableName| name.to_string() == table;
    let found = snapshot.tables.iter().find(|it| is_it(&it.name));
    found.map(|table| table.name.schema.clone()).unwrap_or_default()
}
