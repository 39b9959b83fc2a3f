use crate::{ForeignKey, Lineage, Table};

/// A row of the table `~lineage` of a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineageRow {
    /// The table in the schema, with the prefix of its tier.
    pub table_name: String,
    /// The attribute.
    pub attribute_name: String,
    /// `schema.table.attribute` where it was first declared.
    pub lineage: String,
}

/// The rows that `~lineage` holds for a table: those of its foreign keys, then those of its own key.
pub fn lineage_rows(table: &Table) -> Vec<LineageRow> {
    let mut names: Vec<&str> = Vec::new();
    let inherited = table.foreign_keys.iter().flat_map(ForeignKey::child_columns);
    for name in inherited.chain(table.key_names()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let row = |name: &str| {
        let lineage = table.heading.get(name)?.lineage.as_ref().map_or_else(
            || Lineage { table: table.name.clone(), attribute: name.to_owned() }.to_string(),
            ToString::to_string,
        );
        Some(LineageRow { table_name: table.name.table.clone(), attribute_name: name.to_owned(), lineage })
    };
    names.into_iter().filter_map(row).collect()
}
