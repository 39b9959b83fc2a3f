use std::collections::BTreeMap;

use datajoint_guard::Finding;
use datajoint_schema::{Lineage, Table, TableName};

use crate::Result;
use crate::look::Look;

/// Compares what `~lineage` says with what the foreign keys say.
pub(super) async fn check(look: &mut Look<'_>) -> Result<()> {
    let kept: Vec<String> = look
        .hidden
        .iter()
        .filter(|table| table.name.table == "~lineage")
        .map(|table| table.name.schema.clone())
        .collect();
    let tables: BTreeMap<TableName, Table> =
        look.all.iter().map(|table| (table.name.clone(), table.clone())).collect();
    for schema in kept {
        let [name, attribute, lineage] =
            ["table_name", "attribute_name", "lineage"].map(|column| look.quote(column));
        let from = look.reference(&TableName::new(&schema, "~lineage"));
        let rows =
            look.rows(&format!("SELECT {name}, {attribute}, {lineage} FROM {from}"), Vec::new()).await?;
        let said: BTreeMap<(String, String), String> =
            rows.iter().map(|row| ((row.text(0), row.text(1)), row.text(2))).collect();
        let mut faults = Vec::new();
        for table in look.tables.iter().filter(|table| table.name.schema == schema) {
            for attribute in table.heading.all() {
                let key = (table.name.table.clone(), attribute.name.clone());
                let expected = origin(&tables, &table.name, &attribute.name, tables.len());
                match (said.get(&key), expected) {
                    (Some(said), Some(expected)) if *said != expected => {
                        faults.push(format!("{}.{} is of {expected}, not of {said}", key.0, key.1));
                    }
                    (None, Some(expected)) => {
                        faults.push(format!("{}.{} of {expected} is missing", key.0, key.1));
                    }
                    _ => {}
                }
            }
        }
        let is_gone = |table: &&String| {
            !table.starts_with('~') && !tables.contains_key(&TableName::new(&schema, table.as_str()))
        };
        let gone: std::collections::BTreeSet<&String> =
            said.keys().map(|(table, _)| table).filter(is_gone).collect();
        faults.extend(gone.into_iter().map(|table| format!("{table} is no table")));
        if !faults.is_empty() {
            look.findings.push(Finding::warning(
                "stale-lineage",
                format!("`~lineage` of `{schema}` is not as the foreign keys are: {}", faults.join("; ")),
                "joins match attributes by their lineage: rebuild it (in Python, schema.rebuild_lineage())",
            ));
        }
    }
    Ok(())
}

/// Where an attribute was first declared, as the foreign keys have it; `None` for secondary ones.
fn origin(
    tables: &BTreeMap<TableName, Table>,
    name: &TableName,
    attribute: &str,
    depth: usize,
) -> Option<String> {
    let own = || Lineage { table: name.clone(), attribute: attribute.to_owned() }.to_string();
    let Some(table) = tables.get(name) else { return Some(own()) };
    let pair = table.foreign_keys.iter().rev().find_map(|foreign_key| {
        let pair = foreign_key.columns.iter().find(|pair| pair.child == attribute)?;
        Some((&foreign_key.parent, &pair.parent))
    });
    match pair {
        Some((parent, column)) if depth > 0 => origin(tables, parent, column, depth - 1),
        Some(_) => None,
        None => table.heading.get(attribute).is_some_and(|attribute| attribute.in_key).then(own),
    }
}
