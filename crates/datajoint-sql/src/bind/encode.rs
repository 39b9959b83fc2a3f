use chrono::Timelike as _;
use datajoint_definition::{AttributeType, Backend, Capability, CoreType};

use crate::{Value, decimal};

/// The form in which a backend takes a value, or why it can't.
pub(super) fn encode(
    backend: Backend,
    attribute_type: &AttributeType,
    value: Value,
) -> Result<Value, String> {
    without_nul(backend, &value)?;
    let capability = backend.capability();
    match value {
        Value::Float32(number) => {
            finite(backend, f64::from(number))?;
            Ok(if capability.has_float32 {
                Value::Float32(number)
            } else {
                Value::Float64(f64::from(number))
            })
        }
        Value::Float64(number) => finite(backend, number).map(|()| Value::Float64(number)),
        Value::Bool(truth) if !capability.has_boolean => Ok(Value::Int(i64::from(truth))),
        Value::Uuid(uuid) if !capability.has_uuid => Ok(Value::Bytes(uuid.as_bytes().to_vec())),
        Value::Json(document) if !capability.has_document => Ok(Value::Text(document.to_string())),
        value if capability.has_storage_classes => stored(attribute_type, value),
        // Columns with a time zone are read as UTC, whatever the zone of the session.
        Value::DateTime(moment) if has_time_zone(attribute_type) => Ok(Value::Text(format!("{moment}+00"))),
        value => Ok(value),
    }
}

/// True for a type of PostgreSQL whose values are moments of the world, not of a clock.
fn has_time_zone(attribute_type: &AttributeType) -> bool {
    matches!(attribute_type, AttributeType::Native(native) if native.text.ends_with("with time zone"))
}

fn finite(backend: Backend, number: f64) -> Result<(), String> {
    let Capability { has_infinity, has_nan, .. } = backend.capability();
    if number.is_finite() || (number.is_infinite() && *has_infinity) || (number.is_nan() && *has_nan) {
        return Ok(());
    }
    let advice = "declare the attribute `= null` and give null";
    Err(if *has_infinity {
        format!("{backend} can't store NaN; {advice}")
    } else {
        format!("{backend} stores finite numbers only; {advice}")
    })
}

/// PostgreSQL ends strings at a NUL, and so do the functions of SQLite: `LIKE` would find less than there is.
fn without_nul(backend: Backend, value: &Value) -> Result<(), String> {
    let has_nul = match value {
        Value::Text(text) => !backend.capability().has_nul_in_strings && text.contains('\0'),
        Value::Json(document) => !backend.capability().has_nul_in_documents && in_document(document),
        _ => false,
    };
    if has_nul {
        return Err(format!("{backend} keeps no NUL in strings; leave it out, or declare bytes"));
    }
    Ok(())
}

/// True for a document with a string that has a NUL.
fn in_document(document: &serde_json::Value) -> bool {
    match document {
        serde_json::Value::String(text) => text.contains('\0'),
        serde_json::Value::Array(items) => items.iter().any(in_document),
        serde_json::Value::Object(fields) => {
            fields.iter().any(|(name, value)| name.contains('\0') || in_document(value))
        }
        _ => false,
    }
}

/// A value as an integer, a float, a string or bytes, which are all that SQLite has.
fn stored(attribute_type: &AttributeType, value: Value) -> Result<Value, String> {
    Ok(match value {
        Value::Decimal(_) | Value::BigDecimal(_) => Value::Float64(as_float(&value)?),
        // Strings come after all numbers, and such strings after each other as their numbers do.
        Value::UInt(number) if i64::try_from(number).is_err() => match attribute_type {
            AttributeType::Native(_) => Value::Text(format!("{number:020}")),
            // Compared with, it is above all that the column holds, to whichever float it is rounded.
            AttributeType::Core(CoreType::Int8 | CoreType::Int16 | CoreType::Int32 | CoreType::Int64) => {
                Value::Float64(rounded(number))
            }
            _ => Value::Float64(as_float(&value)?),
        },
        Value::Date(date) => match attribute_type {
            AttributeType::Core(CoreType::DateTime { .. }) => Value::Text(format!("{date} 00:00:00")),
            _ => Value::Text(date.format("%Y-%m-%d").to_string()),
        },
        Value::Time(time) => Value::Text(time.format("%H:%M:%S%.6f").to_string()),
        Value::DateTime(moment) => {
            let declared = match attribute_type {
                AttributeType::Core(CoreType::DateTime { precision }) => precision.unwrap_or(0),
                _ => 6,
            };
            // Compared with, a moment may have more digits than the column.
            let unit = 10_u32.pow(9 - u32::from(declared.min(6)));
            let digits = if moment.nanosecond() % unit == 0 { declared } else { 6 };
            let mut text = moment.format("%Y-%m-%d %H:%M:%S").to_string();
            if digits > 0 {
                let fraction = format!("{:09}", moment.nanosecond());
                text.push('.');
                text.push_str(&fraction[..usize::from(digits.min(9))]);
            }
            Value::Text(text)
        }
        other => other,
    })
}

#[expect(clippy::cast_precision_loss, reason = "it is only compared with what is below it")]
fn rounded(number: u64) -> f64 {
    number as f64
}

/// The float that stands for a number. Fails where it is not that number.
fn as_float(value: &Value) -> Result<f64, String> {
    let number = decimal::exact(value);
    let float = number.as_ref().and_then(bigdecimal::ToPrimitive::to_f64);
    float
        .filter(|float| decimal::parse(&float.to_string()) == number)
        .ok_or_else(|| "sqlite keeps 15 digits of a number; declare a string if it needs more".to_owned())
}
