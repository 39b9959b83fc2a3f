//! What an insert does with rows that are there, as standard servers say it.

use datajoint_schema::Table;

use crate::InsertMode;
use crate::dialect::Quote;

/// ` ON CONFLICT …`; to replace, every other column takes the new value, or its default where none is given.
pub(crate) fn on_conflict(dialect: &dyn Quote, table: &Table, mode: InsertMode) -> String {
    let key: Vec<String> = table.key_names().map(|name| dialect.identifier(name)).collect();
    let key = key.join(", ");
    let secondary =
        table.heading.all().iter().filter(|attribute| !attribute.in_key && !attribute.is_generated());
    let changes: Vec<String> = secondary
        .map(|attribute| dialect.identifier(&attribute.name))
        .map(|name| format!("{name} = excluded.{name}"))
        .collect();
    match mode {
        InsertMode::Plain => String::new(),
        InsertMode::Replace if !changes.is_empty() => {
            format!(" ON CONFLICT ({key}) DO UPDATE SET {}", changes.join(", "))
        }
        InsertMode::SkipDuplicates | InsertMode::Replace => format!(" ON CONFLICT ({key}) DO NOTHING"),
    }
}
