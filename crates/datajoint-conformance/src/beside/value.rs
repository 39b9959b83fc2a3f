//! When two backends gave the same value.

use datajoint::Value;
use datajoint::types::bigdecimal::{BigDecimal, ToPrimitive as _};
use datajoint::types::chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use datajoint_sql::decimal_number;

/// True for values that mean the same: a truth is 1 or 0, a number any that lies as near as floats can tell, a day or time the
/// string that says it.
pub(super) fn is_same(one: &Value, other: &Value) -> bool {
    let one_number = number(one);
    match (one, other) {
        _ if one == other => true,
        _ if one_number.is_some() => {
            number(other).zip(one_number).is_some_and(|(other, one)| is_near(&one, &other))
        }
        (Value::Text(text), moment @ (Value::Date(_) | Value::DateTime(_) | Value::Time(_)))
        | (moment @ (Value::Date(_) | Value::DateTime(_) | Value::Time(_)), Value::Text(text)) => {
            read(text, moment).is_some_and(|read| read == *moment)
        }
        (Value::Bytes(bytes), Value::Text(text)) | (Value::Text(text), Value::Bytes(bytes)) => {
            bytes == text.as_bytes()
        }
        (Value::Bytes(bytes), Value::Uuid(uuid)) | (Value::Uuid(uuid), Value::Bytes(bytes)) => {
            bytes == uuid.as_bytes()
        }
        (Value::Json(document), other) | (other, Value::Json(document)) => match other {
            Value::Text(text) => serde_json::from_str(text)
                .is_ok_and(|read: serde_json::Value| is_same_document(document, &read)),
            Value::Json(other) => is_same_document(document, other),
            _ => false,
        },
        // Each server has its own blanks in documents, and its own order of members.
        (Value::Text(one), Value::Text(other)) => {
            document(one).zip(document(other)).is_some_and(|(one, other)| is_same_document(&one, &other))
        }
        _ => false,
    }
}

fn document(text: &str) -> Option<serde_json::Value> {
    let begins = text.starts_with(['{', '[']);
    begins.then(|| serde_json::from_str(text).ok()).flatten()
}

fn is_same_document(one: &serde_json::Value, other: &serde_json::Value) -> bool {
    use serde_json::Value::{Array, Number, Object};
    match (one, other) {
        (Number(one), Number(other)) => {
            one == other
                || one.as_f64().zip(other.as_f64()).is_some_and(|(one, other)| is_near_float(one, other))
        }
        (Array(one), Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same_document(one, other))
        }
        (Object(one), Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(name, one)| other.get(name).is_some_and(|other| is_same_document(one, other)))
        }
        _ => one == other,
    }
}

fn number(value: &Value) -> Option<BigDecimal> {
    match value {
        Value::Bool(truth) => Some(BigDecimal::from(u8::from(*truth))),
        value => decimal_number(value),
    }
}

fn is_near(one: &BigDecimal, other: &BigDecimal) -> bool {
    if one == other {
        return true;
    }
    let (Some(one), Some(other)) = (one.to_f64(), other.to_f64()) else { return false };
    is_near_float(one, other)
}

fn is_near_float(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-12 * one.abs().max(other.abs()).max(1e-9)
}

fn read(text: &str, like: &Value) -> Option<Value> {
    match like {
        Value::Date(_) => NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(Value::Date),
        Value::DateTime(_) => {
            NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok().map(Value::DateTime)
        }
        _ => NaiveTime::parse_from_str(text, "%H:%M:%S%.f").ok().map(Value::Time),
    }
}
