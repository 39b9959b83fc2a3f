use datajoint_definition::{AttributeType, CoreType, NativeCategory, Store};
use datajoint_schema::Table;
use datajoint_sql::Value;

use crate::ColumnType;

/// Returns the type of a column of a table.
pub(crate) fn stored(table: &Table, name: &str) -> ColumnType {
    let Some(attribute) = table.heading.get(name) else { return ColumnType::Other };
    match &attribute.attribute_type {
        AttributeType::Core(core) => match core {
            CoreType::Int8 | CoreType::Int16 => ColumnType::Int16,
            CoreType::Int32 => ColumnType::Int32,
            CoreType::Int64 => ColumnType::Int64,
            CoreType::Float32 => ColumnType::Float32,
            CoreType::Float64 => ColumnType::Float64,
            CoreType::Decimal { .. } => ColumnType::Decimal,
            CoreType::Bool => ColumnType::Bool,
            CoreType::Char(_) | CoreType::Varchar(_) | CoreType::Enum(_) => ColumnType::Text,
            CoreType::Bytes => ColumnType::Bytes,
            CoreType::Date => ColumnType::Date,
            CoreType::DateTime { .. } => ColumnType::DateTime,
            CoreType::Uuid => ColumnType::Uuid,
            CoreType::Json => ColumnType::Json,
        },
        AttributeType::Codec(codec) if codec.store == Store::Table => ColumnType::Bytes,
        AttributeType::Codec(_) => ColumnType::Json,
        AttributeType::Native(native) if native.category == NativeCategory::Text => ColumnType::Text,
        AttributeType::Native(_) => ColumnType::Other,
    }
}

impl ColumnType {
    /// Returns true for values that have a binary form in a column of this type.
    pub(super) const fn copies(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Other, _) => false,
            (_, Value::Null)
            | (Self::Int16 | Self::Int32 | Self::Int64, Value::Int(_))
            | (Self::Float32, Value::Float32(_))
            | (Self::Float64, Value::Float64(_))
            | (Self::Decimal, Value::Decimal(_))
            | (Self::Bool, Value::Bool(_))
            | (Self::Text, Value::Text(_))
            | (Self::Bytes, Value::Bytes(_))
            | (Self::Date, Value::Date(_))
            | (Self::DateTime, Value::DateTime(_))
            | (Self::Uuid, Value::Uuid(_))
            | (Self::Json, Value::Json(_)) => true,
            _ => false,
        }
    }
}
