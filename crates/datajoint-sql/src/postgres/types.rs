use datajoint_definition::{AttributeType, CoreType, Store};
use datajoint_schema::{Attribute, TableName};

use super::enumeration;

/// The type of a column of `table`.
pub(super) fn column_type(table: &TableName, attribute: &Attribute) -> String {
    match &attribute.attribute_type {
        AttributeType::Core(CoreType::Enum(members)) => enumeration::reference(table, attribute, members),
        AttributeType::Core(core) => core_type(core, attribute.inherited),
        AttributeType::Native(native) => native.text.clone(),
        AttributeType::Codec(codec) => {
            if codec.store == Store::Table {
                "bytea".to_owned()
            } else {
                "jsonb".to_owned()
            }
        }
    }
}

/// The type that a value of a native type is cast to: `serial` names a column, not a type.
pub(super) fn compared(native: &str) -> &str {
    match native.to_ascii_lowercase().as_str() {
        "smallserial" | "serial2" => "smallint",
        "serial" | "serial4" => "integer",
        "bigserial" | "serial8" => "bigint",
        _ => native,
    }
}

fn core_type(core: &CoreType, inherited: bool) -> String {
    match core {
        CoreType::Int8 | CoreType::Int16 => "smallint".to_owned(),
        CoreType::Int32 => "integer".to_owned(),
        CoreType::Int64 => "bigint".to_owned(),
        CoreType::Float32 => "real".to_owned(),
        CoreType::Float64 => "double precision".to_owned(),
        CoreType::Bool => "boolean".to_owned(),
        CoreType::Uuid => "uuid".to_owned(),
        CoreType::Json => "jsonb".to_owned(),
        CoreType::Bytes => "bytea".to_owned(),
        CoreType::Date => "date".to_owned(),
        CoreType::DateTime { precision: None } => "timestamp".to_owned(),
        CoreType::DateTime { precision: Some(precision) } => format!("timestamp({precision})"),
        CoreType::Char(length) => format!("char({length})"),
        CoreType::Varchar(length) => format!("varchar({length})"),
        // Foreign keys have it as Python reads it back from the parent.
        CoreType::Decimal { precision, scale: 0 } if inherited => format!("decimal({precision})"),
        CoreType::Decimal { precision, scale } if inherited => format!("decimal({precision},{scale})"),
        CoreType::Decimal { precision, scale } => format!("numeric({precision},{scale})"),
        CoreType::Enum(_) => "text".to_owned(),
    }
}
