use chrono::NaiveDate;
use datajoint_definition::{AttributeType, CoreType, NativeCategory, Store};
use datajoint_schema::Attribute;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::bind::{fault, parse_moment, show};
use crate::{Result, Value};

/// A fetched value in the form of the attribute's type, the same for every backend.
///
/// `Bytes` of a UUID column become [`Value::Uuid`], integers of a bool [`Value::Bool`], texts of SQLite's dates
/// [`Value::Date`], and so on; the blanks with which PostgreSQL fills up `char(n)` go. Fails for what can't be
/// a value of the type.
///
/// ```
/// # use std::sync::Arc;
/// # use datajoint_definition::{Backend, Tier, parse};
/// # use datajoint_schema::{Declaration, resolve};
/// use datajoint_sql::{Value, read_value};
///
/// # let (definition, _) = parse("scan : int8\n---\nnote='' : varchar(80)");
/// # let (scan, _) = resolve(&Declaration { schema: "lab", class_name: "Scan", tier: Tier::Manual,
/// #     definition: &definition, parents: &[], master: None });
/// let number = scan.heading.get("scan").unwrap();
/// assert_eq!(read_value(number, Value::UInt(7))?, Value::Int(7));
/// # Ok::<_, datajoint_sql::Error>(())
/// ```
pub fn read_value(attribute: &Attribute, value: Value) -> Result<Value> {
    if value == Value::Null {
        return Ok(value);
    }
    let read = match &attribute.attribute_type {
        AttributeType::Core(core) => read_core(core, value),
        AttributeType::Native(native) => Ok(match native.category {
            NativeCategory::String | NativeCategory::Text => text(value).unwrap_or_else(|value| value),
            _ => value,
        }),
        AttributeType::Codec(codec) if codec.store == Store::Table => read_core(&CoreType::Bytes, value),
        AttributeType::Codec(_) => read_core(&CoreType::Json, value),
    };
    read.map_err(|value| {
        fault(attribute, show(&value), "the database holds something else than declared; compare its column")
    })
}

/// The value, or what was given when it is none of this type.
fn read_core(core: &CoreType, value: Value) -> std::result::Result<Value, Value> {
    match core {
        CoreType::Int8 | CoreType::Int16 | CoreType::Int32 | CoreType::Int64 => integer(value),
        CoreType::Float32 => float32(value),
        CoreType::Float64 => float64(value),
        CoreType::Bool => match value {
            Value::Bool(_) => Ok(value),
            Value::Int(0) | Value::UInt(0) => Ok(Value::Bool(false)),
            Value::Int(1) | Value::UInt(1) => Ok(Value::Bool(true)),
            other => Err(other),
        },
        CoreType::Uuid => match &value {
            Value::Uuid(_) => Ok(value),
            Value::Bytes(bytes) => Uuid::from_slice(bytes).map(Value::Uuid).map_err(|_| value),
            Value::Text(text) => Uuid::parse_str(text).map(Value::Uuid).map_err(|_| value),
            _ => Err(value),
        },
        CoreType::Json => json(value),
        CoreType::Bytes => match value {
            Value::Bytes(_) => Ok(value),
            other => Err(other),
        },
        CoreType::Date => match &value {
            Value::Date(_) => Ok(value),
            Value::Text(text) => {
                NaiveDate::parse_from_str(text, "%Y-%m-%d").map(Value::Date).map_err(|_| value)
            }
            _ => Err(value),
        },
        CoreType::DateTime { .. } => match &value {
            Value::DateTime(_) => Ok(value),
            Value::Text(text) => parse_moment(text).map(Value::DateTime).ok_or(value),
            _ => Err(value),
        },
        CoreType::Char(_) => text(value).map(|value| match value {
            Value::Text(text) => Value::Text(text.trim_end_matches(' ').to_owned()),
            other => other,
        }),
        CoreType::Varchar(_) | CoreType::Enum(_) => text(value),
        CoreType::Decimal { scale, .. } => decimal(value, *scale),
    }
}

fn integer(value: Value) -> std::result::Result<Value, Value> {
    match value {
        Value::Int(_) => Ok(value),
        Value::UInt(number) => i64::try_from(number).map(Value::Int).map_err(|_| value),
        other => Err(other),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "it was a 32-bit float when it was stored")]
fn float32(value: Value) -> std::result::Result<Value, Value> {
    match value {
        Value::Float32(_) => Ok(value),
        Value::Float64(number) => Ok(Value::Float32(number as f32)),
        other => Err(other),
    }
}

fn float64(value: Value) -> std::result::Result<Value, Value> {
    match value {
        Value::Float64(_) => Ok(value),
        Value::Float32(number) => Ok(Value::Float64(f64::from(number))),
        other => Err(other),
    }
}

fn json(value: Value) -> std::result::Result<Value, Value> {
    let parsed = match &value {
        Value::Json(_) => return Ok(value),
        Value::Text(text) => serde_json::from_str(text).ok(),
        Value::Bytes(bytes) => serde_json::from_slice(bytes).ok(),
        _ => None,
    };
    parsed.map(|document| Value::Json(Box::new(document))).ok_or(value)
}

fn text(value: Value) -> std::result::Result<Value, Value> {
    match value {
        Value::Text(_) => Ok(value),
        Value::Bytes(bytes) => {
            String::from_utf8(bytes).map(Value::Text).map_err(|error| Value::Bytes(error.into_bytes()))
        }
        other => Err(other),
    }
}

fn decimal(value: Value, scale: u8) -> std::result::Result<Value, Value> {
    let parsed: Option<Decimal> = match &value {
        Value::Decimal(number) => Some(*number),
        Value::Int(number) => Some(Decimal::from(*number)),
        Value::Float64(number) => format!("{number:.*}", usize::from(scale)).parse().ok(),
        Value::Text(text) => text.parse().ok(),
        _ => None,
    };
    let mut number = parsed.ok_or(value)?;
    number.rescale(u32::from(scale));
    Ok(Value::Decimal(number))
}
