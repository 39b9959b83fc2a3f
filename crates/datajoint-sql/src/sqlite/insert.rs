use datajoint_schema::Table;

use super::{quote, quoted_list};
use crate::InsertMode;

/// To replace, every other column takes the new value, or its default where none is given.
pub(super) fn mode(table: &Table, mode: InsertMode) -> (&'static str, String) {
    let key = quoted_list(table.key_names());
    let secondary = table.heading.all().iter().filter(|attribute| !attribute.in_key);
    let changes: Vec<String> = secondary
        .map(|attribute| quote(&attribute.name))
        .map(|name| format!("{name} = excluded.{name}"))
        .collect();
    let tail = match mode {
        InsertMode::Plain => String::new(),
        InsertMode::Replace if !changes.is_empty() => {
            format!(" ON CONFLICT ({key}) DO UPDATE SET {}", changes.join(", "))
        }
        InsertMode::SkipDuplicates | InsertMode::Replace => format!(" ON CONFLICT ({key}) DO NOTHING"),
    };
    ("INSERT INTO", tail)
}
