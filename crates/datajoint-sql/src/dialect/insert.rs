use datajoint_schema::{Attribute, Table};

use crate::{InsertMode, Result, Statement};

/// Rows, inserted and changed.
pub(crate) trait Insert {
    /// A query without its restriction, and what ends it, which locks a row of a table and finds it where it is not the one
    /// that the transaction sees, and under which name it has the row; `None` where the server itself refuses to change
    /// such a row.
    fn changed_row(&self, table: &Table) -> Option<(String, &'static str, &'static str)> {
        let _ = table;
        None
    }
    /// What begins to count the rows that an insert passes over, and what tells how many these were; `None` where the server
    /// counts those alone that it inserts.
    fn passed_over(&self) -> Option<[Statement; 2]> {
        None
    }
    /// The default of an attribute in a list of values. Fails where it has none.
    fn default(&self, table: &Table, attribute: &Attribute) -> Result<String> {
        let _ = (table, attribute);
        Ok("DEFAULT".to_owned())
    }
    /// How an insert begins and ends for what it does with rows that are there.
    fn insert_mode(&self, table: &Table, mode: InsertMode) -> (&'static str, String);
    /// An insert of one row with defaults alone, after the name of the table.
    fn default_row(&self) -> &'static str {
        " DEFAULT VALUES"
    }
    /// True where a query that is inserted needs a condition, so that what follows it is not taken for one of a join.
    fn needs_condition_before_mode(&self) -> bool {
        false
    }
}
