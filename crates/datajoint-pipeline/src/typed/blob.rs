//! Blobs kept in the table as attribute values.

use datajoint_blob::{FromBlob, ToBlob};
use datajoint_sql::Value;

use super::ValueError;

/// The bytes of a value as a blob.
pub fn pack<T: ToBlob>(value: &T) -> Result<Value, ValueError> {
    let _ = value;
    Err(ValueError::new("not written"))
}

/// The value of a blob's bytes.
pub fn unpack<T: FromBlob>(value: Value) -> Result<T, ValueError> {
    let _ = value;
    Err(ValueError::new("not written"))
}
