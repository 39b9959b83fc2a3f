use datajoint_sql::{Statement, Value};
use futures_core::Stream;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc;

use crate::driver::{Next, Rows};
use crate::{Database, Error, Result};

/// The most rows that travel together.
const MOST_ROWS: usize = 1024;

/// From so many bytes on, rows travel at once.
const MANY_BYTES: usize = 1 << 18;

impl Database {
    /// What a function reads from the rows of a query, one after the other, on a connection of their own.
    ///
    /// A few thousand rows are read ahead at most, and fewer of large ones, so that memory stays the same however many
    /// there are. Must be called within a tokio runtime. Dropping the stream ends the query.
    pub fn stream<R, E, F>(
        &self,
        statement: Statement,
        read: F,
    ) -> impl Stream<Item = Result<R, E>> + Send + 'static
    where
        R: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnMut(&mut Vec<Value>) -> Result<R, E> + Send + 'static,
    {
        let (sender, receiver) = mpsc::channel(2);
        let batch = Batch { read, sender, rows: Vec::new(), size: 8, bytes: 0, failure: None };
        tokio::spawn(send(self.clone(), statement, Box::new(batch)));
        futures_util::stream::unfold((receiver, Vec::new().into_iter()), next)
    }
}

type Batches<R, E> = (mpsc::Receiver<Result<Vec<R>, E>>, std::vec::IntoIter<R>);

async fn next<R, E>((mut receiver, mut batch): Batches<R, E>) -> Option<(Result<R, E>, Batches<R, E>)> {
    loop {
        if let Some(row) = batch.next() {
            return Some((Ok(row), (receiver, batch)));
        }
        match receiver.recv().await? {
            Ok(rows) => batch = rows.into_iter(),
            Err(error) => return Some((Err(error), (receiver, Vec::new().into_iter()))),
        }
    }
}

/// Sends the rows of a query.
async fn send(database: Database, statement: Statement, mut rows: Box<dyn Outlet>) {
    let outcome = match database.acquire().await {
        Ok(mut connection) => connection.hand_over(&statement, rows.rows()).await,
        Err(error) => Err(error),
    };
    rows.end(outcome).await;
}

/// Where rows go, of whatever type they are.
trait Outlet: Send {
    fn rows(&mut self) -> &mut dyn Rows;

    /// Says that a query has ended, and how.
    fn end(self: Box<Self>, outcome: Result<()>) -> BoxFuture<'static, ()>;
}

/// Rows that travel together: few at first, so that the first are there early, then more and more.
struct Batch<R, E, F> {
    read: F,
    sender: mpsc::Sender<Result<Vec<R>, E>>,
    rows: Vec<R>,
    size: usize,
    bytes: usize,
    failure: Option<E>,
}

impl<R, E, F> Rows for Batch<R, E, F>
where
    R: Send,
    E: From<Error> + Send,
    F: FnMut(&mut Vec<Value>) -> Result<R, E> + Send,
{
    fn take(&mut self, row: &mut Vec<Value>) -> Next {
        self.bytes += row.iter().map(Value::size).sum::<usize>();
        match (self.read)(row) {
            Ok(row) => self.rows.push(row),
            Err(failure) => {
                self.failure = Some(failure);
                return Next::Stop;
            }
        }
        if self.rows.len() < self.size && self.bytes < MANY_BYTES { Next::Row } else { Next::Flush }
    }

    fn flush(&mut self) -> BoxFuture<'_, bool> {
        self.size = (self.size * 2).min(MOST_ROWS);
        self.bytes = 0;
        let rows = std::mem::replace(&mut self.rows, Vec::with_capacity(self.size));
        Box::pin(async { self.sender.send(Ok(rows)).await.is_ok() })
    }
}

impl<R, E, F> Outlet for Batch<R, E, F>
where
    R: Send + 'static,
    E: From<Error> + Send + 'static,
    F: FnMut(&mut Vec<Value>) -> Result<R, E> + Send + 'static,
{
    fn rows(&mut self) -> &mut dyn Rows {
        self
    }

    fn end(self: Box<Self>, outcome: Result<()>) -> BoxFuture<'static, ()> {
        let Self { sender, rows, failure, .. } = *self;
        Box::pin(async move {
            // Nobody listens any more when this fails.
            let _ = sender.send(Ok(rows)).await;
            if let Some(error) = failure.or_else(|| outcome.err().map(E::from)) {
                let _ = sender.send(Err(error)).await;
            }
        })
    }
}
