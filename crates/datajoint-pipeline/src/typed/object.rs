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

/// Nothing, where the library has stores; called by generated code for an attribute whose values lie in one.
#[cfg(feature = "stores")]
#[doc(hidden)]
#[macro_export]
macro_rules! needs_stores {
    ($attribute:literal, $type:literal) => {};
}

/// What refuses an attribute whose values lie in a store; called by generated code.
#[cfg(not(feature = "stores"))]
#[doc(hidden)]
#[macro_export]
macro_rules! needs_stores {
    ($attribute:literal, $type:literal) => {
        ::core::compile_error! { ::core::concat!(
            "`", $attribute, "` keeps its values in a store (`", $type, "`), and `datajoint` is built without stores\n  \
             help: turn on its feature `stores`: `cargo add datajoint --features stores`"
        ) }
    };
}
