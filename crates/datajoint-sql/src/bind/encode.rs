use chrono::Timelike as _;
use datajoint_definition::{AttributeType, Backend, CoreType};
use rust_decimal::prelude::ToPrimitive as _;

use crate::Value;

/// The form in which a backend takes a value, or why it can't.
pub(super) fn encode(
    backend: Backend,
    attribute_type: &AttributeType,
    value: Value,
) -> Result<Value, String> {
    match value {
        Value::Float32(number) => finite(backend, f64::from(number)).map(|()| match backend {
            Backend::Sqlite => Value::Float64(f64::from(number)),
            _ => Value::Float32(number),
        }),
        Value::Float64(number) => finite(backend, number).map(|()| Value::Float64(number)),
        Value::Bool(truth) if backend != Backend::Postgresql => Ok(Value::Int(i64::from(truth))),
        Value::Uuid(uuid) if backend != Backend::Postgresql => Ok(Value::Bytes(uuid.as_bytes().to_vec())),
        Value::Json(document) if backend != Backend::Postgresql => Ok(Value::Text(document.to_string())),
        value if backend == Backend::Sqlite => Ok(sqlite(attribute_type, value)),
        value => Ok(value),
    }
}

fn finite(backend: Backend, number: f64) -> Result<(), String> {
    match backend {
        Backend::Mysql | Backend::Mariadb if !number.is_finite() => {
            Err(format!("{backend} stores finite numbers only; declare the attribute `= null` and give null"))
        }
        Backend::Sqlite if number.is_nan() => {
            Err("sqlite can't store NaN; declare the attribute `= null` and give null".to_owned())
        }
        _ => Ok(()),
    }
}

/// SQLite has integers, floats, texts and bytes alone.
fn sqlite(attribute_type: &AttributeType, value: Value) -> Value {
    match value {
        Value::Decimal(number) => number.to_f64().map_or(Value::Decimal(number), Value::Float64),
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
    }
}
