use chrono::{NaiveDateTime, Timelike};
use datajoint_definition::{AttributeType, Backend, CoreType, NativeCategory, Store};
use datajoint_schema::Attribute;
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;
use uuid::Uuid;

use super::{parse_date, parse_datetime, parse_time};
use crate::{Error, Result, Value};

/// A value as the backend stores it for the type of an attribute.
///
/// Fails, naming the attribute and the value, when the value is of another type, out of range, too long,
/// no member of the enum, of too many digits, or not a number where the backend keeps none. Null and
/// `Default` pass: whether they are allowed is the statement's business.
pub fn bind_value(backend: Backend, attribute: &Attribute, value: Value) -> Result<Value> {
    if matches!(value, Value::Null | Value::Default) {
        return Ok(value);
    }
    let bound = match &attribute.attribute_type {
        AttributeType::Core(core) => bind_core(backend, core, value),
        AttributeType::Native(native) => bind_native(backend, native.category, value),
        AttributeType::Codec(codec) if codec.store == Store::Table => bytes(value),
        AttributeType::Codec(_) => json(backend, value),
    };
    bound.map_err(|message| Error::Value { attribute: attribute.name.clone(), message })
}

type Bound = std::result::Result<Value, String>;

fn bind_core(backend: Backend, core: &CoreType, value: Value) -> Bound {
    match core {
        CoreType::Int8 => integer(value, i8::MIN.into(), i8::MAX.into(), "int8"),
        CoreType::Int16 => integer(value, i16::MIN.into(), i16::MAX.into(), "int16"),
        CoreType::Int32 => integer(value, i32::MIN.into(), i32::MAX.into(), "int32"),
        CoreType::Int64 => integer(value, i64::MIN, i64::MAX, "int64"),
        CoreType::Float32 => float(value).and_then(|number| float32(backend, number)),
        CoreType::Float64 => float(value).and_then(|number| finite(backend, number).map(Value::Float64)),
        CoreType::Bool => boolean(backend, value),
        CoreType::Uuid => uuid(backend, value),
        CoreType::Json => json(backend, value),
        CoreType::Bytes => bytes(value),
        CoreType::Date => date(backend, value),
        CoreType::DateTime { precision } => datetime(backend, *precision, value),
        CoreType::Char(length) | CoreType::Varchar(length) => text(value, *length),
        CoreType::Enum(members) => member(value, members),
        CoreType::Decimal { precision, scale } => decimal(backend, value, *precision, *scale),
    }
}

/// How a value is spoken of.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Default => "the default".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::UInt(value) => value.to_string(),
        Value::Float32(value) => value.to_string(),
        Value::Float64(value) => value.to_string(),
        Value::Decimal(value) => value.to_string(),
        Value::Text(value) if value.chars().count() > 40 => {
            format!("\"{}…\"", value.chars().take(40).collect::<String>())
        }
        Value::Text(value) => format!("\"{value}\""),
        Value::Bytes(value) => format!("{} bytes", value.len()),
        Value::Date(value) => value.to_string(),
        Value::Time(value) => value.to_string(),
        Value::DateTime(value) => value.to_string(),
        Value::Uuid(value) => value.to_string(),
        Value::Json(value) => value.to_string(),
    }
}

fn wrong(value: &Value, wanted: &str) -> String {
    format!("{} is given, but {wanted} is wanted", shown(value))
}

fn integer(value: Value, low: i64, high: i64, name: &str) -> Bound {
    let number = match &value {
        Value::Int(number) => Some(*number),
        Value::UInt(number) => i64::try_from(*number).ok(),
        Value::Bool(flag) => Some(i64::from(*flag)),
        Value::Json(json) => json.as_i64(),
        _ => return Err(wrong(&value, &format!("an integer ({name})"))),
    };
    match number {
        Some(number) if (low..=high).contains(&number) => Ok(Value::Int(number)),
        _ => Err(format!("{} is out of the range of {name}, {low} to {high}; use a wider type", shown(&value))),
    }
}

#[expect(clippy::cast_precision_loss, reason = "checked by casting back")]
fn float(value: Value) -> std::result::Result<f64, String> {
    match &value {
        Value::Float64(number) => Ok(*number),
        Value::Float32(number) => Ok(f64::from(*number)),
        #[expect(clippy::cast_possible_truncation, reason = "the comparison tells")]
        Value::Int(number) if (*number as f64) as i64 == *number => Ok(*number as f64),
        Value::Json(json) => json.as_f64().ok_or_else(|| wrong(&value, "a number")),
        Value::Decimal(number) => number.to_string().parse().map_err(|_| wrong(&value, "a number")),
        _ => Err(wrong(&value, "a number")),
    }
}

