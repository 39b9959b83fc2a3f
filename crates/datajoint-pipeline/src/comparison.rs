//! Tables that are described elsewhere meet those of the database.

use std::collections::BTreeSet;

use datajoint_schema::{Graph, Side, Table, TableComparison, add_tier_columns, compare_tables};
use datajoint_sql::comparison;

use crate::{Instance, Result, Target};

impl Instance {
    /// Compares tables of the code or of the lock with those of the database, and changes nothing.
    ///
    /// The tables are in schemas as `schema!` names them; those of the database have the prefix of the settings. All tables
    /// of these schemas are compared. Everything that differs is told, also what nobody meets:
    /// [`TableComparison::is_met`] tells it apart.
    ///
    /// Fails when the catalog can't be read.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing.
    pub async fn compare(&self, side: Side, tables: &[Table]) -> Result<Vec<TableComparison>> {
        let wanted: Vec<Table> = tables
            .iter()
            .map(|table| {
                let mut table = table.in_schemas(|schema| self.schema_name(schema));
                if side == Side::Code {
                    add_tier_columns(&mut table, self.tier_columns());
                }
                table
            })
            .collect();
        let schemas: BTreeSet<String> = wanted.iter().map(|table| table.name.schema.clone()).collect();
        let schemas: Vec<String> = schemas.into_iter().collect();
        let found = Target::from(self).with_parents(schemas.clone()).await?;
        let found: Vec<Table> = Graph::tables(&found)
            .map(|table| (**table).clone())
            .filter(|table| schemas.contains(&table.name.schema))
            .collect();
        let sides = [side, Side::Database];
        Ok(compare_tables(sides, &wanted, &found, |ours, theirs| {
            comparison(sides, self.backend(), ours, theirs)
        }))
    }
}
