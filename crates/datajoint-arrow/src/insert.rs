use std::path::Path;

use arrow_array::RecordBatch;
use datajoint_pipeline::{AsDynamic, DynamicRow, InsertOptions, Inserted, WriteTarget};
use futures_core::Stream;
use futures_util::StreamExt as _;

use crate::{Result, csv_file, read};

/// Tables that take columns: typed and dynamic ones.
pub trait InsertColumns: AsDynamic + Sync {
    /// Inserts record batches, whose columns are found by their names; all rows or none. Gives how many were inserted, and
    /// how many passed over.
    ///
    /// Fails for columns that the table lacks, for types that no attribute has, and for moments with a time zone.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing. Once it has begun to write within a transaction, that can't be committed any more.
    fn insert_batches<'a>(
        &self,
        on: impl Into<WriteTarget<'a>> + Send,
        batches: impl IntoIterator<Item = RecordBatch, IntoIter: Send> + Send,
        options: InsertOptions,
    ) -> impl Future<Output = Result<Inserted>> + Send {
        let batches = futures_util::stream::iter(batches.into_iter().map(Ok));
        insert(self, on.into(), batches, options)
    }

    /// Inserts the rows of a CSV file with a line of names; all or none. Gives how many were inserted, and how many passed over.
    ///
    /// Empty cells are null, or the default where null can't be. Fails for a cell that is none of its attribute's values,
    /// naming the line.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing. Once it has begun to write within a transaction, that can't be committed any more.
    fn insert_csv<'a>(
        &self,
        on: impl Into<WriteTarget<'a>> + Send,
        path: impl AsRef<Path>,
        options: InsertOptions,
    ) -> impl Future<Output = Result<Inserted>> + Send {
        let (mut on, path) = (on.into(), path.as_ref().to_owned());
        async move {
            let table = self.dynamic(&mut on).await?;
            let mut file = csv_file::Reader::open(&path, table.table())?;
            let mut fault = None;
            let rows = std::iter::from_fn(|| match file.next()? {
                Ok(row) => Some(Ok(row)),
                Err(error) => {
                    fault = Some(error);
                    Some(Err(datajoint_pipeline::typed::ValueError::new("the file has a fault")))
                }
            });
            let outcome = table.insert_counted(on, futures_util::stream::iter(rows.map(Row)), options).await;
            fault.map_or_else(|| Ok(outcome?), Err)
        }
    }

    /// Inserts the rows of a Parquet file; all or none. Gives how many were inserted, and how many passed over.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing. Once it has begun to write within a transaction, that can't be committed any more.
    #[cfg(feature = "parquet")]
    fn insert_parquet<'a>(
        &self,
        on: impl Into<WriteTarget<'a>> + Send,
        path: impl AsRef<Path>,
        options: InsertOptions,
    ) -> impl Future<Output = Result<Inserted>> + Send {
        let (on, path) = (on.into(), path.as_ref().to_owned());
        async move { insert(self, on, crate::parquet_file::read(&path).await?, options).await }
    }
}

impl<T: AsDynamic + Sync> InsertColumns for T {}

/// A row, or a fault that ends the insert.
struct Row(std::result::Result<DynamicRow, datajoint_pipeline::typed::ValueError>);

impl TryFrom<Row> for DynamicRow {
    type Error = datajoint_pipeline::typed::ValueError;

    fn try_from(row: Row) -> std::result::Result<Self, Self::Error> {
        row.0
    }
}

async fn insert<T: AsDynamic + Sync + ?Sized>(
    table: &T,
    mut on: WriteTarget<'_>,
    batches: impl Stream<Item = Result<RecordBatch>> + Send,
    options: InsertOptions,
) -> Result<Inserted> {
    let table = table.dynamic(&mut on).await?;
    let fault = std::sync::Mutex::new(None);
    let note = |error| {
        if let Ok(mut fault) = fault.lock() {
            *fault = Some(error);
        }
        Row(Err(datajoint_pipeline::typed::ValueError::new("a record batch has a fault")))
    };
    let rows_of = |part: Result<RecordBatch>| match part.and_then(|part| read::rows(&part)) {
        Ok(rows) => rows.into_iter().map(|row| Row(Ok(row))).collect(),
        Err(error) => vec![note(error)],
    };
    let parts = |batch: Result<RecordBatch>| {
        let (batch, error) = batch.map_or_else(|error| (None, Some(error)), |batch| (Some(batch), None));
        batch.into_iter().flat_map(read::parts).map(Ok).chain(error.map(Err))
    };
    let rows = batches.flat_map(|batch| futures_util::stream::iter(parts(batch).flat_map(rows_of)));
    let outcome = table.insert_counted(on, rows, options).await;
    match fault.into_inner() {
        Ok(Some(fault)) => Err(fault),
        _ => Ok(outcome?),
    }
}
