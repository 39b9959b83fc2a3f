use std::sync::Arc;

use datajoint_adapters::BulkInsert;
use datajoint_definition::Backend;
use datajoint_schema::Table;
use datajoint_sql::{InsertMode, Value};

use super::columns::whole;
use super::{Columns, Rows, explained};
use crate::codec::encode_rows;
use crate::executor::Held;
use crate::typed::{IntoRow, RowWriter};
use crate::{Doing, Error, Result, Target, Transaction};

/// Rows that a computation makes, on their way into a table as it is in the database.
#[derive(Debug)]
pub struct MadeRows {
    backend: Backend,
    table: Arc<Table>,
    columns: Columns,
    /// What every row has in hidden attributes.
    record: Vec<Value>,
    values: Vec<Value>,
    rows: u64,
}

impl MadeRows {
    /// No rows yet, of this type, and each with hidden attributes of these values.
    ///
    /// Fails when the table lacks an attribute.
    pub fn new<R: IntoRow>(
        backend: Backend,
        table: &Arc<Table>,
        record: Vec<(&'static str, Value)>,
    ) -> Result<Self> {
        let (hidden, record): (Vec<_>, Vec<_>) = record.into_iter().unzip();
        let columns = Columns::with_hidden(table, R::ATTRIBUTES, &hidden)?;
        Ok(Self { backend, table: Arc::clone(table), columns, record, values: Vec::new(), rows: 0 })
    }

    /// True before the first row.
    pub const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Takes a row that `check` agrees with.
    ///
    /// Fails when a value does not fit its attribute.
    pub fn add<E: From<Error>>(
        &mut self,
        row: impl IntoRow,
        check: impl FnOnce(&[Value]) -> Result<(), E>,
    ) -> Result<(), E> {
        let Self { backend, table, columns, record, values, rows } = self;
        let number = *rows + 1;
        whole::<E>(values, |values| {
            let start = values.len();
            let written = row.into_row(&mut RowWriter::new(values));
            written.map_err(|source| Error::Row { table: table.name.clone(), row: number, source })?;
            check(&values[start..])?;
            values.extend(record.iter().cloned());
            columns.bind(values, start, *backend, table, number)?;
            Ok(())
        })?;
        *rows = number;
        Ok(())
    }

    /// Inserts them.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing. Once it has begun to write within a transaction, that can't be committed any more.
    pub async fn insert(mut self, transaction: &mut Transaction) -> Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        encode_rows(&transaction.instance, &self.table, &self.columns, &mut self.values, 0).await?;
        let names: Vec<&str> = self.columns.names.iter().map(String::as_str).collect();
        let mut held = Held::new(Target::from(transaction));
        let rows = Rows { columns: &names, values: &self.values };
        let mode = InsertMode::Plain;
        let insert = BulkInsert { table: &self.table, columns: rows.columns, values: rows.values, mode };
        match held.insert(insert).await {
            Ok(_) => held.commit().await,
            Err((error, failed)) => {
                let rows = failed.map_or(rows, |failed| rows.range(failed));
                Err(explained(&mut held, Doing::Inserting, &self.table, rows, mode, error).await)
            }
        }
    }
}
