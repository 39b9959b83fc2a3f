use datajoint_definition::IndexItem;
use datajoint_schema::{Index, Table, support_indexes};

use super::{json, quote, reference};
use crate::Statement;
use crate::ddl::prefix_length;

/// The declared indexes, then those that the foreign keys need.
pub(super) fn statements(table: &Table) -> Vec<Statement> {
    let support = support_indexes(table);
    let indexes = table.indexes.iter().chain(&support);
    indexes.enumerate().map(|(number, index)| statement(table, index, number)).collect()
}

fn statement(table: &Table, index: &Index, number: usize) -> Statement {
    let items: Vec<String> = index.items.iter().map(item).collect();
    Statement::plain(format!(
        "CREATE {}INDEX IF NOT EXISTS {} ON {} ({})",
        if index.unique { "UNIQUE " } else { "" },
        // Numbered, as the names of indexes are shared by the whole file.
        quote(&format!("idx_{}_{}", table.name, number + 1)),
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
