//! Objects in stores as attribute values.

use datajoint_codec::{Npy, Object};
use datajoint_sql::Value;

use super::value::describe;
use super::{AttributeValue, ValueError};

/// What a table says of an object in a store.
fn document(value: Value, wanted: &str) -> Result<serde_json::Value, ValueError> {
    match value {
        Value::Json(document) => Ok(*document),
        Value::Null => Err(ValueError::new("is null; read it as `Option`")),
        value => Err(ValueError::new(format!("{} is not {wanted}", describe(&value)))),
    }
}

fn fault(error: &datajoint_codec::Error) -> ValueError {
    ValueError::new(error.to_string())
}

impl AttributeValue for Object {
    fn into_value(self) -> Result<Value, ValueError> {
        Object::into_value(self).map_err(|error| fault(&error))
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        Self::of_json(document(value, "an object in a store")?).map_err(|error| fault(&error))
    }
}

impl AttributeValue for Npy {
    fn into_value(self) -> Result<Value, ValueError> {
        Ok(Npy::into_value(self))
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        Self::of_json(document(value, "an array in a store")?).map_err(|error| fault(&error))
    }
}
