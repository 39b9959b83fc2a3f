//! Blobs kept in the table as attribute values.

use datajoint_blob::{FromBlob, ToBlob};
use datajoint_sql::Value;

use super::ValueError;
use super::value::describe;

/// The bytes of a value as a blob.
pub fn pack<T: ToBlob>(value: &T) -> Result<Value, ValueError> {
    datajoint_blob::pack(value).map(Value::Bytes).map_err(|error| ValueError::new(error.to_string()))
}

/// The value of a blob's bytes.
pub fn unpack<T: FromBlob>(value: Value) -> Result<T, ValueError> {
    match value {
        Value::Bytes(bytes) => {
            datajoint_blob::unpack_as(&bytes).map_err(|error| ValueError::new(error.to_string()))
        }
        Value::Null => Err(ValueError::new("is null; read it as `Option`")),
        value => Err(ValueError::new(format!("{} is not a blob", describe(&value)))),
    }
}
