use std::panic::Location;
use std::pin::pin;

use datajoint_sql::{Statement, Value};
use futures_core::Stream;
use futures_util::future::{BoxFuture, Either, select};
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinHandle};

use crate::driver::{Next, Rows};
use crate::rest::A_MOMENT;
use crate::{Database, Error, Purpose, Result};

/// The most rows that travel together.
const MOST_ROWS: usize = 1024;

/// From so many bytes on, rows travel at once.
const MANY_BYTES: usize = 1 << 18;

impl Database {
    /// What a function reads from the rows of a query, one after the other, on a connection of their own.
    ///
    /// A few thousand rows are read ahead at most, and fewer of large ones, so that memory stays the same however many
    /// there are. Must be called within a tokio runtime. Dropping the stream ends the query. It ends with its last row or
    /// with an error; a panic of the function goes on in who asks for rows.
    #[track_caller]
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
        self.stream_for(statement, Purpose::Stream(Location::caller()), read)
    }

    /// The same, with what it is for, which others are told who wait for a connection.
    pub fn stream_for<R, E, F>(
        &self,
        statement: Statement,
        purpose: Purpose,
        read: F,
    ) -> impl Stream<Item = Result<R, E>> + Send + 'static
    where
        R: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnMut(&mut Vec<Value>) -> Result<R, E> + Send + 'static,
    {
        let (sender, receiver) = mpsc::channel(2);
        let batch = Batch { read, sender, rows: Vec::new(), size: 8, bytes: 0, failure: None };
        let task = tokio::spawn(send(self.clone(), statement, purpose, Box::new(batch)));
        let reader = Reader { receiver, batch: Vec::new().into_iter(), task: Some(task) };
        futures_util::stream::unfold(reader, next)
    }
}

/// What travels from the task that reads to the stream.
enum Message<R, E> {
    Rows(Vec<R>),
    /// There are no more, or no more can be read.
    End(Result<(), E>),
}

struct Reader<R, E> {
    receiver: mpsc::Receiver<Message<R, E>>,
    batch: std::vec::IntoIter<R>,
    /// What reads; `None` after the end.
    task: Option<JoinHandle<()>>,
}

async fn next<R, E: From<Error>>(mut reader: Reader<R, E>) -> Option<(Result<R, E>, Reader<R, E>)> {
    loop {
        if let Some(row) = reader.batch.next() {
            return Some((Ok(row), reader));
        }
        let task = reader.task.take()?;
        match reader.receiver.recv().await {
            Some(Message::Rows(rows)) => (reader.batch, reader.task) = (rows.into_iter(), Some(task)),
            Some(Message::End(Ok(()))) => return None,
            Some(Message::End(Err(error))) => return Some((Err(error), reader)),
            // It did not come to its end.
            None => match task.await.map_err(JoinError::try_into_panic) {
                Err(Ok(panic)) => std::panic::resume_unwind(panic),
                _ => return Some((Err(Error::BrokenStream.into()), reader)),
            },
        }
    }
}

/// Sends the rows of a query.
async fn send(database: Database, statement: Statement, purpose: Purpose, mut rows: Box<dyn Outlet>) {
    let left = rows.left();
    let reading = async {
        let mut connection = database.acquire_for(purpose).await?;
        connection.hand_over(&statement, rows.rows()).await
    };
    let outcome = match select(pin!(reading), left).await {
        Either::Left((outcome, _)) => outcome,
        // Nobody reads any more: what is on its way may still come to its end.
        Either::Right(((), reading)) => {
            let _ = tokio::time::timeout(A_MOMENT, reading).await;
            return;
        }
    };
    rows.end(outcome).await;
}

/// Where rows go, of whatever type they are.
trait Outlet: Send {
    fn rows(&mut self) -> &mut dyn Rows;

    /// Ends when nobody reads any more.
    fn left(&self) -> BoxFuture<'static, ()>;

    /// Says that a query has ended, and how.
    fn end(self: Box<Self>, outcome: Result<()>) -> BoxFuture<'static, ()>;
}

/// Rows that travel together: few at first, so that the first are there early, then more and more.
struct Batch<R, E, F> {
    read: F,
    sender: mpsc::Sender<Message<R, E>>,
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
        Box::pin(async { self.sender.send(Message::Rows(rows)).await.is_ok() })
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

    fn left(&self) -> BoxFuture<'static, ()> {
        let sender = self.sender.clone();
        Box::pin(async move { sender.closed().await })
    }

    fn end(self: Box<Self>, outcome: Result<()>) -> BoxFuture<'static, ()> {
        let Self { sender, rows, failure, .. } = *self;
        Box::pin(async move {
            // Nobody listens any more when this fails.
            let _ = sender.send(Message::Rows(rows)).await;
            let _ = sender.send(Message::End(failure.map_or(outcome.map_err(E::from), Err))).await;
        })
    }
}
