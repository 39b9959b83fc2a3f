use std::fmt;
use std::marker::PhantomData;

use super::Writer;
use crate::Result;
use crate::typed::IntoRow;

/// Rows on their way into a table, one after the other: they are gathered and sent many at a time.
///
/// All are inserted or none: nothing lasts before [`finish`](Self::finish), and dropping it undoes what was sent.
/// Between the first rows that were sent and the end a transaction is open.
#[must_use = "rows that are not finished are not inserted"]
pub struct BufferedInsert<'a, R> {
    writer: Writer<'a>,
    marker: PhantomData<fn(R)>,
}

impl<'a, R: IntoRow> BufferedInsert<'a, R> {
    pub(super) const fn new(writer: Writer<'a>) -> Self {
        Self { writer, marker: PhantomData }
    }

    /// Takes a row. Fails when a value does not fit, and, when rows are sent, with what the database says.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, nobody knows whether the row was taken: drop the whole insert, which undoes it.
    pub async fn push(&mut self, row: R) -> Result<()> {
        if self.writer.push(row)? { self.writer.flush().await } else { Ok(()) }
    }

    /// Sends the rows that are left, and makes all of them last. Gives how many were taken.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing. Once it has begun to write within a transaction, that can't be committed any more.
    pub async fn finish(self) -> Result<u64> {
        self.writer.finish().await
    }
}

impl<R> fmt::Debug for BufferedInsert<'_, R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("BufferedInsert")
    }
}