fn finite(backend: Backend, number: f64) -> std::result::Result<f64, String> {
    // SQLite keeps NaN as null, MySQL keeps neither NaN nor infinity.
    let kept = match backend {
        Backend::Postgresql => true,
        Backend::Sqlite => !number.is_nan(),
        Backend::Mysql | Backend::Mariadb => number.is_finite(),
    };
    if kept {
        return Ok(number);
    }
    Err(format!("{backend} can't keep {number}; make the attribute nullable and give null where no number is known"))
}

fn float32(backend: Backend, number: f64) -> Bound {
    let number = finite(backend, number)?;
    #[expect(clippy::cast_possible_truncation, reason = "rounding to the nearest is what the type says")]
    let narrow = number as f32;
    if narrow.is_infinite() && number.is_finite() {
        return Err(format!("{number} is out of the range of float32; use float64"));
    }
    Ok(Value::Float32(narrow))
}

fn boolean(backend: Backend, value: Value) -> Bound {
    let flag = match &value {
        Value::Bool(flag) => *flag,
        Value::Int(number @ (0 | 1)) => *number == 1,
        Value::Json(json) if json.is_boolean() => json.as_bool().unwrap_or_default(),
        _ => return Err(wrong(&value, "true or false")),
    };
    Ok(if backend == Backend::Postgresql { Value::Bool(flag) } else { Value::Int(i64::from(flag)) })
}

fn uuid(backend: Backend, value: Value) -> Bound {
    let uuid = match &value {
        Value::Uuid(uuid) => *uuid,
        Value::Text(text) => Uuid::parse_str(text).map_err(|_| wrong(&value, "a UUID"))?,
        Value::Bytes(bytes) => Uuid::from_slice(bytes).map_err(|_| wrong(&value, "a UUID of 16 bytes"))?,
        Value::Json(json) => {
            json.as_str().and_then(|text| Uuid::parse_str(text).ok()).ok_or_else(|| wrong(&value, "a UUID"))?
        }
        _ => return Err(wrong(&value, "a UUID")),
    };
    Ok(if backend == Backend::Postgresql { Value::Uuid(uuid) } else { Value::Bytes(uuid.as_bytes().to_vec()) })
}

#[expect(clippy::unnecessary_wraps, reason = "the arms of one match")]
fn json(backend: Backend, value: Value) -> Bound {
    let json = match value {
        Value::Json(json) => *json,
        Value::Text(text) => serde_json::Value::String(text),
        Value::Bool(flag) => flag.into(),
        Value::Int(number) => number.into(),
        Value::UInt(number) => number.into(),
        Value::Float64(number) => number.into(),
        other => return Err(wrong(&other, "a JSON document")),
    };
    Ok(if backend == Backend::Postgresql { Value::Json(Box::new(json)) } else { Value::Text(json.to_string()) })
}

fn bytes(value: Value) -> Bound {
    match value {
        Value::Bytes(_) => Ok(value),
        _ => Err(wrong(&value, "bytes")),
    }
}

/// The text in a value, if it is one.
fn as_text(value: Value) -> std::result::Result<String, Value> {
    match value {
        Value::Text(text) => Ok(text),
        Value::Json(json) => match *json {
            serde_json::Value::String(text) => Ok(text),
            other => Err(Value::Json(Box::new(other))),
        },
        other => Err(other),
    }
}

fn text(value: Value, length: u32) -> Bound {
    let text = as_text(value).map_err(|value| wrong(&value, "a text"))?;
    let count = text.chars().count();
    if text.len() > length as usize && count > length as usize {
        return Err(format!("a text of {count} characters is given, but the attribute holds {length}"));
    }
    if text.contains('\0') {
        return Err("a text with a NUL character is given; use the type `bytes`".to_owned());
    }
    Ok(Value::Text(text))
}

fn member(value: Value, members: &[String]) -> Bound {
    let text = as_text(value).map_err(|value| wrong(&value, "a member of the enum"))?;
    if members.contains(&text) {
        return Ok(Value::Text(text));
    }
    Err(format!("\"{text}\" is given, but the members are {}", members.join(", ")))
}

