use std::collections::{BTreeMap, BTreeSet};

use datajoint_guard::Finding;
use datajoint_schema::TableName;

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
                // The catalog was read without `~lineage`: this is what the foreign keys say.
                let expected = attribute.lineage.as_ref().map(ToString::to_string);
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
            let name = TableName::new(&schema, table.as_str());
            !table.starts_with('~') && !look.all.iter().any(|table| table.name == name)
        };
        let gone: BTreeSet<&String> = said.keys().map(|(table, _)| table).filter(is_gone).collect();
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
