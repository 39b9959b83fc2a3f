//! Parquet files.

use std::any::Any;
use std::io::SeekFrom;
use std::ops::Range;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, FieldRef, Schema, SchemaRef};
use bytes::Bytes;
use futures_core::Stream;
use futures_core::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::arrow::{AsyncArrowWriter, ParquetRecordBatchStreamBuilder};
use parquet::basic::{Compression, Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::{
    ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData,
};
use parquet::file::properties::WriterProperties;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use crate::fetch::{BATCH, BatchStream};
use crate::parquet_pages::{Column, Packing, Sizes};
use crate::{Error, Result, WholeFile, parquet_pages};

/// How such a file begins.
const MAGIC: &[u8; 4] = b"PAR1";

/// The longest value of a column whose values are all of one length: a decimal of 256 bits.
const LONGEST: i32 = 32;

/// From so many bytes of rows on, a row group is written: it is held in memory until then, and by who reads it.
const GROUP: usize = 32 << 20;

/// Writes batches one after the other; gives the number of rows.
pub(crate) async fn write(mut batches: BatchStream<'_>, path: &Path) -> Result<u64> {
    let whole = WholeFile::new(path).map_err(Error::file(path))?;
    let file = File::create(whole.path()).await.map_err(Error::file(path))?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let written = |error| Error::parquet(path, error);
    let mut writer = AsyncArrowWriter::try_new(file, batches.schema(), Some(properties)).map_err(written)?;
    let (mut rows, mut held) = (0, 0);
    while let Some(batch) = batches.next().await {
        let batch = batch?;
        rows += batch.num_rows() as u64;
        held += batch.get_array_memory_size();
        writer.write(&batch).await.map_err(written)?;
        if held >= GROUP {
            writer.flush().await.map_err(written)?;
            held = 0;
        }
    }
    writer.close().await.map_err(written)?;
    whole.keep().map_err(Error::file(path))?;
    Ok(rows)
}

/// The batches of a file, one after the other.
///
/// A damaged file is an error. The reader panics at some of them, at counts and offsets that lie, before it could tell: a panic
/// is caught, and the stream is at its end with it.
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
    let length = file.metadata().await.map_err(Error::file(path))?.len();
    let open = async {
        let damaged = |error| Error::damaged(path, &error);
        let mut reader = Bounded { file, length, metadata: None };
        let metadata = ArrowReaderMetadata::load_async(&mut reader, ArrowReaderOptions::new()).await;
        let metadata = metadata.map_err(damaged)?;
        if let Some(codec) =
            reader.columns().map(ColumnChunkMetaData::compression).find(|it| packing(*it).is_none())
        {
            return Err(Error::Packed { path: path.display().to_string(), codec: codec.to_string() });
        }
        // A string that many rows have is there once.
        let options = ArrowReaderOptions::new().with_schema(with_views(metadata.schema()));
        let parquet = Arc::clone(metadata.metadata());
        let metadata = ArrowReaderMetadata::try_new(parquet, options).map_err(damaged)?;
        let builder = ParquetRecordBatchStreamBuilder::new_with_metadata(reader, metadata);
        builder.with_batch_size(BATCH).build().map_err(damaged)
    };
    let batches = match AssertUnwindSafe(open).catch_unwind().await {
        Ok(batches) => batches?,
        Err(panic) => return Err(Error::damaged(path, &said(&*panic))),
    };
    let path = path.to_owned();
    Ok(AssertUnwindSafe(batches).catch_unwind().map(move |batch| match batch {
        Ok(batch) => batch.map_err(|error| Error::damaged(&path, &error)),
        Err(panic) => Err(Error::damaged(&path, &said(&*panic))),
    }))
}

/// What a panic said.
fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it can't be read").to_owned()
}

/// A file of which no more is read than is there: the reader takes as much memory as the file says.
struct Bounded {
    file: File,
    length: u64,
    metadata: Option<Arc<ParquetMetaData>>,
}

impl Bounded {
    async fn read(&mut self, range: Range<u64>) -> Result<Bytes, ParquetError> {
        let length = range.end.checked_sub(range.start).filter(|_| range.end <= self.length);
        let Some(length) = length.and_then(|length| usize::try_from(length).ok()) else {
            return Err(fault(format!(
                "it has {} bytes, and speaks of those up to {}",
                self.length, range.end
            )));
        };
        self.file.seek(SeekFrom::Start(range.start)).await?;
        let mut buffer = vec![0; length];
        self.file.read_exact(&mut buffer).await?;
        Ok(buffer.into())
    }

