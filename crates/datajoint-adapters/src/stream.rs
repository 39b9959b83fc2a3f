use datajoint_sql::{Statement, Value};
use futures_core::Stream;
use tokio::sync::mpsc;

use crate::connection::on_driver;
use crate::{Database, Result};

/// How many rows travel together.
const BATCH: usize = 256;

impl Database {
    /// The rows of a query, one after the other, on a connection of their own.
    ///
    /// A few hundred rows are read ahead at most, so that memory stays the same however many there are. Must be
    /// called within a tokio runtime. Dropping the stream ends the query.
    pub fn stream(&self, statement: Statement) -> impl Stream<Item = Result<Vec<Value>>> + Send + 'static {
        let database = self.clone();
        let (sender, receiver) = mpsc::channel::<Result<Vec<Vec<Value>>>>(2);
        tokio::spawn(async move {
            if let Err(error) = send(&database, &statement, &sender).await {
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

async fn send(
    database: &Database,
    statement: &Statement,
    sender: &mpsc::Sender<Result<Vec<Vec<Value>>>>,
) -> Result<()> {
    let mut connection = database.acquire().await?;
    on_driver!(&mut connection.driver, driver::send(statement, BATCH, sender))
}
