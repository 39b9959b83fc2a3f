use std::collections::HashSet;

use datajoint_definition::IndexItem;
use datajoint_schema::{Index, Table, support_indexes};
use md5::{Digest as _, Md5};

use super::Postgres;
use super::listed::own;
use super::quote::{quote, reference};
use crate::dialect::Json as _;
use crate::json_path;
use crate::literal::hexadecimal;
use crate::select::part::{IndexPart, Indexed};
use crate::{Result, Statement};

/// The longest name, in bytes; PostgreSQL cuts longer ones.
const LONGEST_NAME: usize = 63;
/// How many characters of the columns go into a name.
const COLUMNS_IN_NAME: usize = 30;

/// The declared indexes, then those that the foreign keys need.
pub(super) fn statements(table: &Table) -> Result<Vec<Statement>> {
    let support = support_indexes(table);
    named(table, table.indexes.iter().chain(&support))
        .into_iter()
        .map(|(name, index)| {
            let items: Vec<String> =
                index.items.iter().map(|part| item(table, part)).collect::<Result<_>>()?;
            Ok(statement(table, index.unique, &items, &name, ""))
        })
        .collect()
}

/// The indexes with their names.
pub(super) fn named<'a>(
    table: &Table,
    indexes: impl IntoIterator<Item = &'a Index>,
) -> Vec<(String, &'a Index)> {
    let mut taken: HashSet<String> = HashSet::new();
    let name = |index| {
        let name = unique_name(table, index, &taken);
        taken.insert(name.clone());
        (name, index)
    };
    indexes.into_iter().map(name).collect()
}

/// An index that is made while others write, and its name, which none of these have.
pub(super) fn support(table: &Table, index: &Index, taken: &[String]) -> (String, Statement) {
    let name = unique_name(table, index, &taken.iter().cloned().collect());
    let items: Vec<String> = index.leading_attributes().map(quote).collect();
    let statement = statement(table, index.unique, &items, &name, "CONCURRENTLY ");
    (name, statement)
}

fn statement(table: &Table, is_unique: bool, items: &[String], name: &str, how: &str) -> Statement {
    Statement::plain(format!(
        "CREATE {}INDEX {how}{} ON {} ({})",
        if is_unique { "UNIQUE " } else { "" },
        quote(name),
        reference(&table.name),
        items.join(", ")
    ))
}

/// The name Python would give, unless an index before has it.
fn unique_name(table: &Table, index: &Index, taken: &HashSet<String>) -> String {
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

fn item(table: &Table, item: &IndexItem) -> Result<String> {
    Ok(match item {
        IndexItem::Attribute(name) => quote(name),
        IndexItem::JsonPath { .. } => {
            format!("({})", Postgres.json_declared(&json_path::of_index(&Postgres, table, item)?))
        }
        IndexItem::Expression(text) => {
            let part = IndexPart::parse(&Postgres, table, text)?;
            let what = match part.what {
                Indexed::Attribute(name) => quote(&name),
                Indexed::Beginning(name, length) => format!("{}({}, {length})", own("left"), quote(&name)),
                Indexed::Expression(sql) => sql,
            };
            format!("{what}{}", part.how)
        }
    })
}
