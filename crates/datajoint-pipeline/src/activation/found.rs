//! Declared tables with what only the database tells of them.

use std::collections::HashMap;
use std::sync::Arc;

use datajoint_schema::{Attribute, Heading, Table, TableName};

/// The tables of a program, parents first: those found with [`with_hidden_of`], the others as they will be declared. Their
/// columns of foreign keys have the types of the columns that these refer to.
pub(super) fn with_found(tables: &[Arc<Table>], found: &HashMap<TableName, Table>) -> Vec<Arc<Table>> {
    let mut known: HashMap<&TableName, Arc<Table>> = HashMap::new();
    for table in tables {
        let whole = match found.get(&table.name) {
            Some(found) => with_hidden_of(table, found),
            None => with_types(table, |attribute| {
                let foreign_keys = table.foreign_keys.iter().filter(|_| attribute.inherited);
                foreign_keys.into_iter().find_map(|key| {
                    let pair = key.columns.iter().find(|pair| pair.child == attribute.name)?;
                    let parent =
                        known.get(&key.parent).map(AsRef::as_ref).or_else(|| found.get(&key.parent))?;
                    parent.heading.get(&pair.parent)?.column_type.clone()
                })
            }),
        };
        known.insert(&table.name, Arc::new(whole));
    }
    tables.iter().filter_map(|table| known.get(&table.name).cloned()).collect()
}

/// A declared table with the hidden columns that it has in the database, and the types of its columns.
pub(crate) fn with_hidden_of(declared: &Table, found: &Table) -> Table {
    let is_shown = |name: &str| !datajoint_schema::is_hidden_name(name);
    let mut attributes: Vec<_> = declared
        .heading
        .all()
        .iter()
        .filter(|attribute| is_shown(&attribute.name) || found.heading.get(&attribute.name).is_some())
        .cloned()
        .collect();
    let more = found.heading.all().iter().filter(|attribute| !is_shown(&attribute.name));
    let more: Vec<_> =
        more.filter(|attribute| declared.heading.get(&attribute.name).is_none()).cloned().collect();
    attributes.extend(more);
    let whole = Table { heading: Heading::new(attributes), ..declared.clone() };
    with_types(&whole, |attribute| found.heading.get(&attribute.name)?.column_type.clone())
}

/// A table with other types of columns.
fn with_types(table: &Table, column_type: impl Fn(&Attribute) -> Option<String>) -> Table {
    let attributes = table.heading.all().iter().map(|attribute| {
        let mut attribute = Arc::clone(attribute);
        let known = column_type(&attribute);
        if attribute.column_type != known {
            Arc::make_mut(&mut attribute).column_type = known;
        }
        attribute
    });
    Table { heading: Heading::new(attributes.collect::<Vec<_>>()), ..table.clone() }
}
