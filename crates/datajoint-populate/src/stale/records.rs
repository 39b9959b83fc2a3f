//! What rows recorded when they were made.

use datajoint_pipeline::{DynamicRow, DynamicTable, Instance, Query, Transaction};
use datajoint_schema::Table;
use datajoint_sql::{Condition, Statement, Value, made_rows, read_value};

use crate::Error;

/// A row, and what it recorded.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Made {
    pub(super) key: Vec<Value>,
    pub(super) by: Option<String>,
    pub(super) from: Value,
}

/// The rows of a query on a table.
pub(super) async fn of_query(
    instance: &Instance,
    table: &DynamicTable,
    rows: &Query<DynamicRow>,
) -> Result<Vec<Made>, Error> {
    let condition = instance.condition_of(rows).await?;
    let statement = statement(instance, table.table(), &condition, false)?;
    let mut connection = instance.database().acquire().await.map_err(datajoint_pipeline::Error::from)?;
    let found = connection.fetch(&statement).await.map_err(datajoint_pipeline::Error::from)?;
    found.into_iter().map(|row| made(table.table(), row)).collect()
}

/// The rows of these keys, which are locked until the transaction ends.
pub(super) async fn locked(
    table: &DynamicTable,
    keys: &Condition,
    on: &mut Transaction,
) -> Result<Vec<Made>, Error> {
    let statement = statement(on.instance(), table.table(), keys, true)?;
    let found = on.connection().fetch(&statement).await.map_err(datajoint_pipeline::Error::from)?;
    found.into_iter().map(|row| made(table.table(), row)).collect()
}

fn statement(
    instance: &Instance,
    table: &Table,
    condition: &Condition,
    lock: bool,
) -> Result<Statement, Error> {
    let statement = made_rows(instance.backend(), table, condition, lock);
    Ok(statement.map_err(datajoint_pipeline::Error::from)?)
}

/// Reads a row: its key, the code, and what it was made from.
fn made(table: &Table, mut row: Vec<Value>) -> Result<Made, Error> {
    let read = |name: &str, value: Value| match table.heading.get(name) {
        Some(attribute) => read_value(attribute, value).map_err(datajoint_pipeline::Error::from),
        None => Ok(value),
    };
    let from = read(datajoint_schema::MADE_FROM, row.pop().unwrap_or_default())?;
    let by = match row.pop() {
        Some(Value::Text(code)) if !code.is_empty() => Some(code),
        _ => None,
    };
    let names = table.key_names().filter(|name| !datajoint_schema::is_hidden_name(name));
    let key = names.zip(row).map(|(name, value)| read(name, value)).collect::<Result<_, _>>()?;
    Ok(Made { key, by, from })
}
