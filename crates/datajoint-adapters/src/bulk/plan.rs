use std::ops::Range;

use datajoint_definition::Backend;
use datajoint_sql::{InsertMode, Value, parameter_limit};

use super::{BulkInsert, stored};
use crate::{ColumnType, Error, Result};

/// The most rows of one statement: more gain nothing.
const MOST_ROWS: usize = 1000;

/// The most bytes of one statement, where the server sets no limit of its own.
const MOST_BYTES: usize = 1 << 24;

/// From so many values on, PostgreSQL takes rows in its binary form.
///
/// For fewer, it waits longer for the end of the rows than it takes to read them.
const COPY_VALUES: usize = 20_000;

/// The same in bytes.
const COPY_BYTES: usize = 1 << 20;

/// So many values are enough to be sent, though more will come.
const BATCH_VALUES: usize = 262_144;

/// The same in bytes.
const BATCH_BYTES: usize = 1 << 24;

/// What a packet holds besides the values or the text.
const ENVELOPE: usize = 128;

/// How rows are inserted: in which statements, and whether they need a transaction to be inserted all or not at all.
///
/// This is the only place that decides it.
#[derive(Debug, Clone)]
pub struct InsertPlan<'a> {
    pub(super) insert: BulkInsert<'a>,
    pub(super) column_types: Vec<ColumnType>,
    pub(super) steps: Vec<Step>,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) form: Form,
    pub(super) rows: Range<usize>,
}

/// How the rows of a statement travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// In PostgreSQL's binary form.
    Copy,
    /// Bound, one placeholder for each value.
    Values,
    /// The same, with `DEFAULT` for some.
    Defaults,
}

impl<'a> InsertPlan<'a> {
    /// Plans an insert for a server that takes packets of so many bytes.
    ///
    /// Fails for columns that the table lacks, and for a row that is larger than a packet.
    pub(crate) fn new(backend: Backend, packet: usize, insert: BulkInsert<'a>) -> Result<Self> {
        let width = insert.columns.len();
        let column_types: Vec<ColumnType> =
            insert.columns.iter().map(|name| stored(insert.table, name)).collect();
        let mut plan = Self { insert, column_types, steps: Vec::new() };
        if width == 0 || insert.values.is_empty() {
            return Ok(plan);
        }
        if is_for_copy(backend, insert, &plan.column_types) {
            plan.steps.push(Step { form: Form::Copy, rows: 0..insert.values.len() / width });
            return Ok(plan);
        }
        let form = if insert.values.contains(&Value::Default) { Form::Defaults } else { Form::Values };
        let limits = Limits::new(backend, packet, insert)?;
        let mut start = 0;
        while start * width < insert.values.len() {
            let rows = limits.rows(&insert.values[start * width..], width, start)?;
            plan.steps.push(Step { form, rows: start..start + rows });
            start += rows;
        }
        Ok(plan)
    }

    /// Returns true when rows are inserted all or not at all only within a transaction.
    pub const fn needs_transaction(&self) -> bool {
        self.steps.len() > 1
    }

    /// Returns true when so many values, of so many bytes, are worth sending before the next row comes.
    pub const fn is_batch(values: usize, bytes: usize) -> bool {
        values >= BATCH_VALUES || bytes >= BATCH_BYTES
    }

    /// Returns the numbers of all rows, counted from 0.
    pub(crate) fn rows(&self) -> Range<usize> {
        0..self.steps.last().map_or(0, |step| step.rows.end)
    }

    /// Returns the values of a statement.
    pub(super) fn values(&self, step: &Step) -> &'a [Value] {
        let width = self.insert.columns.len();
        &self.insert.values[step.rows.start * width..step.rows.end * width]
    }
}

/// Returns true for rows that PostgreSQL takes in its binary form, and that are worth it.
fn is_for_copy(backend: Backend, insert: BulkInsert<'_>, column_types: &[ColumnType]) -> bool {
    let is_large = || {
        insert.values.len() > COPY_VALUES || insert.values.iter().map(Value::size).sum::<usize>() > COPY_BYTES
    };
    let has_form =
        || insert.values.iter().zip(column_types.iter().cycle()).all(|(value, kind)| kind.copies(value));
    backend.capability().has_binary_copy && insert.mode == InsertMode::Plain && is_large() && has_form()
}

/// What one statement can take.
struct Limits {
    rows: usize,
    /// The bytes of several rows; one row may need the whole packet.
    bytes: usize,
    packet: usize,
    /// The text of an insert of one row, and what each further row adds.
    text: (usize, usize),
}

impl Limits {
    fn new(backend: Backend, packet: usize, insert: BulkInsert<'_>) -> Result<Self> {
        let BulkInsert { table, columns, mode, .. } = insert;
        let length = |rows| datajoint_sql::insert(backend, table, columns, rows, mode).map(|text| text.len());
        let (one, two) = (length(1)?, length(2)?);
        // `DEFAULT` is longer than a placeholder.
        let defaults = columns.len() * "DEFAULT".len();
        Ok(Self {
            rows: (parameter_limit(backend) / columns.len()).clamp(1, MOST_ROWS),
            bytes: (packet / 2).min(MOST_BYTES),
            packet: packet.saturating_sub(ENVELOPE),
            text: (one + defaults, two - one + defaults),
        })
    }

    /// Returns how many rows from the front one statement can take; `first` is the number of the first one.
    fn rows(&self, values: &[Value], width: usize, first: usize) -> Result<usize> {
        let (mut bytes, mut text) = (0_usize, self.text.0);
        for (number, row) in values.chunks(width).take(self.rows).enumerate() {
            let size = row.iter().map(Value::size).sum::<usize>();
            if size.max(self.text.0) > self.packet {
                return Err(Error::RowTooLarge {
                    row: first + number,
                    bytes: size,
                    limit: self.packet + ENVELOPE,
                });
            }
            bytes = bytes.saturating_add(size);
            if number > 0 && bytes.max(text) > self.bytes {
                return Ok(number);
            }
            text = text.saturating_add(self.text.1);
        }
        Ok(self.rows.min(values.len() / width))
    }
}

#[cfg(test)]
mod tests;
