//! Columns into values of rows.

use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    Date32Type, Date64Type, Decimal128Type, Decimal256Type, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_buffer::i256;
use arrow_schema::{DataType, TimeUnit};
use bigdecimal::BigDecimal;
use bigdecimal::num_bigint::BigInt;
use chrono::{DateTime, Days, NaiveDate};
use datajoint_pipeline::DynamicRow;
use datajoint_sql::Value;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::{Error, Result};

/// How many bytes of strings and of other values that have their own length become rows at a time: 16 MiB.
const AT_ONCE: usize = 16 << 20;

/// A batch as parts whose strings and bytes take no more than [`AT_ONCE`], or one row: a value that is there once may be that of many
/// rows.
pub(crate) fn parts(batch: RecordBatch) -> impl Iterator<Item = RecordBatch> {
    let mut weights = vec![0_usize; batch.num_rows()];
    for column in batch.columns() {
        weigh(column.as_ref(), &mut |row, bytes| weights[row] = weights[row].saturating_add(bytes));
    }
    let mut start = 0;
    std::iter::from_fn(move || {
        let mut sum = *weights.get(start)?;
        let more = weights[start + 1..].iter().take_while(|weight| {
            sum = sum.saturating_add(**weight);
            sum <= AT_ONCE
        });
        let part = batch.slice(start, 1 + more.count());
        start += part.num_rows();
        Some(part)
    })
}

/// Tells how many bytes each value has that has its own length.
fn weigh(array: &dyn Array, tell: &mut dyn FnMut(usize, usize)) {
    macro_rules! each {
        ($array:expr) => {{
            let array = $array;
            (0..array.len())
                .filter(|row| !array.is_null(*row))
                .for_each(|row| tell(row, array.value(row).len()))
        }};
    }
    match array.data_type() {
        DataType::Utf8 => each!(array.as_string::<i32>()),
        DataType::LargeUtf8 => each!(array.as_string::<i64>()),
        DataType::Utf8View => each!(array.as_string_view()),
        DataType::Binary => each!(array.as_binary::<i32>()),
        DataType::LargeBinary => each!(array.as_binary::<i64>()),
        DataType::BinaryView => each!(array.as_binary_view()),
        DataType::Dictionary(..) => {
            let dictionary = array.as_any_dictionary();
            if dictionary.values().is_empty() {
                return;
            }
            let mut lengths = vec![0; dictionary.values().len()];
            weigh(dictionary.values().as_ref(), &mut |place, bytes| lengths[place] = bytes);
            for (row, key) in dictionary.normalized_keys().into_iter().enumerate() {
                tell(row, lengths.get(key).copied().unwrap_or_default());
            }
        }
        _ => {}
    }
}

/// The rows of a batch.
pub(crate) fn rows(batch: &RecordBatch) -> Result<Vec<DynamicRow>> {
    let fields = batch.schema_ref().fields();
    Error::of_two_columns(fields.iter().map(|field| field.name().as_str()))?;
    let mut columns = Vec::with_capacity(fields.len());
    for (field, array) in fields.iter().zip(batch.columns()) {
        columns.push((field.name().as_str(), values(field.name(), array.as_ref())?.into_iter()));
    }
    let row = |columns: &mut Vec<(&str, std::vec::IntoIter<Value>)>| {
        columns.iter_mut().map(|(name, values)| (*name, values.next().unwrap_or_default())).collect()
    };
    Ok((0..batch.num_rows()).map(|_| row(&mut columns)).collect())
}

