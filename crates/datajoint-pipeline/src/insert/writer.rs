use std::sync::Arc;

use datajoint_adapters::{BulkInsert, InsertPlan, RetryPolicy};
use datajoint_definition::Backend;
use datajoint_guard::Action;
use datajoint_schema::Table;
use datajoint_sql::{InsertMode, Value};

use super::{Columns, InsertOptions, Inserted, Rows, duplicates, explained};
use crate::audit::AuditEntry;
use crate::codec::encode_rows;
use crate::executor::{Asking, Held};
use crate::typed::IntoRow;
use crate::{AuditVerb, Doing, DynamicRow, Error, Result, Target};

/// How often rows are looked for and sent, where others insert the same ones in between.
const TRIES: usize = 3;

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
    /// How many rows were taken.
    rows: u64,
    /// How many of them are new.
    inserted: u64,
    /// How many rows came, those that were refused included.
    given: u64,
    /// True once rows were sent that more will follow.
    has_sent: bool,
    /// True from when rows are sent until the database took them.
    is_broken: bool,
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
            inserted: 0,
            given: 0,
            has_sent: false,
            is_broken: false,
        }
    }

    /// Takes a row; true when it is time to flush.
    pub(crate) fn push<R: IntoRow>(&mut self, row: R) -> Result<bool> {
        let (start, backend) = self.start_row()?;
        self.columns.write(&mut self.values, row, backend, &self.table, self.given)?;
        Ok(self.is_full(start))
    }

    /// Takes the values of a row; true when it is time to flush.
    pub(crate) fn push_values(&mut self, row: Vec<Value>) -> Result<bool> {
        let (start, backend) = self.start_row()?;
        self.columns.write_values(&mut self.values, row, backend, &self.table, self.given)?;
        Ok(self.is_full(start))
    }

    /// Takes a row, which may have other attributes than the one before.
    pub(crate) async fn push_dynamic(&mut self, row: DynamicRow) -> Result<()> {
        let (start, backend) = self.start_row()?;
        if self.columns.is_of(row.names()) {
            self.columns.write_values(
                &mut self.values,
                row.into_values(),
                backend,
                &self.table,
                self.given,
            )?;
            return if self.is_full(start) { self.flush().await } else { Ok(()) };
        }
        let columns = Columns::dynamic(&self.table, &row, self.given, self.options)?;
        let mut values = Vec::new();
        columns.write_values(&mut values, row.into_values(), backend, &self.table, self.given)?;
        if !self.values.is_empty() {
            self.flush().await?;
        }
        self.columns = columns;
        self.values = values;
        self.is_full(0);
        Ok(())
    }

    /// Begins a row; gives where its values begin, and the backend.
    fn start_row(&mut self) -> Result<(usize, Backend)> {
        self.check_whole()?;
        self.given += 1;
        Ok((self.values.len(), self.on.backend()))
    }

    /// Counts a row that was taken, and weighs its values; true when it is time to send.
    fn is_full(&mut self, start: usize) -> bool {
        self.rows += 1;
        self.bytes += self.values[start..].iter().map(Value::size).sum::<usize>();
        InsertPlan::is_batch(self.values.len(), self.bytes)
    }

    /// Fails when rows that were sent may not be there: those that follow must not be there without them.
    fn check_whole(&self) -> Result<()> {
        if self.is_broken { Err(Error::BrokenInsert { table: self.table.name.clone() }) } else { Ok(()) }
    }

    /// Sends what was gathered, in a transaction that the rest will share.
    pub(crate) async fn flush(&mut self) -> Result<()> {
        self.check_whole()?;
        self.is_broken = true;
        let outcome = async {
            self.prepare_audit().await?;
            self.on.begin().await?;
            self.send().await
        };
        let outcome = outcome.await;
        outcome.map_err(|error| self.refused(error))
    }

    /// The error with what was done to which table, also where the database refused to begin or to end it.
    fn refused(&self, error: Error) -> Error {
        error.of(Doing::Inserting, &self.table.name)
    }

    /// Sends the rest and ends the transaction, if there is one. Gives how many rows were taken.
    pub(crate) async fn finish(self) -> Result<u64> {
        Ok(self.finish_counted().await?.given)
    }

    /// The same, with how many of them are new.
    pub(crate) async fn finish_counted(mut self) -> Result<Inserted> {
        self.check_whole()?;
        if !self.values.is_empty() {
            let sent = async {
                if self.prepare_audit().await? {
                    self.on.begin().await?;
                }
                self.send().await
            };
            let sent = sent.await;
            sent.map_err(|error| self.refused(error))?;
        }
        let committed = self.on.commit().await;
        committed.map_err(|error| self.refused(error))?;
        // What is replaced may count twice, or not at all.
        let is_replaced = self.options.mode == InsertMode::Replace;
        let inserted = if is_replaced { self.rows } else { self.inserted };
        Ok(Inserted { given: self.rows, inserted })
    }

    /// Sees to it that rows that are replaced can be noted, in the transaction in which they are; true where they are noted.
    async fn prepare_audit(&mut self) -> Result<bool> {
        let is_noted = self.options.mode == InsertMode::Replace && self.on.instance().is_audited();
        if is_noted {
            // What inserts do that are not noted stays small.
            Box::pin(async {
                let schema = &self.table.name.schema;
                // Nothing is declared where nothing may be replaced.
                self.on.target().check_stamps(Action::Replace, [schema.as_str()]).await?;
                self.on.target().prepare_audit(std::slice::from_ref(schema)).await
            })
            .await?;
        }
        Ok(is_noted)
    }

    async fn send(&mut self) -> Result<()> {
        self.is_broken = true;
        let names: Vec<&str> = self.columns.names.iter().map(String::as_str).collect();
        let width = names.len().max(1);
        let before = self.rows - (self.values.len() / width) as u64;
        encode_rows(self.on.instance(), &self.table, &self.columns, &mut self.values, before).await?;
        let origin = super::origin::of(self.on.instance(), &self.table)?;
        let looks_first = self.options.looks_first(self.on.backend());
        let mut mode = self.options.mode;
        let mut backoff = RetryPolicy::CONFLICT.with_tries(TRIES).start();
        let is_within = self.on.is_within();
        let mut is_seen_through = false;
        if mode == InsertMode::Replace {
            let values = std::mem::take(&mut self.values);
            self.values = duplicates::last_of_each(&self.table, &names, values)?;
        }
        loop {
            if looks_first {
                let values = std::mem::take(&mut self.values);
                let before = values.len();
                let must_match = self.options.must_match;
                self.values = duplicates::without_those_there(
                    &mut self.on.target(),
                    &self.table,
                    &names,
                    values,
                    must_match,
                )
                .await?;
                mode = self.options.mode_after_look(&self.table);
                // What was refused is not there: trying again is of no use.
                is_seen_through = backoff.tries() > 1 && self.values.len() == before;
            }
            if self.values.is_empty() {
                break;
            }
            let rows = Rows { columns: &names, values: &self.values };
            let whole = origin.as_ref().map(|origin| super::origin::behind(rows, origin));
            let (columns, values) = match &whole {
                Some((columns, values)) => (columns.as_slice(), values.as_slice()),
                None => (rows.columns, rows.values),
            };
            let insert = BulkInsert { table: &self.table, columns, values, mode };
            match self.on.insert(insert).await {
                Ok(changed) => {
                    self.inserted += changed;
                    if mode == InsertMode::Replace {
                        let sent = (self.values.len() / width) as u64;
                        let entry =
                            AuditEntry::of_table(AuditVerb::Replace, &self.table.name).rows(Some(sent));
                        Box::pin(self.on.target().note_audit(&entry)).await?;
                    }
                    break;
                }
                // Somebody else inserted one in between. What was sent before would be lost.
                Err((Error::Adapter(error), _))
                    if looks_first
                        && !is_seen_through
                        && !backoff.is_over()
                        && error.is_duplicate()
                        && !self.has_sent
                        && !is_within =>
                {
                    let was_begun = self.on.is_transaction();
                    self.on.roll_back().await?;
                    if was_begun {
                        self.on.begin().await?;
                    }
                    backoff.again().await;
                }
                Err((error, failed)) => {
                    let rows = failed.map_or(rows, |failed| rows.range(failed));
                    let error =
                        explained(&mut self.on, Doing::Inserting, &self.table, rows, mode, error).await;
                    // Within a transaction there is no second look, but one past what the transaction sees.
                    is_seen_through |= is_within
                        && looks_first
                        && matches!(error, Error::Duplicate { is_given_twice: false, .. })
                        && !is_there_now(&mut self.on, &self.table, rows).await;
                    return Err(match (looks_first, is_seen_through) {
                        (false, _) => error,
                        (true, false) => error.after_look(),
                        (true, true) => error.after_second_look(),
                    });
                }
            }
        }
        self.has_sent = true;
        self.is_broken = false;
        self.values.clear();
        self.bytes = 0;
        Ok(())
    }
}

/// True unless no row has the key of one of those that were refused, so that two of these have keys that the database takes for
/// the same.
async fn is_there_now(on: &mut Held<'_>, table: &Table, rows: Rows<'_>) -> bool {
    match Asking::of(on.target()) {
        Some(mut on) => duplicates::is_there_now(&mut on, table, rows).await.unwrap_or(true),
        None => true,
    }
}
