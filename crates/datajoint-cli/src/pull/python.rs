//! Modules for DataJoint for Python.

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;

use datajoint::TableName;
use datajoint::definition::{Tier, class_path};
use datajoint::schema::{Table, describe};

use super::Pulled;

/// The tables of one schema as classes, parents first, parts in their masters.
pub(super) fn source(tables: &[Arc<Table>]) -> Pulled {
    let mut pulled = Pulled { source: String::new(), left_out: Vec::new(), notes: Vec::new() };
    let schema = tables.first().map(|table| table.name.schema.clone()).unwrap_or_default();
    let others: BTreeSet<&str> = tables
        .iter()
        .flat_map(|table| &table.foreign_keys)
        .map(|key| key.parent.schema.as_str())
        .filter(|other| *other != schema)
        .collect();
    let _ = write!(
        pulled.source,
        "\"\"\"The schema `{schema}`, as the database had it.\"\"\"\n\nimport datajoint as dj\n\nschema = dj.Schema({})\n",
        literal(&schema)
    );
    for other in others {
        let (name, text) = (variable(other), literal(other));
        let _ = writeln!(pulled.source, "{name} = dj.VirtualModule({text}, {text})");
    }
    let mut written: HashSet<&TableName> = HashSet::new();
    for table in tables {
        let Some(tier) = table.tier else {
            pulled.left_out.push((table.name.clone(), "its name follows no rule of DataJoint".to_owned()));
            continue;
        };
        let lacking = table
            .foreign_keys
            .iter()
            .map(|key| &key.parent)
            .chain(&table.master)
            .find(|parent| parent.schema == schema && !written.contains(parent));
        if let Some(parent) = lacking {
            pulled.left_out.push((table.name.clone(), format!("it refers to `{parent}`, which is left out")));
            continue;
        }
        let text = match describe(table, |parent| reference(table, parent)) {
            Ok(text) => text,
            Err(error) => {
                pulled.left_out.push((table.name.clone(), error.to_string()));
                continue;
            }
        };
        written.insert(&table.name);
        let (indent, head) = match tier {
            Tier::Part => ("    ", "\n".to_owned()),
            _ => ("", "\n\n@schema\n".to_owned()),
        };
        pulled.source.push_str(&head);
        let _ = writeln!(pulled.source, "{indent}class {}(dj.{}):", table.class_name, tier.name());
        let _ = writeln!(pulled.source, "{indent}    definition = \"\"\"");
        for line in text.lines() {
            let line = line.trim_end().replace('\\', "\\\\").replace("\"\"\"", "\\\"\\\"\\\"");
            let _ = writeln!(pulled.source, "{indent}    {line}");
        }
        let _ = writeln!(pulled.source, "{indent}    \"\"\"");
    }
    pulled
}

/// A parent as a definition names it.
fn reference(table: &Table, parent: &TableName) -> String {
    if table.master.as_ref() == Some(parent) {
        return "master".to_owned();
    }
    let class = class_path(&parent.table);
    if parent.schema == table.name.schema { class } else { format!("{}.{class}", variable(&parent.schema)) }
}

/// The module of another schema as a variable.
fn variable(schema: &str) -> String {
    let plain = |character: char| if character.is_ascii_alphanumeric() { character } else { '_' };
    format!("{}_", schema.chars().map(plain).collect::<String>())
}

fn literal(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
