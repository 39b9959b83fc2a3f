//! Values of rows into columns.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder, BinaryBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, Decimal256Builder,
    FixedSizeBinaryBuilder, Float32Builder, Float64Builder, Int8Builder, Int16Builder, Int32Builder,
    Int64Builder, StringBuilder, TimestampMicrosecondBuilder, UInt64Builder,
};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_buffer::i256;
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use bigdecimal::ToPrimitive as _;
use bigdecimal::num_bigint::BigInt;
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
    /// What the rows are of, and how many there were before these, for messages.
    query: String,
    before: u64,
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
    UInt64(UInt64Builder),
    Float32(Float32Builder),
    Float64(Float64Builder),
    Bool(BooleanBuilder),
    Decimal(Decimal128Builder, u32),
    LongDecimal(Decimal256Builder, u32),
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
        AttributeType::Native(native) => match datajoint_sql::decimal_digits(native) {
            Some((precision, scale)) => return (decimal(precision, scale), None),
            None if datajoint_sql::exceeds_int64(native) => return (DataType::UInt64, None),
            None => return of_value(first),
        },
    };
    let kind = match core {
        CoreType::Int8 => DataType::Int8,
        CoreType::Int16 => DataType::Int16,
        CoreType::Int32 => DataType::Int32,
        CoreType::Int64 => DataType::Int64,
        CoreType::Float32 => DataType::Float32,
        CoreType::Float64 => DataType::Float64,
        CoreType::Bool => DataType::Boolean,
        CoreType::Decimal { precision, scale } => decimal(*precision, *scale),
        CoreType::Char(_) | CoreType::Varchar(_) | CoreType::Enum(_) => DataType::Utf8,
        CoreType::Bytes => DataType::Binary,
        CoreType::Date => DataType::Date32,
        CoreType::DateTime { .. } => DataType::Timestamp(TimeUnit::Microsecond, None),
        CoreType::Uuid => return (DataType::FixedSizeBinary(16), Some("arrow.uuid")),
        CoreType::Json => return JSON,
    };
    (kind, None)
}

/// The narrowest type for so many digits.
fn decimal(precision: u8, scale: u8) -> DataType {
    let places = i8::try_from(scale).unwrap_or_default();
    match precision {
        0..=38 => DataType::Decimal128(precision.max(1), places),
        39..=76 => DataType::Decimal256(precision, places),
        // More digits than columns have.
        _ => DataType::Utf8,
    }
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
        // Of a decimal of very many digits, too: the first one says nothing of the digits of the others.
        _ => DataType::Utf8,
    };
    (kind, None)
}

impl Batch {
    /// Columns for the rows of a query that messages call so.
    pub(crate) fn new(schema: &Arc<Schema>, query: String) -> Self {
        let columns = schema.fields().iter().map(|field| Column {
            name: field.name().clone(),
            kind: field.data_type().clone(),
            builder: builder(field.data_type()),
        });
        Self { schema: Arc::clone(schema), columns: columns.collect(), rows: 0, query, before: 0 }
    }

    pub(crate) fn push(&mut self, row: &[Value]) -> Result<()> {
        self.rows += 1;
        for (column, value) in self.columns.iter_mut().zip(row) {
            if !column.push(value) {
                return Err(Error::Value {
                    query: self.query.clone(),
                    row: self.before + self.rows as u64,
                    attribute: column.name.clone(),
                    value: datajoint_sql::show_value(value),
                    kind: column.kind.to_string(),
                });
            }
        }
        Ok(())
    }

    /// The columns that were filled; it is empty again.
    pub(crate) fn finish(&mut self) -> Result<RecordBatch> {
        let columns = self.columns.iter_mut().map(|column| column.builder.finish()).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        self.before += self.rows as u64;
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
        DataType::Decimal256(_, scale) => Builder::LongDecimal(
            Decimal256Builder::new().with_data_type(kind.clone()),
            u32::try_from(*scale).unwrap_or_default(),
        ),
        DataType::UInt64 => Builder::UInt64(UInt64Builder::new()),
        DataType::Binary => Builder::Bytes(BinaryBuilder::new()),
        DataType::Date32 => Builder::Date(Date32Builder::new()),
        DataType::Timestamp(..) => Builder::Moment(TimestampMicrosecondBuilder::new()),
        DataType::FixedSizeBinary(size) => Builder::Uuid(FixedSizeBinaryBuilder::new(*size)),
        _ => Builder::Text(StringBuilder::new()),
    }
}

