use std::collections::HashSet;

use datajoint_definition::IndexItem;
use datajoint_schema::{Index, Table};

use super::Mysql;
use super::json;
use super::quote::{quote, quoted_list};
use crate::json_path::JsonPath;
use crate::select::part::{IndexPart, Indexed};
use crate::{Error, Result};

/// The clauses of the declared indexes. Foreign keys get theirs from the server; a unique one is the
/// index of the definition's option, written in capitals as Python does.
pub(super) fn clauses(dialect: &Mysql, table: &Table) -> Result<Vec<String>> {
    let unique = table.foreign_keys.iter().filter(|foreign_key| foreign_key.unique);
    let of_references: HashSet<Vec<&str>> =
        unique.map(|foreign_key| foreign_key.child_columns().collect()).collect();
    table.indexes.iter().map(|index| clause(dialect, table, index, &of_references)).collect()
}

fn clause(
    dialect: &Mysql,
    table: &Table,
    index: &Index,
    of_references: &HashSet<Vec<&str>>,
) -> Result<String> {
    let plain = index.plain_attributes();
    if index.unique && plain.as_ref().is_some_and(|names| of_references.contains(names)) {
        let names = quoted_list(plain.unwrap_or_default(), ", ");
        return Ok(format!("UNIQUE INDEX ({names})"));
    }
    let items: Result<Vec<String>> = index.items.iter().map(|part| item(dialect, table, part)).collect();
    let unique = if index.unique { "unique " } else { "" };
    Ok(format!("{unique}index ({})", items?.join(",")))
}

fn item(dialect: &Mysql, table: &Table, item: &IndexItem) -> Result<String> {
    let has_expressions = dialect.backend.capability().has_expression_indexes;
    let part = match item {
        IndexItem::Attribute(name) => return Ok(quote(name)),
        IndexItem::JsonPath { .. } if has_expressions => {
            return Ok(format!("({})", json::declared_value(&JsonPath::of_index(table, item)?)));
        }
        IndexItem::JsonPath { .. } => return Err(without_expressions(table)),
        IndexItem::Expression(text) => IndexPart::parse(dialect, table, text)?,
    };
    let what = match part.what {
        Indexed::Attribute(name) => quote(&name),
        Indexed::Beginning(name, length) => format!("{}({length})", quote(&name)),
        Indexed::Expression(_) if !has_expressions => {
            return Err(without_expressions(table));
        }
        Indexed::Expression(sql) if sql.starts_with('(') => sql,
        Indexed::Expression(sql) => format!("({sql})"),
    };
    Ok(format!("{what}{}", part.how))
}

fn without_expressions(table: &Table) -> Error {
    Error::Declaration {
        table: table.name.clone(),
        advice: "MariaDB has no indexes on expressions; remove it, or index an attribute of its own"
            .to_owned(),
    }
}
