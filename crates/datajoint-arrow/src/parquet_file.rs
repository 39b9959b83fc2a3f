//! Parquet files.

use std::path::Path;

use arrow_array::RecordBatch;
use futures_core::Stream;
use futures_util::TryStreamExt as _;
use parquet::arrow::{AsyncArrowWriter, ParquetRecordBatchStreamBuilder};
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

use crate::fetch::{BATCH, BatchStream};
use crate::{Error, Result};

/// How such a file begins.
const MAGIC: &[u8; 4] = b"PAR1";

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
    let mut file = File::open(path).await.map_err(Error::file(path))?;
    let mut start = [0; MAGIC.len()];
    match file.read_exact(&mut start).await {
        Ok(_) if start == *MAGIC => {}
        Err(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => {
            return Err(Error::file(path)(error));
        }
        _ => return Err(Error::NoParquet { path: path.display().to_string() }),
    }
    let builder = ParquetRecordBatchStreamBuilder::new(file).await?.with_batch_size(BATCH);
    Ok(builder.build()?.map_err(Error::from))
}
