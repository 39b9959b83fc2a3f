//! Storage parameters of PostgreSQL's tables.

use std::collections::BTreeMap;

use datajoint_definition::Tier;
use datajoint_plan::{Item, LockLevel, Snapshot, Step};
use datajoint_schema::TableName;

use crate::{MaintenanceSpec, Result};

/// Tables whose rows are changed and deleted all the time: room for new versions on the same page, and dead rows are
/// taken away after a thousand, however large the table is.
const JOBS: [(&str, &str); 4] = [
    ("fillfactor", "70"),
    ("autovacuum_vacuum_scale_factor", "0"),
    ("autovacuum_vacuum_threshold", "1000"),
    ("autovacuum_vacuum_cost_delay", "0"),
];

/// Tables that only grow: what was added is frozen and counted early, a little at a time.
const GROWING: [(&str, &str); 2] =
    [("autovacuum_vacuum_insert_scale_factor", "0.05"), ("autovacuum_analyze_scale_factor", "0.02")];

pub(super) async fn plan(snapshot: &mut Snapshot, wanted: &MaintenanceSpec) -> Result<Vec<Item>> {
    let mut parameters: BTreeMap<TableName, BTreeMap<String, String>> = BTreeMap::new();
    if wanted.autovacuum {
        for table in snapshot.hidden.iter().filter(|table| table.name.is_jobs()) {
            parameters.insert(table.name.clone(), texts(&JOBS));
        }
        for table in &snapshot.tables {
            let tier = table.master.as_ref().and_then(|master| datajoint_definition::tier_of(&master.table));
            let tier = tier.map(|(tier, _)| tier).or(table.tier);
            if matches!(tier, Some(Tier::Computed | Tier::Imported)) {
                parameters.insert(table.name.clone(), texts(&GROWING));
            }
        }
    }
    for (name, values) in &wanted.parameters {
        let values = values.iter().map(|(key, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (key.clone(), value)
        });
        parameters.insert(snapshot.table(name)?.name.clone(), values.collect());
    }
    let observed = observe(snapshot).await?;
    onto_partitions(snapshot, &mut parameters).await?;
    let owned = crate::owner::owned(snapshot).await?;
    let mut items = Vec::new();
    for (table, wanted) in parameters {
        let Some(observed) = observed.get(&table) else { continue };
        items.push(owned.check(plan_table(snapshot, &table, &wanted, observed), &table));
    }
    Ok(items)
}

fn texts(parameters: &[(&str, &str)]) -> BTreeMap<String, String> {
    parameters.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn plan_table(
    snapshot: &Snapshot,
    table: &TableName,
    wanted: &BTreeMap<String, String>,
    observed: &Observed,
) -> Item {
    // A parameter of the TOAST table vanishes silently where there is none.
    let (usable, lost): (BTreeMap<_, _>, BTreeMap<_, _>) =
        wanted.iter().partition(|(key, _)| observed.has_toast || !key.starts_with("toast."));
    let is_set =
        |key: &str, value: &str| observed.parameters.get(key).is_some_and(|found| is_equal(found, value));
    let missing: Vec<String> = usable
        .iter()
        .filter(|(key, value)| !is_set(key, value))
        .map(|(key, value)| format!("{} = {}", parameter(snapshot, key), snapshot.literal(value)))
        .collect();
    let steps = if missing.is_empty() {
        Vec::new()
    } else {
        let sql = format!("ALTER TABLE {} SET ({})", snapshot.reference(table), missing.join(", "));
        vec![Step::new(sql).locking(LockLevel::ShareUpdateExclusive)]
    };
    let show = |of: &BTreeMap<String, String>| {
        let shown: Vec<String> = of.iter().map(|(key, value)| format!("{key}={value}")).collect();
        if shown.is_empty() { "none".to_owned() } else { shown.join(", ") }
    };
    let object = (table.schema.as_str(), format!("parameters of {table}"));
    let item = Item::new(object, show(&observed.parameters), show(wanted), steps).of(table);
    if usable.is_empty() && !lost.is_empty() {
        return item.skipped("the table has no TOAST table, so that parameters of one can't be set");
    }
    item
}

/// The name of a parameter: `toast.` stands before some.
fn parameter(snapshot: &Snapshot, key: &str) -> String {
    match key.split_once('.') {
        Some((space, name)) => format!("{}.{}", snapshot.quote(space), snapshot.quote(name)),
        None => snapshot.quote(key),
    }
}

/// Numbers are compared as such: 0.01 is 0.010.
fn is_equal(one: &str, other: &str) -> bool {
    match (one.parse::<f64>(), other.parse::<f64>()) {
        (Ok(one), Ok(other)) => (one - other).abs() < f64::EPSILON * one.abs().max(1.0),
        _ => one.eq_ignore_ascii_case(other),
    }
}

struct Observed {
    parameters: BTreeMap<String, String>,
    has_toast: bool,
}

async fn observe(snapshot: &mut Snapshot) -> Result<BTreeMap<TableName, Observed>> {
    let sql = "SELECT n.nspname::text, c.relname::text, c.reltoastrelid <> 0, o.option_name, o.option_value \
               FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_class t \
               ON t.oid = c.reltoastrelid LEFT JOIN LATERAL (SELECT option_name, option_value \
               FROM pg_catalog.pg_options_to_table(c.reloptions) UNION ALL SELECT 'toast.' || option_name, option_value \
               FROM pg_catalog.pg_options_to_table(t.reloptions)) o ON true WHERE c.relkind = 'r' AND n.nspname::text IN ({})";
    let mut observed: BTreeMap<TableName, Observed> = BTreeMap::new();
    for row in snapshot.rows_of_schemas(sql).await? {
        let table = observed
            .entry(TableName::new(row.text(0), row.text(1)))
            .or_insert_with(|| Observed { parameters: BTreeMap::new(), has_toast: row.truth(2) });
        if let Some(name) = row.maybe(3) {
            table.parameters.insert(name, row.text(4));
        }
    }
    Ok(observed)
}

/// Puts the parameters of partitioned tables onto their partitions: the tables themselves have none.
async fn onto_partitions(
    snapshot: &mut Snapshot,
    parameters: &mut BTreeMap<TableName, BTreeMap<String, String>>,
) -> Result<()> {
    let sql = "SELECT n.nspname::text, c.relname::text, m.nspname::text, l.relname::text FROM pg_class c \
               JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL pg_catalog.pg_partition_tree(c.oid) t \
               JOIN pg_class l ON l.oid = t.relid JOIN pg_namespace m ON m.oid = l.relnamespace \
               WHERE c.relkind = 'p' AND NOT c.relispartition AND t.isleaf AND l.relkind = 'r' \
               AND n.nspname::text IN ({})";
    for row in snapshot.rows_of_schemas(sql).await? {
        let (whole, part) =
            (TableName::new(row.text(0), row.text(1)), TableName::new(row.text(2), row.text(3)));
        if let Some(values) = parameters.get(&whole).cloned() {
            parameters.entry(part).or_insert(values);
        }
    }
    Ok(())
}
