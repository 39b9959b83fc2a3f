//! Rows into the table that is made, and into its parts.

use std::sync::Arc;

use datajoint_adapters::BulkInsert;
use datajoint_definition::{Backend, DefaultValue};
use datajoint_pipeline::typed::{IntoRow, RowWriter, ValueError};
use datajoint_pipeline::{Error as PipelineError, Transaction};
use datajoint_schema::{Attribute, Table};
use datajoint_sql::{InsertMode, Value, bind_value};

use crate::Error;

/// How many rows with defaults go into one statement.
const ROWS_WITH_DEFAULTS: usize = 100;

/// Rows on their way into a table, each with the hidden columns of a record.
pub(crate) struct Insert {
    backend: Backend,
    table: Arc<Table>,
    names: Vec<&'static str>,
    record: Vec<Value>,
    values: Vec<Value>,
    rows: u64,
}

impl Insert {
    pub(crate) fn new<R: IntoRow>(
        backend: Backend,
        table: &Arc<Table>,
        record: Vec<(&'static str, Value)>,
    ) -> Self {
        let mut names = R::ATTRIBUTES.to_vec();
        let (hidden, record): (Vec<_>, Vec<_>) = record.into_iter().unzip();
        names.extend(hidden);
        Self { backend, table: Arc::clone(table), names, record, values: Vec::new(), rows: 0 }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Takes a row that `check` agrees with.
    ///
    /// Fails when a value does not fit its attribute.
    pub(crate) fn add(
        &mut self,
        row: impl IntoRow,
        check: impl FnOnce(&[Value]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.rows += 1;
        let start = self.values.len();
        row.into_row(&mut RowWriter::new(&mut self.values)).map_err(|error| self.fault(error))?;
        check(&self.values[start..])?;
        self.values.extend(self.record.iter().cloned());
        for place in 0..self.names.len() {
            let Some(value) = self.values.get_mut(start + place).map(std::mem::take) else { break };
            self.values[start + place] = self.bound(self.names[place], value)?;
        }
        Ok(())
    }

    /// A value as the database takes it.
    fn bound(&self, name: &'static str, value: Value) -> Result<Value, Error> {
        let unknown = || self.fault(ValueError::new("is not in the table as it is in the database").at(name));
        let attribute: &Attribute = self.table.heading.get(name).ok_or_else(unknown)?;
        if value == Value::Null && !attribute.nullable {
            let advice = match attribute.default {
                DefaultValue::Required => "is null, but it must have a value",
                _ => "is null, but it must have a value; leave it out for its default",
            };
            return Err(self.fault(ValueError::new(advice).at(name)));
        }
        bind_value(self.backend, attribute, value)
            .map_err(|error| self.fault(ValueError::new(error.to_string()).at(name)))
    }

    fn fault(&self, source: ValueError) -> Error {
        PipelineError::Row { table: self.table.name.clone(), row: self.rows, source }.into()
    }

    /// Sends the rows.
    pub(crate) async fn send(self, transaction: &mut Transaction) -> Result<(), Error> {
        let Self { backend, table, names, values, .. } = self;
        let connection = transaction.connection();
        if values.contains(&Value::Default) {
            let rows: Vec<Vec<Value>> = values.chunks(names.len().max(1)).map(<[Value]>::to_vec).collect();
            for rows in rows.chunks(ROWS_WITH_DEFAULTS) {
                let insert =
                    datajoint_sql::insert_rows(backend, &table, &names, rows.to_vec(), InsertMode::Plain)
                        .map_err(PipelineError::from)?;
                connection.execute(&insert).await.map_err(PipelineError::from)?;
            }
            return Ok(());
        }
        // What is wrong with the columns is found here, so that the closure can't fail.
        datajoint_sql::insert(backend, &table, &names, 1, InsertMode::Plain).map_err(PipelineError::from)?;
        let text = |rows| {
            datajoint_sql::insert(backend, &table, &names, rows, InsertMode::Plain).unwrap_or_default()
        };
        let bulk = BulkInsert {
            copy: None,
            column_types: &[],
            insert: &text,
            columns: names.len(),
            values: &values,
        };
        connection.bulk_insert(bulk).await.map_err(PipelineError::from)?;
        Ok(())
    }
}
