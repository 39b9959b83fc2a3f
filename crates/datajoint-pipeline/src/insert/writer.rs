use std::sync::Arc;

use datajoint_schema::Table;
use datajoint_sql::Value;

use super::{Columns, InsertOptions, explain};
use crate::target::Held;
use crate::typed::IntoRow;
use crate::{DynamicRow, Result, Target};

/// How many values are gathered before they are sent.
const MANY_VALUES: usize = 262_144;

/// The same in bytes.
const MANY_BYTES: usize = 1 << 24;

/// Inserts rows in batches: all or none.
pub(crate) struct Writer<'a> {
    on: Held<'a>,
    table: Arc<Table>,
    columns: Columns,
    options: InsertOptions,
    /// The values of the rows that are not sent, row by row.
    values: Vec<Value>,
    /// How large they are.
    bytes: usize,
    /// How many rows came.
    rows: u64,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(on: Target<'a>, table: Arc<Table>, columns: Columns, options: InsertOptions) -> Self {
        Self { on: Held::new(on), table, columns, options, values: Vec::new(), bytes: 0, rows: 0 }
    }

    /// Takes a row; true when it is time to flush.
    pub(crate) fn push<R: IntoRow>(&mut self, row: R) -> Result<bool> {
        self.rows += 1;
        let backend = self.on.backend();
        let start = self.values.len();
        self.columns.write(&mut self.values, row, backend, &self.table, self.rows)?;
        Ok(self.is_full(start))
    }

    /// Takes the values of a row; true when it is time to flush.
    pub(crate) fn push_values(&mut self, row: Vec<Value>) -> Result<bool> {
        self.rows += 1;
        let backend = self.on.backend();
        let start = self.values.len();
        self.columns.write_values(&mut self.values, row, backend, &self.table, self.rows)?;
        Ok(self.is_full(start))
    }

    /// Weighs the values of a row; true when it is time to send.
    fn is_full(&mut self, start: usize) -> bool {
        self.bytes += self.values[start..].iter().map(Value::size).sum::<usize>();
        self.bytes >= MANY_BYTES || self.values.len() >= MANY_VALUES
    }

    /// Takes a row, which may have other attributes than the one before.
    pub(crate) async fn push_dynamic(&mut self, row: DynamicRow) -> Result<()> {
        self.rows += 1;
        if !self.columns.names.iter().map(String::as_str).eq(row.names()) {
            let columns = Columns::dynamic(&self.table, &row, self.rows)?;
            if !self.values.is_empty() {
                self.flush().await?;
            }
            self.columns = columns;
        }
        let backend = self.on.backend();
        let start = self.values.len();
        self.columns.write_values(&mut self.values, row.into_values(), backend, &self.table, self.rows)?;
        if self.is_full(start) {
            self.flush().await?;
        }
        Ok(())
    }

    /// Sends what was gathered, in a transaction that the rest will share.
    pub(crate) async fn flush(&mut self) -> Result<()> {
        self.on.begin().await?;
        self.send().await
    }

    /// Sends the rest and ends the transaction, if there is one. Gives how many rows came.
    pub(crate) async fn finish(mut self) -> Result<u64> {
        if !self.values.is_empty() {
            self.send().await?;
        }
        self.on.commit().await?;
        Ok(self.rows)
    }

    async fn send(&mut self) -> Result<()> {
        let names: Vec<&str> = self.columns.names.iter().map(String::as_str).collect();
        match self.on.insert(&self.table, &names, &self.values, self.options.mode).await {
            Ok(()) => {
                self.values.clear();
                self.bytes = 0;
                Ok(())
            }
            Err(error) => {
                Err(explain::explained(&mut self.on, &self.table, &names, &self.values, error).await)
            }
        }
    }
}
