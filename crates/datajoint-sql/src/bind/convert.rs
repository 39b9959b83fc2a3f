use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike as _};
use datajoint_definition::{Backend, CoreType, count};
use uuid::Uuid;

use super::number;
use crate::Value;

/// A value of this type, or what is wrong with it.
pub(super) fn core(backend: Backend, core: &CoreType, value: Value) -> Result<Value, String> {
    match core {
        CoreType::Int8 => number::integer(&value, i128::from(i8::MIN), i128::from(i8::MAX)),
        CoreType::Int16 => number::integer(&value, i128::from(i16::MIN), i128::from(i16::MAX)),
        CoreType::Int32 => number::integer(&value, i128::from(i32::MIN), i128::from(i32::MAX)),
        CoreType::Int64 => number::integer(&value, i64::MIN.into(), i64::MAX.into()),
        CoreType::Float32 => number::float32(&value).map(Value::Float32),
        CoreType::Float64 => number::float64(&value).map(Value::Float64),
        CoreType::Bool => boolean(&value),
        CoreType::Uuid => uuid(value),
        CoreType::Json => json(backend, value),
        CoreType::Bytes => bytes(value),
        CoreType::Date => date(&value),
        CoreType::DateTime { precision } => date_time(backend, &value, *precision),
        CoreType::Char(length) => text(without_padding(value), *length),
        CoreType::Varchar(length) => text(value, *length),
        CoreType::Enum(members) => member(value, members),
        CoreType::Decimal { precision, scale } => number::decimal(&value, *precision, *scale),
    }
}

fn boolean(value: &Value) -> Result<Value, String> {
    match value {
        Value::Bool(truth) => Ok(Value::Bool(*truth)),
        Value::Int(0) | Value::UInt(0) => Ok(Value::Bool(false)),
        Value::Int(1) | Value::UInt(1) => Ok(Value::Bool(true)),
        Value::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" => Ok(Value::Bool(true)),
            "false" | "0" => Ok(Value::Bool(false)),
            _ => Err("give true or false".to_owned()),
        },
        _ => Err("give true or false".to_owned()),
    }
}

fn uuid(value: Value) -> Result<Value, String> {
    let parsed = match value {
        Value::Uuid(uuid) => Some(uuid),
        Value::Text(text) => Uuid::parse_str(text.trim()).ok(),
        Value::Bytes(bytes) => Uuid::from_slice(&bytes).ok(),
        _ => None,
    };
    parsed
        .map(Value::Uuid)
        .ok_or_else(|| "give a UUID, as in 7c9e6679-7425-40de-944b-e07fc1f90ae7".to_owned())
}

fn json(backend: Backend, value: Value) -> Result<Value, String> {
    let most = backend.capability().max_json_depth;
    let too_deep = || {
        format!(
            "{backend} takes at most {most} lists and objects within each other, and there are more; keep it flatter, or \
             as a string or a blob"
        )
    };
    match value {
        Value::Json(document) if is_deeper(&document, most) => Err(too_deep()),
        Value::Json(document) => Ok(Value::Json(document)),
        Value::Text(text) if super::json::is_deeper(&text, most) => Err(too_deep()),
        Value::Text(text) => super::parse_json(&text)
            .map(|document| Value::Json(Box::new(document)))
            .map_err(|error| format!("it is no JSON text ({error}); put a plain text between double quotes")),
        _ => Err("give a JSON document".to_owned()),
    }
}

/// True for a document with more lists and objects within each other.
fn is_deeper(document: &serde_json::Value, most: usize) -> bool {
    use serde_json::Value as Json;

    let within = |most: usize, item: &Json| is_deeper(item, most);
    match (document, most.checked_sub(1)) {
        (Json::Array(_) | Json::Object(_), None) => true,
        (Json::Array(items), Some(most)) => items.iter().any(|item| within(most, item)),
        (Json::Object(fields), Some(most)) => fields.values().any(|item| within(most, item)),
        _ => false,
    }
}

