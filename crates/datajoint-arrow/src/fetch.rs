use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use datajoint_pipeline::typed::ValueError;
use datajoint_pipeline::{Instance, QueryRow, Relation, RowStream};
use datajoint_schema::Heading;
use datajoint_sql::Value;
use futures_core::Stream;
use futures_util::StreamExt as _;

use crate::build::{self, Batch};
use crate::{Result, csv_file};

/// The most rows of one batch.
pub(crate) const BATCH: usize = 8192;

/// From so many bytes on, a batch is whole, however few rows it has.
const MANY_BYTES: usize = 16 << 20;

/// The values of a row.
struct Values(Vec<Value>);

impl QueryRow for Values {
    fn attributes() -> Option<&'static [&'static str]> {
        None
    }

    /// Columns hold what stands in the table.
    fn is_decoded() -> bool {
        false
    }

    fn read(_: &Arc<[String]>, values: &mut [Value]) -> std::result::Result<Self, ValueError> {
        Ok(Self(values.iter_mut().map(std::mem::take).collect()))
    }
}

/// The rows of a query as record batches, one after the other; see [`FetchColumns::record_batches`].
pub struct BatchStream<'a> {
    schema: SchemaRef,
    batches: Pin<Box<dyn Stream<Item = Result<RecordBatch>> + Send + 'a>>,
}

impl BatchStream<'_> {
    /// The fields of the batches.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// The next batch; `None` after the last.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the rows are read no further, and the next call goes on with the row after the last one given.
    pub async fn next(&mut self) -> Option<Result<RecordBatch>> {
        self.batches.as_mut().next().await
    }
}

impl Stream for BatchStream<'_> {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.batches.as_mut().poll_next(context)
    }
}

impl std::fmt::Debug for BatchStream<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "BatchStream({} columns)", self.schema.fields().len())
    }
}

/// Queries as columns.
pub trait FetchColumns: Relation {
    /// The rows as record batches, one after the other: memory stays the same however many there are.
    ///
    /// A batch has at most 8,192 rows, and fewer where 16 MiB are reached before.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
    fn record_batches<'a>(&self, on: &'a Instance) -> impl Future<Output = Result<BatchStream<'a>>> + Send {
        let query = self.query();
        async move {
            let heading = query.heading(on).await?;
            let mut rows = query.stream_as::<Values>(on);
            // What is computed has the type of its first value, decimals as many digits after the point as the first batch needs.
            let first = next_rows(&mut rows).await?;
            Ok(batches(&heading, query.label(), first, rows))
        }
    }

    /// All rows as one record batch.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
    fn fetch_arrow(&self, on: &Instance) -> impl Future<Output = Result<RecordBatch>> + Send {
        let batches = self.record_batches(on);
        async move {
            let mut batches = batches.await?;
            let mut all = Vec::new();
            while let Some(batch) = batches.next().await {
                all.push(batch?);
            }
            Ok(arrow_select::concat::concat_batches(&batches.schema(), &all)?)
        }
    }

    /// Writes the rows as a CSV file with a line of names; nulls are empty. Gives how many rows there were. The file
    /// takes its place once it is whole.
    ///
    /// Fails on what has no place in a string: blobs and other bytes. Parquet and Arrow hold them.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, what was at the path is as it was; a pipe may have been given a part.
    fn write_csv(&self, on: &Instance, path: impl AsRef<Path>) -> impl Future<Output = Result<u64>> + Send {
        let (query, path) = (self.query(), path.as_ref().to_owned());
        async move {
            let heading = query.heading(on).await?;
            let mut file = csv_file::Writer::create(&path, &heading, query.label())?;
            let mut rows = query.stream_as::<Values>(on);
            while let Some(row) = rows.next().await {
                file.write(&row?.0)?;
            }
            file.finish()
        }
    }

    /// Writes the rows as a Parquet file, compressed with Snappy. Gives how many rows there were. The file takes its place
    /// once it is whole.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, what was at the path is as it was; a pipe may have been given a part.
    #[cfg(feature = "parquet")]
    fn write_parquet(
        &self,
        on: &Instance,
        path: impl AsRef<Path>,
    ) -> impl Future<Output = Result<u64>> + Send {
        let (batches, path) = (self.record_batches(on), path.as_ref().to_owned());
        async move { crate::parquet_file::write(batches.await?, &path).await }
    }
}

impl<R: Relation> FetchColumns for R {}

fn batches<'a>(
    heading: &Heading,
    query: String,
    first: Vec<Vec<Value>>,
    rows: RowStream<'a, Values>,
) -> BatchStream<'a> {
    let decided: Vec<Value> = (0..heading.visible().count())
        .map(|place| {
            let values = first.iter().filter_map(|row| row.get(place));
            // Of decimals the one with the most digits after the point: a column has as many for all.
            let digits = |value: &&Value| match value {
                Value::Decimal(number) => number.scale(),
                _ => 0,
            };
            let found = match values.clone().find(|value| **value != Value::Null) {
                Some(Value::Decimal(_)) => {
                    // One of very many digits is a text, and so are the others.
                    let long = values.clone().find(|value| matches!(value, Value::BigDecimal(_)));
                    long.or_else(|| values.max_by_key(digits))
                }
                found => found,
            };
            found.cloned().unwrap_or_default()
        })
        .collect();
    let schema = Arc::new(build::schema(heading, Some(&decided)));
    let from = (Some(first), rows, Batch::new(&schema, query));
    let batches = futures_util::stream::try_unfold(from, async |(first, mut rows, mut batch)| {
        let next = match first {
            Some(first) => first,
            None => next_rows(&mut rows).await?,
        };
        if next.is_empty() {
            return Ok(None);
        }
        for row in next {
            batch.push(&row)?;
        }
        Ok(Some((batch.finish()?, (None, rows, batch))))
    });
    BatchStream { schema, batches: Box::pin(batches) }
}

/// Returns the rows of the next batch; none after the last.
async fn next_rows(rows: &mut RowStream<'_, Values>) -> Result<Vec<Vec<Value>>> {
    let (mut read, mut bytes) = (Vec::new(), 0);
    while read.len() < BATCH
        && bytes < MANY_BYTES
        && let Some(row) = rows.next().await
    {
        let row = row?.0;
        bytes += row.iter().map(Value::size).sum::<usize>();
        read.push(row);
    }
    Ok(read)
}