fn values(column: &str, array: &dyn Array) -> Result<Vec<Value>> {
    let places = 0..array.len();
    macro_rules! of {
        ($array:expr, $value:expr) => {{
            let array = $array;
            places
                .map(|place| if array.is_null(place) { Value::Null } else { $value(array.value(place)) })
                .collect()
        }};
    }
    let refused =
        |advice| Error::Column { column: column.to_owned(), kind: array.data_type().to_string(), advice };
    Ok(match array.data_type() {
        DataType::Null => places.map(|_| Value::Null).collect(),
        DataType::Boolean => of!(array.as_boolean(), Value::Bool),
        DataType::Int8 => of!(array.as_primitive::<Int8Type>(), |n| Value::Int(i64::from(n))),
        DataType::Int16 => of!(array.as_primitive::<Int16Type>(), |n| Value::Int(i64::from(n))),
        DataType::Int32 => of!(array.as_primitive::<Int32Type>(), |n| Value::Int(i64::from(n))),
        DataType::Int64 => of!(array.as_primitive::<Int64Type>(), Value::Int),
        DataType::UInt8 => of!(array.as_primitive::<UInt8Type>(), |n| Value::Int(i64::from(n))),
        DataType::UInt16 => of!(array.as_primitive::<UInt16Type>(), |n| Value::Int(i64::from(n))),
        DataType::UInt32 => of!(array.as_primitive::<UInt32Type>(), |n| Value::Int(i64::from(n))),
        DataType::UInt64 => of!(array.as_primitive::<UInt64Type>(), Value::UInt),
        DataType::Float32 => of!(array.as_primitive::<Float32Type>(), Value::Float32),
        DataType::Float64 => of!(array.as_primitive::<Float64Type>(), Value::Float64),
        DataType::Utf8 => of!(array.as_string::<i32>(), |text: &str| Value::Text(text.to_owned())),
        DataType::LargeUtf8 => of!(array.as_string::<i64>(), |text: &str| Value::Text(text.to_owned())),
        DataType::Utf8View => of!(array.as_string_view(), |text: &str| Value::Text(text.to_owned())),
        DataType::Binary => of!(array.as_binary::<i32>(), |bytes: &[u8]| Value::Bytes(bytes.to_vec())),
        DataType::LargeBinary => of!(array.as_binary::<i64>(), |bytes: &[u8]| Value::Bytes(bytes.to_vec())),
        DataType::BinaryView => of!(array.as_binary_view(), |bytes: &[u8]| Value::Bytes(bytes.to_vec())),
        DataType::FixedSizeBinary(16) => of!(array.as_fixed_size_binary(), |bytes: &[u8]| {
            Uuid::from_slice(bytes).map_or_else(|_| Value::Bytes(bytes.to_vec()), Value::Uuid)
        }),
        // Each value once, and for each row which one it is, as for the categories of other programs.
        DataType::Dictionary(..) => {
            let dictionary = array.as_any_dictionary();
            let plain = arrow_select::take::take(dictionary.values(), dictionary.keys(), None)?;
            return values(column, plain.as_ref());
        }
        // Milliseconds, though only whole days are meant.
        DataType::Date64 => of!(array.as_primitive::<Date64Type>(), |n| moment(n, 1_000)),
        DataType::Date32 => of!(array.as_primitive::<Date32Type>(), date),
        DataType::Decimal128(_, scale) => {
            let scale = u32::try_from(*scale).map_err(|_| refused("which has a negative scale; cast it"))?;
            of!(array.as_primitive::<Decimal128Type>(), |number: i128| {
                Decimal::try_from_i128_with_scale(number, scale)
                    .map_or_else(|_| decimal(number.into(), scale), Value::Decimal)
            })
        }
        DataType::Decimal256(_, scale) => {
            let scale = u32::try_from(*scale).map_err(|_| refused("which has a negative scale; cast it"))?;
            of!(array.as_primitive::<Decimal256Type>(), |number: i256| {
                decimal(BigInt::from_signed_bytes_le(&number.to_le_bytes()), scale)
            })
        }
        DataType::Timestamp(_, Some(_)) => {
            return Err(refused(
                "which has a time zone: attributes have none; convert it to one clock first",
            ));
        }
        DataType::Timestamp(unit, None) => match unit {
            TimeUnit::Second => of!(array.as_primitive::<TimestampSecondType>(), |n| moment(n, 1)),
            TimeUnit::Millisecond => {
                of!(array.as_primitive::<TimestampMillisecondType>(), |n| moment(n, 1_000))
            }
            TimeUnit::Microsecond => {
                of!(array.as_primitive::<TimestampMicrosecondType>(), |n| moment(n, 1_000_000))
            }
            TimeUnit::Nanosecond => {
                of!(array.as_primitive::<TimestampNanosecondType>(), |n| moment(n, 1_000_000_000))
            }
        },
        _ => return Err(refused("which no attribute has; cast it to a plain type first")),
    })
}

fn decimal(mantissa: BigInt, scale: u32) -> Value {
    datajoint_sql::decimal_value(BigDecimal::new(mantissa, scale.into()))
}

/// So many days after 1970; one that no calendar has stays a number, which no attribute takes.
fn date(days: i32) -> Value {
    let (start, number) = (NaiveDate::default(), Days::new(u64::from(days.unsigned_abs())));
    let date = if days < 0 { start.checked_sub_days(number) } else { start.checked_add_days(number) };
    date.map_or(Value::Int(i64::from(days)), Value::Date)
}

/// So many parts of a second after 1970; a moment that no calendar has stays a number, which no attribute takes.
fn moment(number: i64, parts: i64) -> Value {
    let nanoseconds = number.rem_euclid(parts) * (1_000_000_000 / parts);
    let moment =
        DateTime::from_timestamp(number.div_euclid(parts), u32::try_from(nanoseconds).unwrap_or_default());
    moment.map_or(Value::Int(number), |moment| Value::DateTime(moment.naive_utc()))
}
