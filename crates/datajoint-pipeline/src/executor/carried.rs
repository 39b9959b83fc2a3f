//! Foreign keys of others by which the database itself changes rows.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use datajoint_schema::{Table, TableName};
use datajoint_sql::{CarryingKey, ReferredChange, carrying_keys, read_carrying_keys};

use super::Target;
use crate::error::{Carried, CarriedOn};
use crate::{Error, Result};

/// For so long an update takes what was read of such keys to be so still: there may be an update for each row.
const KNOWN_FOR: Duration = Duration::from_mins(1);

/// What was read of the foreign keys that carry updates of tables on.
pub(crate) type Known = RwLock<HashMap<TableName, (Instant, Arc<Vec<CarryingKey>>)>>;

impl Target<'_> {
    /// The foreign keys by which the database would change rows on its own when rows of these tables go.
    pub(crate) async fn carrying_deletes(&mut self, tables: &[TableName]) -> Result<Vec<CarryingKey>> {
        self.carrying(ReferredChange::Delete, tables).await
    }

    /// Fails where the database would change rows of other tables with values of these columns.
    pub(crate) async fn check_carried_updates(&mut self, table: &Table, columns: &[&str]) -> Result<()> {
        let is_changed = |column: &String| {
            columns.contains(&column.as_str())
                && table.heading.get(column).is_none_or(|attribute| !attribute.in_key)
        };
        let keys = self.carrying_updates(&table.name).await?;
        let keys = keys.iter().filter(|key| key.inherits() || key.parent_columns.iter().any(is_changed));
        check(&table.name, Carried::Update, keys)
    }

    async fn carrying_updates(&mut self, table: &TableName) -> Result<Arc<Vec<CarryingKey>>> {
        let known = {
            let carried = self.instance().carried().read().unwrap_or_else(PoisonError::into_inner);
            carried
                .get(table)
                .filter(|(read, _)| read.elapsed() < KNOWN_FOR)
                .map(|(_, keys)| Arc::clone(keys))
        };
        if let Some(keys) = known {
            return Ok(keys);
        }
        let keys = Arc::new(self.carrying(ReferredChange::Update, std::slice::from_ref(table)).await?);
        let mut carried = self.instance().carried().write().unwrap_or_else(PoisonError::into_inner);
        carried.insert(table.clone(), (Instant::now(), Arc::clone(&keys)));
        Ok(keys)
    }

    async fn carrying(&mut self, change: ReferredChange, tables: &[TableName]) -> Result<Vec<CarryingKey>> {
        let backend = self.backend();
        let rows = self.look_up(&carrying_keys(backend, change, tables)).await?;
        Ok(read_carrying_keys(backend, change, &rows)?)
    }
}

/// Fails where there are such keys.
pub(crate) fn check<'a>(
    table: &TableName,
    what: Carried,
    keys: impl IntoIterator<Item = &'a CarryingKey>,
) -> Result<()> {
    let keys: Vec<CarryingKey> = keys.into_iter().cloned().collect();
    if keys.is_empty() {
        return Ok(());
    }
    Err(Error::CarriedOn(Box::new(CarriedOn { table: table.clone(), what, keys })))
}
