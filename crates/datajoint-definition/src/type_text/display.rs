//! Types to text.

use std::fmt;

use crate::{AttributeType, CodecType, CoreType, NativeType, Store};

impl fmt::Display for AttributeType {
    /// The type in its usual spelling, which parses to the same type.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Core(core) => core.fmt(formatter),
            Self::Native(native) => native.fmt(formatter),
            Self::Codec(codec) => codec.fmt(formatter),
        }
    }
}

impl fmt::Display for CoreType {
    /// The type in its usual spelling, whatever the definition wrote.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int8 => formatter.write_str("int8"),
            Self::Int16 => formatter.write_str("int16"),
            Self::Int32 => formatter.write_str("int32"),
            Self::Int64 => formatter.write_str("int64"),
            Self::Float32 => formatter.write_str("float32"),
            Self::Float64 => formatter.write_str("float64"),
            Self::Bool => formatter.write_str("bool"),
            Self::Uuid => formatter.write_str("uuid"),
            Self::Json => formatter.write_str("json"),
            Self::Bytes => formatter.write_str("bytes"),
            Self::Date => formatter.write_str("date"),
            Self::DateTime { precision: None } => formatter.write_str("datetime"),
            Self::DateTime { precision: Some(precision) } => write!(formatter, "datetime({precision})"),
            Self::Char(length) => write!(formatter, "char({length})"),
            Self::Varchar(length) => write!(formatter, "varchar({length})"),
            Self::Enum(members) => {
                let members: Vec<String> = members.iter().map(|member| member.replace('\'', "''")).collect();
                write!(formatter, "enum('{}')", members.join("', '"))
            }
            Self::Decimal { precision, scale } => write!(formatter, "decimal({precision}, {scale})"),
        }
    }
}

impl fmt::Display for NativeType {
    /// The type as written.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Display for CodecType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.store {
            Store::Table => write!(formatter, "<{}>", self.name),
            Store::Default => write!(formatter, "<{}@>", self.name),
            Store::Named(store) => write!(formatter, "<{}@{store}>", self.name),
        }
    }
}
