//! Parquet files.

use std::path::Path;

use arrow_array::RecordBatch;
use futures_core::Stream;
use futures_util::TryStreamExt as _;
use parquet::arrow::{AsyncArrowWriter, ParquetRecordBatchStreamBuilder};
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use tokio::fs::File;

use crate::fetch::{BATCH, BatchStream};
use crate::{Error, Result};

/// Writes batches one after the other; gives the number of rows.
pub(crate) async fn write(mut batches: BatchStream<'_>, path: &Path) -> Result<u64> {
    let file = File::create(path).await.map_err(Error::file(path))?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = AsyncArrowWriter::try_new(file, batches.schema(), Some(properties))?;
    let mut rows = 0;
    while let Some(batch) = batches.next().await {
        let batch = batch?;
        rows += batch.num_rows() as u64;
        writer.write(&batch).await?;
    }
    writer.close().await?;
    Ok(rows)
}

/// The batches of a file, one after the other.
pub(crate) async fn read(path: &Path) -> Result<impl Stream<Item = Result<RecordBatch>> + Send + use<>> {
    let file = File::open(path).await.map_err(Error::file(path))?;
    let builder = ParquetRecordBatchStreamBuilder::new(file).await?.with_batch_size(BATCH);
    Ok(builder.build()?.map_err(Error::from))
}
