use std::collections::{BTreeSet, HashSet};

use datajoint_definition::IndexItem;

use crate::{Index, Table};

/// The indexes that the foreign keys of a table need on PostgreSQL and SQLite, which make none themselves.
///
/// A reference needs none when it is unique, or when its columns begin the primary key or another index.
/// MySQL and MariaDB index every foreign key on their own; don't ask for them there.
pub fn support_indexes(table: &Table) -> Vec<Index> {
    let mut candidates: Vec<Vec<&str>> = table
        .foreign_keys
        .iter()
        .filter(|foreign_key| !foreign_key.unique)
        .map(|foreign_key| foreign_key.child_columns().collect())
        .collect();
    // The longest first, as they serve shorter ones too.
    candidates.sort_by_key(|columns| std::cmp::Reverse(columns.len()));

    let lengths: BTreeSet<usize> = candidates.iter().map(Vec::len).collect();
    let key = table.key_names().collect::<Vec<_>>();
    let mut served: HashSet<Vec<&str>> = beginnings(&key, &lengths).collect();
    for index in &table.indexes {
        served.extend(beginnings(&index.leading_attributes().collect::<Vec<_>>(), &lengths));
    }

    let mut needed = Vec::new();
    for candidate in candidates {
        if !served.contains(&candidate) {
            needed.push(Index {
                items: candidate.iter().map(|&name| IndexItem::Attribute(name.to_owned())).collect(),
                unique: false,
            });
            served.extend(beginnings(&candidate, &lengths));
        }
    }
    needed
}

/// What a list begins with, of these lengths.
fn beginnings<'t>(columns: &[&'t str], lengths: &BTreeSet<usize>) -> impl Iterator<Item = Vec<&'t str>> {
    lengths.iter().map_while(|length| columns.get(..*length).map(<[&str]>::to_vec))
}
