use datajoint_definition::IndexItem;

use crate::{Index, Table};

/// The indexes that the foreign keys of a table need on PostgreSQL and SQLite, which make none themselves.
///
/// A reference needs none when it is unique, or when its columns begin the primary key or another index.
/// MySQL and MariaDB index every foreign key on their own; don't ask for them there.
pub fn support_indexes(table: &Table) -> Vec<Index> {
    let key: Vec<&str> = table.key_names().collect();
    let declared = table.indexes.iter().map(|index| index.leading_attributes().collect());
    let mut prefixes: Vec<Vec<&str>> = std::iter::once(key).chain(declared).collect();

    let mut candidates: Vec<Vec<&str>> = table
        .foreign_keys
        .iter()
        .filter(|foreign_key| !foreign_key.unique)
        .map(|foreign_key| foreign_key.child_columns().collect())
        .collect();
    // The longest first, as they serve shorter ones too.
    candidates.sort_by_key(|columns| std::cmp::Reverse(columns.len()));

    let mut needed = Vec::new();
    for candidate in candidates {
        if !prefixes.iter().any(|prefix| prefix.starts_with(&candidate)) {
            needed.push(Index {
                items: candidate.iter().map(|&name| IndexItem::Attribute(name.to_owned())).collect(),
                unique: false,
            });
            prefixes.push(candidate);
        }
    }
    needed
}
