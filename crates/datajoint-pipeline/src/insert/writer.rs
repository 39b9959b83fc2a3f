use std::sync::Arc;

use datajoint_schema::Table;
use datajoint_sql::Value;

use super::{Columns, InsertOptions, duplicates, explain};
use crate::target::Held;
use crate::typed::IntoRow;
use crate::{DynamicRow, Error, Result, Target};

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
    /// True once rows were sent that more will follow.
    has_sent: bool,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(on: Target<'a>, table: Arc<Table>, columns: Columns, options: InsertOptions) -> Self {
        Self {
            on: Held::new(on),
            table,
            columns,
            options,
            values: Vec::new(),
            bytes: 0,
            rows: 0,
            has_sent: false,
        }
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
        if !self.columns.is_of(row.names()) {
            let columns = Columns::dynamic(&self.table, &row, self.rows, self.options)?;
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
        let looks_first = self.options.looks_first(self.on.backend());
        let mut mode = self.options.mode;
        let mut attempts = 0;
        let is_within = self.on.is_within();
        loop {
            if looks_first {
                let values = std::mem::take(&mut self.values);
                let must_match = self.options.must_match;
                self.values =
                    duplicates::without_those_there(&mut self.on, &self.table, &names, values, must_match)
                        .await?;
                mode = self.options.mode_after_look(&self.table);
            }
            if self.values.is_empty() {
                break;
            }
            attempts += 1;
            match self.on.insert(&self.table, &names, &self.values, mode).await {
                Ok(()) => break,
                // Somebody else inserted one in between. What was sent before would be lost.
                Err(Error::Adapter(error))
                    if looks_first
                        && attempts < 3
                        && error.is_duplicate()
                        && !self.has_sent
                        && !is_within =>
                {
                    let was_begun = self.on.is_transaction();
                    self.on.roll_back().await?;
                    if was_begun {
                        self.on.begin().await?;
                    }
                }
                Err(error) => {
                    return Err(
                        explain::explained(&mut self.on, &self.table, &names, &self.values, error).await
                    );
                }
            }
        }
        self.has_sent = true;
        self.values.clear();
        self.bytes = 0;
        Ok(())
    }
}
