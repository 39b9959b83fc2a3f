use datajoint_sql::{Statement, Value};
use futures_core::Stream;
use tokio::sync::mpsc;

use crate::connection::on_driver;
use crate::{Database, Error, Result};

/// The most rows that travel together.
const MOST_ROWS: usize = 1024;

/// From so many bytes on, rows travel at once.
const MANY_BYTES: usize = 1 << 18;

/// Rows that travel together: few at first, so that the first are there early, then more and more.
pub(crate) struct Batch<R> {
    rows: Vec<R>,
    size: usize,
    bytes: usize,
}

impl<R> Default for Batch<R> {
    fn default() -> Self {
        Self { rows: Vec::new(), size: 8, bytes: 0 }
    }
}

impl<R> Batch<R> {
    /// Adds a row of so many bytes; gives all of them when it is time to send.
    pub(crate) fn push(&mut self, row: R, bytes: usize) -> Option<Vec<R>> {
        self.rows.push(row);
        self.bytes += bytes;
        if self.rows.len() < self.size && self.bytes < MANY_BYTES {
            return None;
        }
        self.size = (self.size * 2).min(MOST_ROWS);
        self.bytes = 0;
        Some(std::mem::replace(&mut self.rows, Vec::with_capacity(self.size)))
    }

    /// The rest.
    pub(crate) fn into_rows(self) -> Vec<R> {
        self.rows
    }
}

impl Database {
    /// What a function reads from the rows of a query, one after the other, on a connection of their own.
    ///
    /// A few thousand rows are read ahead at most, and fewer of large ones, so that memory stays the same however many
    /// there are. Must be called within a tokio runtime. Dropping the stream ends the query.
    pub fn stream<R, E, F>(
        &self,
        statement: Statement,
        mut read: F,
    ) -> impl Stream<Item = Result<R, E>> + Send + 'static
    where
        R: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnMut(&mut Vec<Value>) -> Result<R, E> + Send + 'static,
    {
        let database = self.clone();
        let (sender, receiver) = mpsc::channel::<Result<Vec<R>, E>>(2);
        tokio::spawn(async move {
            if let Err(error) = send(&database, &statement, &mut read, &sender).await {
                // Nobody listens any more when this fails.
                let _ = sender.send(Err(error)).await;
            }
        });
        futures_util::stream::unfold(
            (receiver, Vec::new().into_iter()),
            |(mut receiver, mut batch)| async move {
                loop {
                    if let Some(row) = batch.next() {
                        return Some((Ok(row), (receiver, batch)));
                    }
                    match receiver.recv().await? {
                        Ok(rows) => batch = rows.into_iter(),
                        Err(error) => return Some((Err(error), (receiver, Vec::new().into_iter()))),
                    }
                }
            },
        )
    }
}

async fn send<R, E, F>(
    database: &Database,
    statement: &Statement,
    read: &mut F,
    sender: &mpsc::Sender<Result<Vec<R>, E>>,
) -> Result<(), E>
where
    R: Send,
    E: From<Error> + Send,
    F: FnMut(&mut Vec<Value>) -> Result<R, E> + Send,
{
    let mut connection = database.acquire().await?;
    let is_whole = on_driver!(connection.start(), driver::send(statement, read, sender))?;
    // What is left of a query that nobody listens to is for the pool to take away.
    if is_whole { connection.settled(Ok(())) } else { Ok(()) }
}