impl Column {
    /// Appends a value; false where the column can't hold it.
    fn push(&mut self, value: &Value) -> bool {
        self.append(value).is_some()
    }

    fn append(&mut self, value: &Value) -> Option<()> {
        match (&mut self.builder, value) {
            (builder, Value::Null) => builder.push_null(),
            (Builder::Int8(builder), Value::Int(number)) => {
                builder.append_value(i8::try_from(*number).ok()?);
            }
            (Builder::Int16(builder), Value::Int(number)) => {
                builder.append_value(i16::try_from(*number).ok()?);
            }
            (Builder::Int32(builder), Value::Int(number)) => {
                builder.append_value(i32::try_from(*number).ok()?);
            }
            (Builder::Int64(builder), Value::Int(number)) => builder.append_value(*number),
            (Builder::Int64(builder), Value::UInt(number)) => {
                builder.append_value(i64::try_from(*number).ok()?);
            }
            (Builder::UInt64(builder), Value::UInt(number)) => builder.append_value(*number),
            (Builder::UInt64(builder), Value::Int(number)) => {
                builder.append_value(u64::try_from(*number).ok()?);
            }
            (Builder::Float32(builder), Value::Float32(number)) => builder.append_value(*number),
            (Builder::Float64(builder), Value::Float64(number)) => builder.append_value(*number),
            (Builder::Float64(builder), Value::Float32(number)) => builder.append_value(f64::from(*number)),
            (Builder::Bool(builder), Value::Bool(truth)) => builder.append_value(*truth),
            (Builder::Decimal(builder, scale), number) => {
                let mantissa = mantissa(number, *scale).and_then(|number| number.to_i128());
                builder.append_value(mantissa?);
            }
            (Builder::LongDecimal(builder, scale), number) => {
                let mantissa =
                    mantissa(number, *scale).and_then(|number| i256::from_string(&number.to_string()));
                builder.append_value(mantissa?);
            }
            (Builder::Text(builder), Value::Text(text)) => builder.append_value(text),
            (Builder::Text(builder), Value::Json(document)) => builder.append_value(document.to_string()),
            (Builder::Text(builder), Value::Time(time)) => builder.append_value(time.to_string()),
            (Builder::Text(builder), Value::Duration(span)) => {
                builder.append_value(datajoint_sql::show_span(*span));
            }
            (Builder::Text(builder), Value::Decimal(number)) => builder.append_value(number.to_string()),
            (Builder::Text(builder), Value::BigDecimal(number)) => {
                builder.append_value(number.to_plain_string());
            }
            (Builder::Bytes(builder), Value::Bytes(bytes)) => builder.append_value(bytes),
            (Builder::Date(builder), Value::Date(date)) => builder.append_value(days(*date)),
            (Builder::Moment(builder), Value::DateTime(moment)) => {
                builder.append_value(moment.and_utc().timestamp_micros());
            }
            (Builder::Uuid(builder), Value::Uuid(uuid)) => builder.append_value(uuid.as_bytes()).ok()?,
            _ => return None,
        }
        Some(())
    }
}

/// The digits of a number that has at most so many after the point.
fn mantissa(value: &Value, scale: u32) -> Option<BigInt> {
    if let Value::Decimal(number) = value
        && number.scale() == scale
    {
        return Some(number.mantissa().into());
    }
    let number = datajoint_sql::decimal_number(value)?;
    let scaled = number.with_scale(scale.into());
    (scaled == number).then(|| scaled.into_bigint_and_exponent().0)
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
            Self::UInt64(builder) => builder.append_null(),
            Self::Decimal(builder, _) => builder.append_null(),
            Self::LongDecimal(builder, _) => builder.append_null(),
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
            Self::UInt64(builder) => ArrayBuilder::finish(builder),
            Self::Decimal(builder, _) => ArrayBuilder::finish(builder),
            Self::LongDecimal(builder, _) => ArrayBuilder::finish(builder),
            Self::Text(builder) => ArrayBuilder::finish(builder),
            Self::Bytes(builder) => ArrayBuilder::finish(builder),
            Self::Date(builder) => ArrayBuilder::finish(builder),
            Self::Moment(builder) => ArrayBuilder::finish(builder),
            Self::Uuid(builder) => ArrayBuilder::finish(builder),
        }
    }
}
