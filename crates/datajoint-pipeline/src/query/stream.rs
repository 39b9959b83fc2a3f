use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use datajoint_adapters::Purpose;
use datajoint_sql::Value;
use futures_core::Stream;
use futures_util::{StreamExt, TryStreamExt};

use super::{Query, QueryRow};
use crate::executor::{Place, named};
use crate::{Error, Result, Target};

/// Rows one after the other, as a [`Stream`].
///
/// On an instance a few thousand rows are read ahead at most, however many there are, and fewer of large ones. In a transaction the rows are read
/// all at once, since the transaction does one thing at a time.
#[must_use = "a stream reads nothing before it is asked for rows"]
pub struct RowStream<'a, S> {
    rows: Pin<Box<dyn Stream<Item = Result<S>> + Send + 'a>>,
}

impl<'a, S: QueryRow> RowStream<'a, S> {
    #[track_caller]
    pub(super) fn new<R>(query: Query<R>, on: Target<'a>) -> Self
    where
        R: QueryRow,
    {
        let purpose = Purpose::Stream(Location::caller());
        let rows = futures_util::stream::once(open::<R, S>(query, on, purpose)).try_flatten();
        Self { rows: Box::pin(rows) }
    }
}

impl<S> RowStream<'_, S> {
    /// The next row; `None` after the last.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the rows are read no further, and the next call goes on with the row after the last one given.
    pub async fn next(&mut self) -> Option<Result<S>> {
        self.rows.as_mut().next().await
    }
}

impl<S> Stream for RowStream<'_, S> {
    type Item = Result<S>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<S>>> {
        self.rows.as_mut().poll_next(context)
    }
}

impl<S> std::fmt::Debug for RowStream<'_, S> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("RowStream")
    }
}

type Boxed<'a, S> = Pin<Box<dyn Stream<Item = Result<S>> + Send + 'a>>;

async fn open<R: QueryRow, S: QueryRow>(
    query: Query<R>,
    mut on: Target<'_>,
    purpose: Purpose,
) -> Result<Boxed<'_, S>> {
    let Place::Pool(instance) = &on.0 else {
        let rows = query.run_all::<S>(on).await?;
        return Ok(Box::pin(futures_util::stream::iter(rows.into_iter().map(Ok))));
    };
    let instance = (*instance).clone();
    let reading = query.reading_for::<S>(&mut on).await?;
    if reading.names.is_empty() {
        let rows = query.run_all::<S>(on).await?;
        return Ok(Box::pin(futures_util::stream::iter(rows.into_iter().map(Ok))));
    }
    let mut number = 0;
    let (of, label, query_label) = (instance.clone(), query.label(), query.label());
    let unknown = reading.select.unknown().clone();
    let sql = reading.select.statement.sql.clone();
    let told = move |error: Error| match named(of.told(error, &sql), || unknown.clone()) {
        Error::Adapter(source) => Error::Query { query: label.clone(), source: Box::new(source) },
        other => other,
    };
    let (select, mut reader) = (reading.select.clone(), reading.reader());
    let statement = select.statement.clone();
    let mut read = move |values: &mut [Value]| {
        number += 1;
        let row = reader.read::<S>(values);
        row.map_err(|source| Error::Read { query: query.label(), row: number, source })
    };
    let Some(decoding) = reading.decoding.clone() else {
        let rows = instance.database().stream_for(statement, purpose, move |values| {
            select.read(values)?;
            read(values)
        });
        return Ok(Box::pin(rows.map_err(told)));
    };
    let rows = instance.database().stream_for(statement, purpose, move |values| {
        select.read(values)?;
        Ok::<Vec<Value>, Error>(values.iter_mut().map(std::mem::take).collect())
    });
    let label = query_label;
    let rows = rows.map_err(told).enumerate().map(move |(place, row)| {
        let (decoding, label) = (Arc::clone(&decoding), label.clone());
        async move {
            let decoded = decoding.one(row?).await;
            decoded.map_err(|error| error.of(&label, place as u64 + 1))
        }
    });
    let rows = rows.buffered(crate::codec::AT_ONCE);
    Ok(Box::pin(rows.map(move |row| read(&mut row?))))
}
