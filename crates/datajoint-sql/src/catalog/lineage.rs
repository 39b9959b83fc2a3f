use std::collections::HashMap;

use datajoint_definition::Backend;
use datajoint_schema::{Lineage, Table, TableName};

use super::rows::{self, CatalogRows};
use crate::Result;

/// Gives attributes their lineage: from `~lineage`, and where that is silent from the foreign keys.
pub(super) fn fill(backend: Backend, catalog: &CatalogRows, tables: &mut [Table]) -> Result<()> {
    let mut known: HashMap<(TableName, String), Lineage> = HashMap::new();
    for row in rows::lineage(backend, catalog)? {
        if let Some(lineage) = parse(&row.lineage) {
            known.insert((TableName::new(row.schema, row.table), row.attribute), lineage);
        }
    }
    let places: HashMap<TableName, usize> =
        tables.iter().enumerate().map(|(place, table)| (table.name.clone(), place)).collect();
    let mut filled = Vec::new();
    for (place, table) in tables.iter().enumerate() {
        for (column, attribute) in table.heading.all().iter().enumerate() {
            let lineage = origin(tables, &places, &known, &table.name, &attribute.name, tables.len());
            filled.push((place, column, lineage));
        }
    }
    let mut attributes: Vec<Vec<std::sync::Arc<datajoint_schema::Attribute>>> =
        tables.iter().map(|table| table.heading.all().to_vec()).collect();
    for (place, column, lineage) in filled {
        std::sync::Arc::make_mut(&mut attributes[place][column]).lineage = lineage;
    }
    for (table, attributes) in tables.iter_mut().zip(attributes) {
        table.heading = datajoint_schema::Heading::new(attributes);
    }
    Ok(())
}

/// Where an attribute was first declared; `None` for secondary attributes of the table's own.
fn origin(
    tables: &[Table],
    places: &HashMap<TableName, usize>,
    known: &HashMap<(TableName, String), Lineage>,
    name: &TableName,
    attribute: &str,
    depth: usize,
) -> Option<Lineage> {
    if let Some(lineage) = known.get(&(name.clone(), attribute.to_owned())) {
        return Some(lineage.clone());
    }
    let own = || Lineage { table: name.clone(), attribute: attribute.to_owned() };
    // Named by a foreign key, but not read.
    let Some(table) = places.get(name).map(|&place| &tables[place]) else { return Some(own()) };
    let pair = table.foreign_keys.iter().rev().find_map(|foreign_key| {
        let pair = foreign_key.columns.iter().find(|pair| pair.child == attribute)?;
        Some((&foreign_key.parent, &pair.parent))
    });
    match pair {
        Some((parent, column)) if depth > 0 => origin(tables, places, known, parent, column, depth - 1),
        Some(_) => None,
        None => table.heading.get(attribute).is_some_and(|attribute| attribute.in_key).then(own),
    }
}

/// `schema.table.attribute`; a schema may have dots of its own.
fn parse(text: &str) -> Option<Lineage> {
    let (table, attribute) = text.rsplit_once('.')?;
    let (schema, table) = table.rsplit_once('.')?;
    Some(Lineage { table: TableName::new(schema, table), attribute: attribute.to_owned() })
}
