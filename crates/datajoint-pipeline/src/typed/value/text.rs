//! Texts, bytes, documents and UUIDs as attribute values.

use datajoint_sql::Value;
use uuid::Uuid;

use super::{AttributeValue, ValueError, mismatch};

impl AttributeValue for String {
    fn into_value(self) -> Result<Value, ValueError> {
        Ok(Value::Text(self))
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        match value {
            Value::Text(text) => Ok(text),
            Value::Json(document) => match *document {
                serde_json::Value::String(text) => Ok(text),
                other => Err(mismatch("a text", &Value::Json(Box::new(other)))),
            },
            value => Err(mismatch("a text", &value)),
        }
    }
}

impl AttributeValue for Vec<u8> {
    fn into_value(self) -> Result<Value, ValueError> {
        Ok(Value::Bytes(self))
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        match value {
            Value::Bytes(bytes) => Ok(bytes),
            value => Err(mismatch("bytes", &value)),
        }
    }
}

impl AttributeValue for Uuid {
    fn into_value(self) -> Result<Value, ValueError> {
        Ok(Value::Uuid(self))
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        match &value {
            Value::Uuid(uuid) => Ok(*uuid),
            Value::Bytes(bytes) => {
                Self::from_slice(bytes).map_err(|_| mismatch("a UUID of 16 bytes", &value))
            }
            Value::Text(text) => text.trim().parse().map_err(|_| mismatch("a UUID", &value)),
            _ => Err(mismatch("a UUID", &value)),
        }
    }
}

impl AttributeValue for serde_json::Value {
    fn into_value(self) -> Result<Value, ValueError> {
        Ok(Value::Json(Box::new(self)))
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        match value {
            Value::Json(document) => Ok(*document),
            Value::Text(text) => serde_json::from_str(&text)
                .map_err(|error| ValueError::new(format!("{text:?} is not JSON: {error}"))),
            value => Err(mismatch("a JSON document", &value)),
        }
    }
}
