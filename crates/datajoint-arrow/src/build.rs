//! Values of rows into columns.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder, BinaryBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, FixedSizeBinaryBuilder,
    Float32Builder, Float64Builder, Int8Builder, Int16Builder, Int32Builder, Int64Builder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use chrono::NaiveDate;
use datajoint_definition::{AttributeType, CoreType, Store};
use datajoint_schema::{Attribute, Heading};
use datajoint_sql::Value;

use crate::{Error, Result};

/// Columns that are being filled.
pub(crate) struct Batch {
    schema: Arc<Schema>,
    columns: Vec<Column>,
    rows: usize,
}

struct Column {
    name: String,
    kind: DataType,
    builder: Builder,
}

enum Builder {
    Int8(Int8Builder),
    Int16(Int16Builder),
    Int32(Int32Builder),
    Int64(Int64Builder),
    Float32(Float32Builder),
    Float64(Float64Builder),
    Bool(BooleanBuilder),
    Decimal(Decimal128Builder, u32),
    Text(StringBuilder),
    Bytes(BinaryBuilder),
    Date(Date32Builder),
    Moment(TimestampMicrosecondBuilder),
    Uuid(FixedSizeBinaryBuilder),
}

/// The fields of a query; of computed values the first row decides.
pub(crate) fn schema(heading: &Heading, first: Option<&[Value]>) -> Schema {
    let fields = heading.visible().enumerate().map(|(place, attribute)| {
        let value = first.and_then(|row| row.get(place));
        let (kind, extension) = kind(attribute, value);
        let mut metadata = HashMap::new();
        if let Some(extension) = extension {
            metadata.insert("ARROW:extension:name".to_owned(), extension.to_owned());
        }
        if !attribute.comment.is_empty() {
            metadata.insert("datajoint.comment".to_owned(), attribute.comment.clone());
        }
        if attribute.in_key {
            metadata.insert("datajoint.key".to_owned(), "true".to_owned());
        }
        metadata.insert("datajoint.type".to_owned(), attribute.type_text.clone());
        Field::new(&attribute.name, kind, attribute.nullable).with_metadata(metadata)
    });
    Schema::new(fields.collect::<Vec<_>>())
}

fn kind(attribute: &Attribute, first: Option<&Value>) -> (DataType, Option<&'static str>) {
    const JSON: (DataType, Option<&str>) = (DataType::Utf8, Some("arrow.json"));
    let core = match &attribute.attribute_type {
        AttributeType::Core(core) => core,
        AttributeType::Codec(codec) if codec.store == Store::Table => return (DataType::Binary, None),
        AttributeType::Codec(_) => return JSON,
        AttributeType::Native(_) => return of_value(first),
    };
    let kind = match core {
        CoreType::Int8 => DataType::Int8,
        CoreType::Int16 => DataType::Int16,
        CoreType::Int32 => DataType::Int32,
        CoreType::Int64 => DataType::Int64,
        CoreType::Float32 => DataType::Float32,
        CoreType::Float64 => DataType::Float64,
        CoreType::Bool => DataType::Boolean,
        CoreType::Decimal { precision, scale } => {
            DataType::Decimal128(*precision, i8::try_from(*scale).unwrap_or_default())
        }
        CoreType::Char(_) | CoreType::Varchar(_) | CoreType::Enum(_) => DataType::Utf8,
        CoreType::Bytes => DataType::Binary,
        CoreType::Date => DataType::Date32,
        CoreType::DateTime { .. } => DataType::Timestamp(TimeUnit::Microsecond, None),
        CoreType::Uuid => return (DataType::FixedSizeBinary(16), Some("arrow.uuid")),
        CoreType::Json => return JSON,
    };
    (kind, None)
}

fn of_value(first: Option<&Value>) -> (DataType, Option<&'static str>) {
    let kind = match first {
        Some(Value::Bool(_)) => DataType::Boolean,
        Some(Value::Int(_) | Value::UInt(_)) => DataType::Int64,
        Some(Value::Float32(_)) => DataType::Float32,
        Some(Value::Float64(_)) => DataType::Float64,
        Some(Value::Decimal(number)) => {
            DataType::Decimal128(38, i8::try_from(number.scale()).unwrap_or_default())
        }
        Some(Value::Bytes(_)) => DataType::Binary,
        Some(Value::Date(_)) => DataType::Date32,
        Some(Value::DateTime(_)) => DataType::Timestamp(TimeUnit::Microsecond, None),
        Some(Value::Uuid(_)) => return (DataType::FixedSizeBinary(16), Some("arrow.uuid")),
        Some(Value::Json(_)) => return (DataType::Utf8, Some("arrow.json")),
        _ => DataType::Utf8,
    };
    (kind, None)
}

impl Batch {
    pub(crate) fn new(schema: &Arc<Schema>) -> Self {
        let columns = schema.fields().iter().map(|field| Column {
            name: field.name().clone(),
            kind: field.data_type().clone(),
            builder: builder(field.data_type()),
        });
        Self { schema: Arc::clone(schema), columns: columns.collect(), rows: 0 }
    }

    pub(crate) const fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn push(&mut self, row: &[Value]) -> Result<()> {
        self.rows += 1;
        for (column, value) in self.columns.iter_mut().zip(row) {
            column.push(value)?;
        }
        Ok(())
    }

    /// The columns that were filled; it is empty again.
    pub(crate) fn finish(&mut self) -> Result<RecordBatch> {
        let columns = self.columns.iter_mut().map(|column| column.builder.finish()).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        self.rows = 0;
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?)
    }
}

