use datajoint_definition::{AttributeType, CoreType, Store};
use datajoint_schema::Attribute;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{parse_date, parse_datetime};
use crate::{Error, Result, Value};

/// A value from the database as the type of an attribute has it, the same on every backend.
///
/// Fails when the database holds something that the type does not allow.
pub fn read_value(attribute: &Attribute, value: Value) -> Result<Value> {
    let core = match &attribute.attribute_type {
        AttributeType::Core(core) => core,
        AttributeType::Codec(codec) if codec.store != Store::Table => &CoreType::Json,
        AttributeType::Codec(_) | AttributeType::Native(_) => return Ok(value),
    };
    let fault = |value: &Value| Error::Value {
        attribute: attribute.name.clone(),
        message: format!("the database holds {value:?}, which is no {}", attribute.type_text),
    };
    Ok(match (core, value) {
        (_, Value::Null) => Value::Null,
        (CoreType::Bool, Value::Int(number)) => Value::Bool(number != 0),
        (CoreType::Float64, Value::Float32(number)) => Value::Float64(number.into()),
        #[expect(clippy::cast_possible_truncation, reason = "it was a float32 when it was stored")]
        (CoreType::Float32, Value::Float64(number)) => Value::Float32(number as f32),
        #[expect(clippy::cast_precision_loss, reason = "a whole number in a column of floats")]
        (CoreType::Float64 | CoreType::Float32, Value::Int(number)) => Value::Float64(number as f64),
        (CoreType::Uuid, Value::Bytes(bytes)) => {
            Uuid::from_slice(&bytes).map(Value::Uuid).map_err(|_| fault(&Value::Bytes(bytes)))?
        }
        (CoreType::Json, Value::Text(text)) => match serde_json::from_str(&text) {
            Ok(json) => Value::Json(Box::new(json)),
            Err(_) => return Err(fault(&Value::Text(text))),
        },
        (CoreType::Date, Value::Text(text)) => {
            parse_date(&text).map(Value::Date).ok_or_else(|| fault(&Value::Text(text)))?
        }
        (CoreType::DateTime { .. }, Value::Text(text)) => {
            parse_datetime(&text).map(Value::DateTime).ok_or_else(|| fault(&Value::Text(text)))?
        }
        (CoreType::Decimal { scale, .. }, value @ (Value::Float64(_) | Value::Int(_) | Value::Decimal(_))) => {
            let text = match &value {
                Value::Float64(number) => number.to_string(),
                Value::Int(number) => number.to_string(),
                Value::Decimal(number) => number.to_string(),
                _ => String::new(),
            };
            let mut number: Decimal = text.parse().map_err(|_| fault(&value))?;
            number.rescale(u32::from(*scale));
            Value::Decimal(number)
        }
        // PostgreSQL pads `char(n)` with blanks.
        (CoreType::Char(_), Value::Text(text)) => Value::Text(text.trim_end_matches(' ').to_owned()),
        (_, value) => value,
    })
}