fn date(backend: Backend, value: Value) -> Bound {
    let date = match &value {
        Value::Date(date) => *date,
        other => as_text(other.clone())
            .ok()
            .and_then(|text| parse_date(&text))
            .ok_or_else(|| wrong(&value, "a date, as in 2026-11-20"))?,
    };
    Ok(if backend == Backend::Sqlite { Value::Text(date.format("%Y-%m-%d").to_string()) } else { Value::Date(date) })
}

fn datetime(backend: Backend, precision: Option<u8>, value: Value) -> Bound {
    let moment = match &value {
        Value::DateTime(moment) => *moment,
        Value::Date(date) => date.and_hms_opt(0, 0, 0).ok_or_else(|| wrong(&value, "a date and time"))?,
        other => as_text(other.clone())
            .ok()
            .and_then(|text| parse_datetime(&text))
            .ok_or_else(|| wrong(&value, "a date and time, as in 2026-11-20 13:45:00"))?,
    };
    let digits = precision.unwrap_or(if backend.is_mysql_family() { 0 } else { 6 });
    let unit = 10_u32.pow(9 - u32::from(digits.min(9)));
    if moment.nanosecond() % unit != 0 {
        return Err(format!(
            "{moment} has more digits after the second than the {digits} that are kept; round it, or declare datetime(6)"
        ));
    }
    Ok(if backend == Backend::Sqlite { Value::Text(sqlite_datetime(moment, precision)) } else { Value::DateTime(moment) })
}

/// Text that sorts as time does.
fn sqlite_datetime(moment: NaiveDateTime, precision: Option<u8>) -> String {
    let text = moment.format("%Y-%m-%d %H:%M:%S%.6f").to_string();
    let digits = match precision {
        Some(digits) => usize::from(digits),
        None if moment.nanosecond() == 0 => 0,
        None => 6,
    };
    let length = if digits == 0 { 19 } else { 20 + digits };
    text.get(..length).unwrap_or(&text).to_owned()
}

fn decimal(backend: Backend, value: Value, precision: u8, scale: u8) -> Bound {
    let number = match &value {
        Value::Decimal(number) => Some(*number),
        Value::Int(number) => Some(Decimal::from(*number)),
        Value::Float64(number) => Decimal::from_f64(*number),
        Value::Float32(number) => Decimal::from_f32(*number),
        other => as_text(other.clone()).ok().and_then(|text| text.parse().ok()).or_else(|| match &value {
            Value::Json(json) => json.to_string().parse().ok(),
            _ => None,
        }),
    };
    let number = number.ok_or_else(|| wrong(&value, "a decimal number"))?;
    let fits = number.normalize().scale() <= u32::from(scale);
    let digits = precision.saturating_sub(scale);
    let limit = (0..digits).try_fold(Decimal::ONE, |limit, _| limit.checked_mul(Decimal::TEN));
    if !fits || limit.is_some_and(|limit| number.abs() >= limit) {
        return Err(format!("{number} does not fit decimal({precision},{scale}); round it, or use a wider type"));
    }
    if backend == Backend::Sqlite {
        return number.to_string().parse().map(Value::Float64).map_err(|_| wrong(&value, "a decimal number"));
    }
    Ok(Value::Decimal(number))
}

fn bind_native(backend: Backend, category: NativeCategory, value: Value) -> Bound {
    match category {
        NativeCategory::Integer => match value {
            Value::Int(_) | Value::UInt(_) => Ok(value),
            other => integer(other, i64::MIN, i64::MAX, "the attribute"),
        },
        NativeCategory::Float => float(value).and_then(|number| finite(backend, number).map(Value::Float64)),
        NativeCategory::Numeric => decimal(backend, value, 28, 14),
        NativeCategory::String | NativeCategory::Text => text(value, u32::MAX),
        NativeCategory::Blob => bytes(value),
        NativeCategory::Temporal => match value {
            Value::Text(text) => Ok(parse_time(&text).map_or(Value::Text(text), Value::Time)),
            Value::DateTime(moment) if backend == Backend::Sqlite => Ok(Value::Text(sqlite_datetime(moment, None))),
            Value::Time(time) if backend == Backend::Sqlite => Ok(Value::Text(time.format("%H:%M:%S%.f").to_string())),
            other => Ok(other),
        },
    }
}
