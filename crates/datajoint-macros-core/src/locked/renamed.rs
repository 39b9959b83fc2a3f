use datajoint_definition::IndexItem;
use datajoint_schema::{Heading, Table};

/// A locked table with the new names of its attributes, each given with its old one.
pub(super) fn with_renames(table: &Table, renames: &[(String, String)]) -> Table {
    let renamed = |name: &mut String| {
        if let Some((new, _)) = renames.iter().find(|(_, old)| old == name) {
            name.clone_from(new);
        }
    };
    let attributes = table.heading.all().iter().map(|attribute| {
        let mut attribute = (**attribute).clone();
        renamed(&mut attribute.name);
        attribute
    });
    let mut table = Table { heading: Heading::new(attributes.collect::<Vec<_>>()), ..table.clone() };
    for pair in table.foreign_keys.iter_mut().flat_map(|foreign_key| &mut foreign_key.columns) {
        // An attribute that has its parent's name goes with it.
        if pair.parent == pair.child {
            renamed(&mut pair.parent);
        }
        renamed(&mut pair.child);
    }
    for item in table.indexes.iter_mut().flat_map(|index| &mut index.items) {
        match item {
            IndexItem::Attribute(name) | IndexItem::JsonPath { attribute: name, .. } => renamed(name),
            IndexItem::Expression(_) => {}
        }
    }
    table
}