fn builder(kind: &DataType) -> Builder {
    match kind {
        DataType::Int8 => Builder::Int8(Int8Builder::new()),
        DataType::Int16 => Builder::Int16(Int16Builder::new()),
        DataType::Int32 => Builder::Int32(Int32Builder::new()),
        DataType::Int64 => Builder::Int64(Int64Builder::new()),
        DataType::Float32 => Builder::Float32(Float32Builder::new()),
        DataType::Float64 => Builder::Float64(Float64Builder::new()),
        DataType::Boolean => Builder::Bool(BooleanBuilder::new()),
        DataType::Decimal128(_, scale) => Builder::Decimal(
            Decimal128Builder::new().with_data_type(kind.clone()),
            u32::try_from(*scale).unwrap_or_default(),
        ),
        DataType::Binary => Builder::Bytes(BinaryBuilder::new()),
        DataType::Date32 => Builder::Date(Date32Builder::new()),
        DataType::Timestamp(..) => Builder::Moment(TimestampMicrosecondBuilder::new()),
        DataType::FixedSizeBinary(size) => Builder::Uuid(FixedSizeBinaryBuilder::new(*size)),
        _ => Builder::Text(StringBuilder::new()),
    }
}

impl Column {
    fn push(&mut self, value: &Value) -> Result<()> {
        let Self { name, kind, builder } = self;
        let fault =
            || Error::Value { attribute: name.clone(), value: format!("{value:?}"), kind: kind.to_string() };
        match (builder, value) {
            (builder, Value::Null) => builder.push_null(),
            (Builder::Int8(builder), Value::Int(number)) => {
                builder.append_value(i8::try_from(*number).map_err(|_| fault())?);
            }
            (Builder::Int16(builder), Value::Int(number)) => {
                builder.append_value(i16::try_from(*number).map_err(|_| fault())?);
            }
            (Builder::Int32(builder), Value::Int(number)) => {
                builder.append_value(i32::try_from(*number).map_err(|_| fault())?);
            }
            (Builder::Int64(builder), Value::Int(number)) => builder.append_value(*number),
            (Builder::Int64(builder), Value::UInt(number)) => {
                builder.append_value(i64::try_from(*number).map_err(|_| fault())?);
            }
            (Builder::Float32(builder), Value::Float32(number)) => builder.append_value(*number),
            (Builder::Float64(builder), Value::Float64(number)) => builder.append_value(*number),
            (Builder::Float64(builder), Value::Float32(number)) => builder.append_value(f64::from(*number)),
            (Builder::Bool(builder), Value::Bool(truth)) => builder.append_value(*truth),
            (Builder::Decimal(builder, scale), Value::Decimal(number)) => {
                let mut rescaled = *number;
                rescaled.rescale(*scale);
                if rescaled.scale() != *scale || rescaled != *number {
                    return Err(fault());
                }
                builder.append_value(rescaled.mantissa());
            }
            (Builder::Text(builder), Value::Text(text)) => builder.append_value(text),
            (Builder::Text(builder), Value::Json(document)) => builder.append_value(document.to_string()),
            (Builder::Text(builder), Value::Time(time)) => builder.append_value(time.to_string()),
            (Builder::Bytes(builder), Value::Bytes(bytes)) => builder.append_value(bytes),
            (Builder::Date(builder), Value::Date(date)) => builder.append_value(days(*date)),
            (Builder::Moment(builder), Value::DateTime(moment)) => {
                builder.append_value(moment.and_utc().timestamp_micros());
            }
            (Builder::Uuid(builder), Value::Uuid(uuid)) => builder.append_value(uuid.as_bytes())?,
            _ => return Err(fault()),
        }
        Ok(())
    }
}

/// Days since 1970.
fn days(date: NaiveDate) -> i32 {
    let days = date.signed_duration_since(NaiveDate::default()).num_days();
    i32::try_from(days).unwrap_or_default()
}

impl Builder {
    fn push_null(&mut self) {
        match self {
            Self::Int8(builder) => builder.append_null(),
            Self::Int16(builder) => builder.append_null(),
            Self::Int32(builder) => builder.append_null(),
            Self::Int64(builder) => builder.append_null(),
            Self::Float32(builder) => builder.append_null(),
            Self::Float64(builder) => builder.append_null(),
            Self::Bool(builder) => builder.append_null(),
            Self::Decimal(builder, _) => builder.append_null(),
            Self::Text(builder) => builder.append_null(),
            Self::Bytes(builder) => builder.append_null(),
            Self::Date(builder) => builder.append_null(),
            Self::Moment(builder) => builder.append_null(),
            Self::Uuid(builder) => builder.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Int8(builder) => ArrayBuilder::finish(builder),
            Self::Int16(builder) => ArrayBuilder::finish(builder),
            Self::Int32(builder) => ArrayBuilder::finish(builder),
            Self::Int64(builder) => ArrayBuilder::finish(builder),
            Self::Float32(builder) => ArrayBuilder::finish(builder),
            Self::Float64(builder) => ArrayBuilder::finish(builder),
            Self::Bool(builder) => ArrayBuilder::finish(builder),
            Self::Decimal(builder, _) => ArrayBuilder::finish(builder),
            Self::Text(builder) => ArrayBuilder::finish(builder),
            Self::Bytes(builder) => ArrayBuilder::finish(builder),
            Self::Date(builder) => ArrayBuilder::finish(builder),
            Self::Moment(builder) => ArrayBuilder::finish(builder),
            Self::Uuid(builder) => ArrayBuilder::finish(builder),
        }
    }
}