    fn columns(&self) -> impl Iterator<Item = &ColumnChunkMetaData> {
        let groups = self.metadata.iter().flat_map(|metadata| metadata.row_groups());
        groups.flat_map(RowGroupMetaData::columns)
    }
}

impl AsyncFileReader for Bounded {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, Result<Bytes, ParquetError>> {
        self.read(range).boxed()
    }

    /// Reads columns.
    fn get_byte_ranges(
        &mut self,
        ranges: Vec<Range<u64>>,
    ) -> BoxFuture<'_, Result<Vec<Bytes>, ParquetError>> {
        async move {
            let (mut read, mut sizes) = (Vec::with_capacity(ranges.len()), Vec::with_capacity(ranges.len()));
            for range in ranges {
                let bytes = self.read(range.clone()).await?;
                if let Some(column) = self.columns().find(|column| starts_at(column) == range.start) {
                    sizes.push(sizes_of(&bytes, column).map_err(fault)?);
                }
                read.push(bytes);
            }
            parquet_pages::check_held(&sizes).map_err(fault)?;
            Ok(read)
        }
        .boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, Result<Arc<ParquetMetaData>, ParquetError>> {
        async move {
            let (reader, length) =
                (ParquetMetaDataReader::new().with_arrow_reader_options(options), self.length);
            let metadata = Arc::new(reader.load_and_finish(&mut *self, length).await?);
            self.metadata = Some(Arc::clone(&metadata));
            for column in self.columns() {
                let (start, many) = (starts_at(column), u64::try_from(column.compressed_size()));
                let is_there =
                    many.is_ok_and(|many| start.checked_add(many).is_some_and(|end| end <= length));
                if !is_there {
                    return Err(fault(format!("a column lies outside of its {length} bytes")));
                }
                // The reader takes as much memory for a null as for a value.
                let each = column.column_descr().type_length();
                if column.column_type() == Type::FIXED_LEN_BYTE_ARRAY && each > LONGEST {
                    return Err(fault(format!(
                        "a column has values of {each} bytes each, which no attribute has"
                    )));
                }
            }
            Ok(metadata)
        }
        .boxed()
    }
}

/// How a compression is read; nothing for one that is not.
fn packing(compression: Compression) -> Option<Packing> {
    match compression {
        Compression::UNCOMPRESSED => Some(Packing::None),
        Compression::SNAPPY => Some(Packing::Snappy),
        Compression::GZIP(_) => Some(Packing::Gzip),
        Compression::ZSTD(_) => Some(Packing::Zstd),
        Compression::LZ4_RAW => Some(Packing::Lz4),
        Compression::LZ4 | Compression::LZO | Compression::BROTLI(_) => None,
    }
}

fn sizes_of(bytes: &[u8], column: &ColumnChunkMetaData) -> Result<Sizes, String> {
    let compression = column.compression();
    let packing = packing(compression).ok_or_else(|| format!("it is compressed by {compression}"))?;
    let descriptor = column.column_descr();
    let is_bytes = column.column_type() == Type::BYTE_ARRAY;
    let (has_nulls, has_lists) = (descriptor.max_def_level() > 0, descriptor.max_rep_level() > 0);
    parquet_pages::sizes(bytes, Column { packing, is_bytes, has_nulls, has_lists })
}

/// A schema in which strings and bytes are read as places in what they were unpacked to.
fn with_views(schema: &SchemaRef) -> SchemaRef {
    let kind = |kind: &DataType| match kind {
        DataType::Utf8 | DataType::LargeUtf8 => Some(DataType::Utf8View),
        DataType::Binary | DataType::LargeBinary => Some(DataType::BinaryView),
        _ => None,
    };
    let field = |field: &FieldRef| {
        let found = match field.data_type() {
            DataType::Dictionary(_, of) => kind(of),
            other => kind(other),
        };
        found
            .map_or_else(|| Arc::clone(field), |found| Arc::new(field.as_ref().clone().with_data_type(found)))
    };
    let fields: Vec<FieldRef> = schema.fields().iter().map(field).collect();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

/// Where a column begins; the end of all files for a place before their beginning.
fn starts_at(column: &ColumnChunkMetaData) -> u64 {
    let start = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
    u64::try_from(start).unwrap_or(u64::MAX)
}

fn fault(problem: String) -> ParquetError {
    ParquetError::General(problem)
}