pub(super) fn bytes(value: Value) -> Result<Value, String> {
    match value {
        Value::Bytes(bytes) => Ok(Value::Bytes(bytes)),
        _ => Err("give bytes; a codec such as <blob> takes other values".to_owned()),
    }
}

fn date(value: &Value) -> Result<Value, String> {
    let parsed = match value {
        Value::Date(date) => Some(*date),
        Value::DateTime(moment) if moment.time() == NaiveTime::MIN => Some(moment.date()),
        Value::Text(text) => NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok(),
        _ => None,
    };
    let date = parsed.ok_or_else(|| "give a date, as in 2024-01-31".to_owned())?;
    in_years(date)?;
    Ok(Value::Date(date))
}

pub(super) fn date_time(backend: Backend, value: &Value, precision: Option<u8>) -> Result<Value, String> {
    let parsed = match value {
        Value::DateTime(moment) => Some(*moment),
        Value::Date(date) => Some(date.and_time(NaiveTime::MIN)),
        Value::Text(text) => parse_moment(text),
        _ => None,
    };
    let moment = parsed.ok_or_else(|| "give a date and time, as in 2024-01-31 23:59:59".to_owned())?;
    in_years(moment.date())?;
    // A bare `datetime` has whole seconds, but for PostgreSQL, which keeps what a timestamp can.
    let digits = precision.unwrap_or(backend.capability().datetime_digits);
    in_seconds(moment.nanosecond(), digits)?;
    Ok(Value::DateTime(moment))
}

/// Fails for a part of a second that has more digits than are kept, and for a leap second, which no database has.
pub(super) fn in_seconds(nanosecond: u32, digits: u8) -> Result<(), String> {
    if nanosecond >= 1_000_000_000 {
        return Err("databases keep no leap second; give the second after it".to_owned());
    }
    if !nanosecond.is_multiple_of(10_u32.pow(9 - u32::from(digits.min(9)))) {
        let kept = match digits {
            0 => "it has a part of a second, and whole ones are kept".to_owned(),
            digits => format!("it has more than {} after the second", count(digits, "digit")),
        };
        return Err(format!("{kept}; round it, or declare datetime(6)"));
    }
    Ok(())
}

/// A moment as ISO 8601 has it, with a blank or a `T`.
pub(crate) fn parse_moment(text: &str) -> Option<NaiveDateTime> {
    let text = text.trim();
    ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .or_else(|| {
            NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(|date| date.and_time(NaiveTime::MIN))
        })
}

fn in_years(date: NaiveDate) -> Result<(), String> {
    use chrono::Datelike as _;
    if (1..=9999).contains(&date.year()) {
        Ok(())
    } else {
        Err("the year must lie between 1 and 9999".to_owned())
    }
}

pub(super) fn text(value: Value, length: u32) -> Result<Value, String> {
    let Value::Text(text) = value else { return Err("give a text".to_owned()) };
    let characters = text.chars().count();
    if u32::try_from(characters).is_ok_and(|characters| characters <= length) {
        Ok(Value::Text(text))
    } else {
        Err(format!(
            "it has {}, and the type holds {length}; declare a longer type if it should fit",
            datajoint_definition::count(characters, "character")
        ))
    }
}

/// A string of a fixed length is filled up with blanks: those at its end are no part of it.
fn without_padding(value: Value) -> Value {
    match value {
        Value::Text(text) => Value::Text(text.trim_end_matches(' ').to_owned()),
        other => other,
    }
}

fn member(value: Value, members: &[String]) -> Result<Value, String> {
    match value {
        Value::Text(text) if members.contains(&text) => Ok(Value::Text(text)),
        other => {
            let near = match &other {
                Value::Text(text) => datajoint_definition::suggest(text, members.iter().map(String::as_str)),
                _ => None,
            };
            let hint = near.map(|near| format!("did you mean {near:?}? ")).unwrap_or_default();
            Err(format!("{hint}it takes {}", members.join(", ")))
        }
    }
}
