use chrono::{Datelike as _, Timelike as _};
use datajoint_definition::{AttributeType, Backend, CoreType, Store};
use datajoint_schema::Attribute;

use crate::Value;

/// Returns true for the most frequent values that are bound as they are; all others are looked at more closely.
///
/// It may say no to any value, and yes only to what [`bind_value`](super::bind_value) returns unchanged.
pub(super) fn stands(backend: Backend, attribute: &Attribute, value: &Value) -> bool {
    match (value, &attribute.attribute_type) {
        (Value::Null | Value::Default, _) | (Value::Bytes(_), AttributeType::Core(CoreType::Bytes)) => true,
        (Value::Int(number), AttributeType::Core(core)) => match core {
            CoreType::Int8 => i8::try_from(*number).is_ok(),
            CoreType::Int16 => i16::try_from(*number).is_ok(),
            CoreType::Int32 => i32::try_from(*number).is_ok(),
            CoreType::Int64 => true,
            _ => false,
        },
        (Value::Float64(number), AttributeType::Core(CoreType::Float64)) => number.is_finite(),
        (Value::Float32(number), AttributeType::Core(CoreType::Float32)) => {
            number.is_finite() && backend.capability().has_float32
        }
        (Value::DateTime(moment), AttributeType::Core(CoreType::DateTime { .. })) => {
            !backend.capability().has_storage_classes
                && moment.nanosecond() == 0
                && (1..=9999).contains(&moment.year())
        }
        (Value::Text(text), AttributeType::Core(CoreType::Varchar(length))) => {
            text.len() <= *length as usize
                && (backend.capability().has_nul_in_strings || !text.contains('\0'))
        }
        (Value::Text(text), AttributeType::Core(CoreType::Enum(members))) => members.contains(text),
        (Value::Bool(_), AttributeType::Core(CoreType::Bool)) => backend.capability().has_boolean,
        (Value::Uuid(_), AttributeType::Core(CoreType::Uuid)) => backend.capability().has_uuid,
        (Value::Bytes(_), AttributeType::Codec(codec)) => codec.store == Store::Table,
        _ => false,
    }
}
