use datajoint_definition::IndexItem;
use datajoint_schema::{Index, Table, support_indexes};
use md5::{Digest as _, Md5};

use super::{json, quote, reference};
use crate::Statement;
use crate::ddl::prefix_length;
use crate::quote::hexadecimal;

/// The longest name, in bytes; PostgreSQL cuts longer ones.
const LONGEST_NAME: usize = 63;
/// How many characters of the columns go into a name.
const COLUMNS_IN_NAME: usize = 30;

/// The declared indexes, then those that the foreign keys need.
pub(super) fn statements(table: &Table) -> Vec<Statement> {
    let support = support_indexes(table);
    let mut taken: Vec<String> = Vec::new();
    table
        .indexes
        .iter()
        .chain(&support)
        .map(|index| {
            let name = unique_name(table, index, &taken);
            taken.push(name.clone());
            statement(table, index, &name, "")
        })
        .collect()
}

/// An index that is made while others write, and its name, which none of these have.
pub(super) fn support(table: &Table, index: &Index, taken: &[String]) -> (String, Statement) {
    let name = unique_name(table, index, taken);
    let statement = statement(table, index, &name, "CONCURRENTLY ");
    (name, statement)
}

fn statement(table: &Table, index: &Index, name: &str, how: &str) -> Statement {
    let items: Vec<String> = index.items.iter().map(item).collect();
    Statement::plain(format!(
        "CREATE {}INDEX {how}{} ON {} ({})",
        if index.unique { "UNIQUE " } else { "" },
        quote(name),
        reference(&table.name),
        items.join(", ")
    ))
}

/// The name Python would give, unless an index before has it.
fn unique_name(table: &Table, index: &Index, taken: &[String]) -> String {
    let columns = index.items.iter().map(word).collect::<Vec<_>>().join("_");
    let shown: String = columns.chars().take(COLUMNS_IN_NAME).collect();
    let name = cut(&format!("idx_{}_{shown}", table.name.table), LONGEST_NAME).to_owned();
    if !taken.contains(&name) {
        return name;
    }
    let digest = Md5::digest(format!("{columns} {}", taken.len()));
    let suffix = hexadecimal(&digest[..4]);
    format!("{}_{suffix}", cut(&name, LONGEST_NAME - suffix.len() - 1))
}

fn cut(text: &str, length: usize) -> &str {
    let mut end = length.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn word(item: &IndexItem) -> String {
    let text = match item {
        IndexItem::Attribute(name) => return name.clone(),
        IndexItem::JsonPath { attribute, path, .. } => format!("{attribute}_{path}"),
        IndexItem::Expression(text) => text.clone(),
    };
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("_")
}

fn item(item: &IndexItem) -> String {
    match item {
        IndexItem::Attribute(name) => quote(name),
        IndexItem::JsonPath { attribute, path, returning } => {
            format!("({})", json::path_value(attribute, path, returning.as_deref()))
        }
        IndexItem::Expression(text) => match prefix_length(text) {
            Some((name, length)) => format!("left({}, {length})", quote(name)),
            None => text.clone(),
        },
    }
}
