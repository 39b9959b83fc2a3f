use datajoint_schema::Table;

use super::Postgres;
use crate::InsertMode;
use crate::conflict::on_conflict;
use crate::dialect::Insert;

impl Insert for Postgres {
    fn insert_mode(&self, table: &Table, mode: InsertMode) -> (&'static str, String) {
        ("INSERT INTO", on_conflict(self, table, mode))
    }
}
