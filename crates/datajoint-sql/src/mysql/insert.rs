use datajoint_schema::Table;

use super::{quote, reference};
use crate::InsertMode;

/// To skip, the row that is there is given the key it has: unlike `IGNORE`, that hides no other fault, though
/// it also skips rows that clash in a unique index.
pub(super) fn mode(table: &Table, mode: InsertMode) -> (&'static str, String) {
    match (mode, table.key_names().next()) {
        (InsertMode::SkipDuplicates, Some(name)) => {
            let name = quote(name);
            let tail = format!(" ON DUPLICATE KEY UPDATE {name}={}.{name}", reference(&table.name));
            ("INSERT INTO", tail)
        }
        (InsertMode::Replace, _) => ("REPLACE INTO", String::new()),
        _ => ("INSERT INTO", String::new()),
    }
}
