//! Rows into the table that is made, and into its parts.

use std::sync::Arc;

use datajoint_adapters::BulkInsert;
use datajoint_definition::{Backend, DefaultValue};
use datajoint_pipeline::Transaction;
use datajoint_pipeline::typed::{IntoRow, RowWriter, TableRow, ValueError};
use datajoint_schema::{Attribute, Table};
use datajoint_sql::{InsertMode, Value};

use crate::Error;

/// Rows on their way into a table, with the hidden columns of a record.
pub(crate) struct Insert {
    backend: Backend,
    table: Arc<Table>,
    names: Vec<&'static str>,
    record: Vec<Value>,
    values: Vec<Value>,
    rows: u64,
}

impl Insert {
    pub(crate) fn new<R: TableRow>(backend: Backend, table: &Arc<Table>, record: Vec<(&'static str, Value)>) -> Self {
        let mut names = <R as IntoRow>::ATTRIBUTES.to_vec();
        let (hidden, record): (Vec<_>, Vec<_>) = record.into_iter().unzip();
        names.extend(hidden);
        Self { backend, table: Arc::clone(table), names, record, values: Vec::new(), rows: 0 }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Takes a row. Gives its values.
    ///
    /// Fails when a value does not fit its attribute.
    pub(crate) fn add<R: TableRow>(&mut self, row: R) -> Result<&[Value], Error> {
        self.rows += 1;
        let start = self.values.len();
        let written = row.into_row(&mut RowWriter::new(&mut self.values));
        let written = written.and_then(|()| {
            self.values.extend(self.record.iter().cloned());
            Ok(())
        });
        Ok(&self.values[start..])
    }
}
