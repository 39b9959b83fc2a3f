use datajoint_definition::{Backend, IndexItem};
use datajoint_schema::{Index, Table};

use super::quote;
use crate::{Error, Result};

/// The clauses of the declared indexes. Foreign keys get theirs from the server; a unique one is the
/// index of the definition's option, written in capitals as Python does.
pub(super) fn clauses(backend: Backend, table: &Table) -> Result<Vec<String>> {
    table.indexes.iter().map(|index| clause(backend, table, index)).collect()
}

fn clause(backend: Backend, table: &Table, index: &Index) -> Result<String> {
    let plain = index.plain_attributes();
    let of_reference = index.unique
        && table.foreign_keys.iter().any(|foreign_key| {
            foreign_key.unique && plain.as_deref() == Some(&foreign_key.child_columns().collect::<Vec<_>>())
        });
    if of_reference {
        let names = super::quoted_list(plain.unwrap_or_default(), ", ");
        return Ok(format!("UNIQUE INDEX ({names})"));
    }
    let items: Result<Vec<String>> = index.items.iter().map(|part| item(backend, table, part)).collect();
    let unique = if index.unique { "unique " } else { "" };
    Ok(format!("{unique}index ({})", items?.join(",")))
}

fn item(backend: Backend, table: &Table, item: &IndexItem) -> Result<String> {
    let is_function = |text: &str| text.starts_with('(');
    match item {
        IndexItem::Attribute(name) => Ok(quote(name)),
        IndexItem::Expression(text) if backend == Backend::Mysql || !is_function(text) => Ok(text.clone()),
        IndexItem::JsonPath { attribute, path, returning } if backend == Backend::Mysql => {
            Ok(format!("({})", super::json::path_value(attribute, path, returning.as_deref())))
        }
        IndexItem::Expression(_) | IndexItem::JsonPath { .. } => Err(Error::Declaration {
            table: table.name.clone(),
            advice: "MariaDB has no indexes on expressions; remove it, or index an attribute of its own"
                .to_owned(),
        }),
    }
}
