//! What lookup tables are declared with.

use std::sync::Arc;

use datajoint_schema::{Table, TableName};
use datajoint_sql::{Condition, Expression, Value, bind_value};

use crate::insert::{Columns, Writer};
use crate::typed::TableSpec;
use crate::{Error, InsertOptions, Instance, Result, Target};

impl Instance {
    /// Inserts those rows of a lookup table's contents whose keys are not there.
    pub(super) async fn fill(&self, spec: &'static TableSpec) -> Result<Option<(TableName, u64)>> {
        let Some(contents) = &spec.contents else { return Ok(None) };
        let table = self.resolve(spec)?;
        // What may not declare does not fill either: a deployment does both.
        if !self.may_declare(&table.name.schema) {
            return Ok(None);
        }
        let fault = |row: u64, source| Error::Row { table: table.name.clone(), row, source };
        let rows = (contents.rows)().map_err(|error| fault(1, error))?;
        let mut on = Target::from(self);
        let all = Expression::Table(table.clone());
        let own = with_keys_of(self, &table, contents.attributes, &rows)?;
        if on.count(own.as_ref().unwrap_or(&all)).await? >= rows.len() as u64 {
            return Ok(None);
        }
        let before = on.count(&all).await?;
        let options = InsertOptions::new().skip_duplicates().allow_direct_insert();
        let columns = Columns::typed(&table, contents.attributes, options)?;
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

/// The rows of the table that have the keys of these; `None` when the key is left to defaults.
fn with_keys_of(
    instance: &Instance,
    table: &Arc<Table>,
    attributes: &[&str],
    rows: &[Vec<Value>],
) -> Result<Option<Expression>> {
    let place = |name: &str| attributes.iter().position(|attribute| *attribute == name);
    let key: Vec<_> = table.heading.visible().filter(|attribute| attribute.in_key).collect();
    let places: Option<Vec<usize>> = key.iter().map(|attribute| place(&attribute.name)).collect();
    let Some(places) = places.filter(|places| !places.is_empty()) else { return Ok(None) };
    let mut keys = Vec::with_capacity(rows.len());
    for row in rows {
        let mut values = Vec::with_capacity(places.len());
        for (attribute, place) in key.iter().zip(&places) {
            let value = row.get(*place).cloned().unwrap_or_default();
            if matches!(value, Value::Default) {
                return Ok(None);
            }
            values.push(bind_value(instance.backend(), attribute, value)?);
        }
        keys.push(values);
    }
    let attributes = key.iter().map(|attribute| attribute.name.clone()).collect();
    Ok(Some(Expression::Restrict {
        from: Box::new(Expression::Table(Arc::clone(table))),
        condition: Condition::Keys { attributes, rows: keys },
    }))
}
