use datajoint_definition::IndexItem;
use datajoint_schema::{Index, Table, support_indexes};

use super::Sqlite;
use super::quote::{quote, reference};
use crate::dialect::Json as _;
use crate::json_path;
use crate::select::part::{IndexPart, Indexed};
use crate::{Result, Statement};

/// The declared indexes, then those that the foreign keys need.
pub(super) fn statements(table: &Table) -> Result<Vec<Statement>> {
    let support = support_indexes(table);
    let indexes = table.indexes.iter().chain(&support);
    indexes
        .enumerate()
        .map(|(number, index)| {
            let items: Vec<String> =
                index.items.iter().map(|part| item(table, part)).collect::<Result<_>>()?;
            Ok(statement(table, index.unique, &items, &name(table, number)))
        })
        .collect()
}

/// Numbered, as the names of indexes are shared by the whole file.
fn name(table: &Table, number: usize) -> String {
    format!("idx_{}_{}", table.name, number + 1)
}

/// An index of a name that none of these have.
pub(super) fn support(table: &Table, index: &Index, taken: &[String]) -> (String, Statement) {
    let mut number = 0;
    while taken.contains(&name(table, number)) {
        number += 1;
    }
    let name = name(table, number);
    let items: Vec<String> = index.leading_attributes().map(quote).collect();
    let statement = statement(table, index.unique, &items, &name);
    (name, statement)
}

fn statement(table: &Table, is_unique: bool, items: &[String], name: &str) -> Statement {
    Statement::plain(format!(
        "CREATE {}INDEX IF NOT EXISTS {} ON {} ({})",
        if is_unique { "UNIQUE " } else { "" },
        quote(name),
        reference(&table.name),
        items.join(", ")
    ))
}

fn item(table: &Table, item: &IndexItem) -> Result<String> {
    Ok(match item {
        IndexItem::Attribute(name) => quote(name),
        IndexItem::JsonPath { .. } => Sqlite.json_declared(&json_path::of_index(&Sqlite, table, item)?),
        IndexItem::Expression(text) => {
            let part = IndexPart::parse(&Sqlite, table, text)?;
            let what = match part.what {
                Indexed::Attribute(name) => quote(&name),
                Indexed::Beginning(name, length) => format!("substr({}, 1, {length})", quote(&name)),
                Indexed::Expression(sql) => sql,
            };
            format!("{what}{}", part.how)
        }
    })
}
