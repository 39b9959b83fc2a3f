use std::collections::HashSet;

use datajoint_definition::IndexItem;
use datajoint_schema::{Index, Table};

use super::Mysql;
use super::quote::{quote, quoted_list};
use crate::dialect::Json as _;
use crate::json_path;
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
    let part = match item {
        IndexItem::Attribute(name) => return Ok(quote(name)),
        IndexItem::JsonPath { .. } => {
            let place = json_path::of_index(dialect, table, item)?;
            return Ok(format!("({})", dialect.json_declared(&place)));
        }
        IndexItem::Expression(text) => IndexPart::parse(dialect, table, text)?,
    };
    let what = match part.what {
        Indexed::Attribute(name) => quote(&name),
        Indexed::Beginning(name, length) => format!("{}({length})", quote(&name)),
        Indexed::Expression(sql) => match without_expressions(dialect) {
            Some(advice) => return Err(Error::Declaration { table: table.name.clone(), advice }),
            None if sql.starts_with('(') => sql,
            None => format!("({sql})"),
        },
    };
    Ok(format!("{what}{}", part.how))
}

/// Why there is no index on an expression.
pub(super) fn without_expressions(dialect: &Mysql) -> Option<String> {
    (!dialect.backend.capability().has_expression_indexes).then(|| {
        "MariaDB has no indexes on expressions; remove it, or index an attribute of its own".to_owned()
    })
}
