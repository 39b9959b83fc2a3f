use datajoint_schema::{Attribute, Table};

use super::{Sqlite, ddl};
use crate::conflict::on_conflict;
use crate::dialect::Insert;
use crate::{InsertMode, Result};

impl Insert for Sqlite {
    fn default(&self, table: &Table, attribute: &Attribute) -> Result<String> {
        ddl::default_value(table, attribute)
    }

    fn insert_mode(&self, table: &Table, mode: InsertMode) -> (&'static str, String) {
        ("INSERT INTO", on_conflict(self, table, mode))
    }

    /// It would take `ON CONFLICT` for the condition of a join.
    fn needs_condition_before_mode(&self) -> bool {
        true
    }
}
