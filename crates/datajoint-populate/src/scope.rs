//! What the contexts of one key share: its transaction, and a memory of what was read in it.

use std::sync::{Arc, Mutex, PoisonError};

use datajoint_pipeline::typed::{FromRow, IntoRow, RowReader, RowWriter, Table as TypedTable, TableRow, ValueError};
use datajoint_schema::{Table, TableName};
use datajoint_sql::{Expression, Value};

use crate::database::{self, Snapshot};
use crate::fingerprint::Fingerprint;
use crate::plan::Plan;
use crate::record::Record;
use crate::{Error, describe};

/// One key in one transaction.
pub(crate) struct Scope {
    pub(crate) plan: Arc<Plan>,
    pub(crate) key: Vec<Value>,
    snapshot: tokio::sync::Mutex<Snapshot>,
    seen: Mutex<Vec<Seen>>,
    record: Record,
    has_row: bool,
}

/// A query that was made, and what it gave.
pub(crate) struct Seen {
    table: TableName,
    query: Expression,
    attributes: &'static [&'static str],
    rows: Fingerprint,
}

impl Scope {
    /// Begins a transaction for a key that was taken up at `record`'s time.
    pub(crate) async fn begin(plan: &Arc<Plan>, key: &[Value], record: Record, writes: bool) -> Result<Self, Error> {
        Ok(Self {
            plan: Arc::clone(plan),
            key: key.to_vec(),
            snapshot: Snapshot::begin(&plan.instance, writes).await?.into(),
            seen: Mutex::default(),
            record,
            has_row: false,
        })
    }

    /// The rows of a query on a table, and what they were for [`verify`](Self::verify).
    pub(crate) async fn read<R: FromRow>(&self, table: &TableName, query: Expression) -> Result<Vec<R>, Error> {
        let mut rows = Vec::new();
        let mut fingerprint = Fingerprint::default();
        let take = |values: &mut [Value]| {
            fingerprint.add(values);
            rows.push(R::from_row(&mut RowReader::new(values))?);
            Ok(())
        };
        self.snapshot.lock().await.rows(&query, R::ATTRIBUTES, take).await?;
        let seen = Seen { table: table.clone(), query, attributes: R::ATTRIBUTES, rows: fingerprint };
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
        Ok(rows)
    }

    /// Fails when queries no longer give what they gave.
    pub(crate) async fn verify(&self, seen: Vec<Seen>) -> Result<(), Error> {
        let mut upstream = Vec::new();
        let mut snapshot = self.snapshot.lock().await;
        for Seen { table, query, attributes, rows } in seen {
            let mut now = Fingerprint::default();
            let add = |values: &mut [Value]| {
                now.add(values);
                Ok(())
            };
            snapshot.rows(&query, attributes, add).await?;
            if now != rows && !upstream.contains(&table) {
                upstream.push(table);
            }
        }
        if upstream.is_empty() {
            return Ok(());
        }
        let (table, key) = (self.plan.table.name.clone(), self.plan.describe(&self.key));
        Err(Error::UpstreamChanged { table, key, upstream })
    }

    /// True when the table has a row of the key.
    pub(crate) async fn has_row(&self) -> Result<bool, Error> {
        self.snapshot.lock().await.exists(&self.plan.row(&self.key)).await
    }

    /// Inserts rows of the table or of one of its parts.
    pub(crate) async fn insert<R: TableRow>(&mut self, rows: impl Iterator<Item = R>) -> Result<(), Error> {
        let table = database::table(&self.plan.instance, <R::Table as TypedTable>::spec())?;
        let places = self.key_places(&table, R::ATTRIBUTES);
        let is_master = table.name == self.plan.table.name;
        let record = if is_master { self.record.columns(&self.plan) } else { Vec::new() };
        let mut values = Vec::new();
        for row in rows {
            let mut row_values = Vec::with_capacity(R::ATTRIBUTES.len() + record.len());
            row.into_row(&mut RowWriter::new(&mut row_values))
                .map_err(|source: ValueError| Error::Value { table: table.name.clone(), source })?;
            self.check_key(&table, &places, &row_values)?;
            row_values.extend(record.iter().map(|(_, value)| value.clone()));
            values.push(row_values);
        }
        if values.is_empty() {
            return Ok(());
        }
        self.has_row |= is_master;
        let names = R::ATTRIBUTES.iter().copied().chain(record.iter().map(|(name, _)| *name));
        self.snapshot.get_mut().insert(&table, &names.collect::<Vec<_>>(), values).await
    }

    /// The places in a row, and in the key, of the attributes that must agree.
    fn key_places(&self, table: &Table, attributes: &[&str]) -> Vec<(usize, usize)> {
        let to_master = table.foreign_keys.iter().find(|foreign_key| foreign_key.parent == self.plan.table.name);
        let name_in_key = |name: &str| match to_master {
            None => self.plan.place(name),
            Some(foreign_key) => {
                let pair = foreign_key.columns.iter().find(|pair| pair.child == name)?;
                self.plan.place(&pair.parent)
            }
        };
        let places = attributes.iter().enumerate();
        places.filter_map(|(in_row, name)| Some((in_row, name_in_key(name)?))).collect()
    }

    fn check_key(&self, table: &Table, places: &[(usize, usize)], row: &[Value]) -> Result<(), Error> {
        if places.iter().all(|&(in_row, in_key)| row.get(in_row) == self.key.get(in_key)) {
            return Ok(());
        }
        let names: Vec<&str> = self.plan.table.key_names().collect();
        let other = places.iter().filter_map(|&(in_row, in_key)| Some((*names.get(in_key)?, row.get(in_row)?)));
        Err(Error::OtherKey {
            table: self.plan.table.name.clone(),
            key: self.plan.describe(&self.key),
            other: describe::row(other),
            into: table.name.clone(),
        })
    }

    /// Makes what was written last. Gives whether the table has a row of the key now.
    pub(crate) async fn commit(self) -> Result<bool, Error> {
        self.snapshot.into_inner().commit().await?;
        Ok(self.has_row)
    }

    /// Ends the transaction without a trace, and gives what was read in it.
    pub(crate) async fn leave(self) -> Result<Vec<Seen>, Error> {
        self.snapshot.into_inner().rollback().await?;
        Ok(self.seen.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}
