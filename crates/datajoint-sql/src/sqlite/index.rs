use datajoint_definition::IndexItem;
use datajoint_schema::{Index, Table, support_indexes};

use super::{json, quote, reference};
use crate::Statement;
use crate::ddl::prefix_length;

/// The declared indexes, then those that the foreign keys need.
pub(super) fn statements(table: &Table) -> Vec<Statement> {
    let support = support_indexes(table);
    let indexes = table.indexes.iter().chain(&support);
    indexes.enumerate().map(|(number, index)| statement(table, index, &name(table, number))).collect()
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
    let statement = statement(table, index, &name);
    (name, statement)
}

fn statement(table: &Table, index: &Index, name: &str) -> Statement {
    let items: Vec<String> = index.items.iter().map(item).collect();
    Statement::plain(format!(
        "CREATE {}INDEX IF NOT EXISTS {} ON {} ({})",
        if index.unique { "UNIQUE " } else { "" },
        quote(name),
        reference(&table.name),
        items.join(", ")
    ))
}

fn item(item: &IndexItem) -> String {
    match item {
        IndexItem::Attribute(name) => quote(name),
        IndexItem::JsonPath { attribute, path, returning } => {
            json::path_value(attribute, path, returning.as_deref())
        }
        IndexItem::Expression(text) => match prefix_length(text) {
            Some((name, length)) => format!("substr({}, 1, {length})", quote(name)),
            None => text.clone(),
        },
    }
}
