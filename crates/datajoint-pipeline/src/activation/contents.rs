//! What lookup tables are declared with.

use datajoint_schema::TableName;
use datajoint_sql::Expression;

use crate::insert::{Columns, Writer};
use crate::typed::TableSpec;
use crate::{Error, InsertOptions, Instance, Result, Target};

impl Instance {
    /// Inserts the contents of a lookup table that has fewer rows than it should.
    pub(super) async fn fill(&self, spec: &'static TableSpec) -> Result<Option<(TableName, u64)>> {
        let Some(contents) = &spec.contents else { return Ok(None) };
        let table = self.resolve(spec)?;
        let fault = |row: u64, source| Error::Row { table: table.name.clone(), row, source };
        let rows = (contents.rows)().map_err(|error| fault(1, error))?;
        let mut on = Target::from(self);
        let all = Expression::Table(table.clone());
        let before = on.count(&all).await?;
        if before >= rows.len() as u64 {
            return Ok(None);
        }
        let columns = Columns::typed(&table, contents.attributes)?;
        let options = InsertOptions::new().skip_duplicates().allow_direct_insert();
        let mut writer = Writer::new(on.reborrow(), table.clone(), columns, options);
        for row in rows {
            if writer.push_values(row)? {
                writer.flush().await?;
            }
        }
        writer.finish().await?;
        let inserted = on.count(&all).await?.saturating_sub(before);
        Ok((inserted > 0).then(|| (table.name.clone(), inserted)))
    }
}
