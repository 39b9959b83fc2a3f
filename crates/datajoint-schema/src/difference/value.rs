//! Types that are the same though databases write them differently.

use datajoint_definition::{AttributeType, CoreType, DefaultValue, NativeCategory, Store};

use crate::Attribute;
use crate::compatible::{Fit, fit};

/// True when the column found holds what the attribute declares.
pub(super) fn same_type(declared: &Attribute, found: &Attribute) -> bool {
    if fit(&declared.attribute_type, &found.attribute_type) == Fit::Same {
        return true;
    }
    if let Some(stored) = stored_as(found) {
        return stored == storage(&declared.attribute_type);
    }
    match (&declared.attribute_type, &found.attribute_type) {
        // Columns of foreign keys don't keep the core type, only what the database made of it.
        (AttributeType::Core(core), AttributeType::Native(native)) if declared.inherited => {
            stands_for(core, &native.text.to_ascii_lowercase())
        }
        _ => false,
    }
}

/// True when both name their type in the same way: `int` and `int32` hold the same, and are marked differently.
pub(super) fn same_spelling(first: &Attribute, second: &Attribute) -> bool {
    let is_core = |attribute: &Attribute| matches!(attribute.attribute_type, AttributeType::Core(_));
    is_core(first) == is_core(second)
}

/// How SQLite keeps the values of a column that says nothing else of its type, as one does that was added by hand.
pub(super) fn stored_as(found: &Attribute) -> Option<&str> {
    Some(found.type_text.as_str()).filter(|text| ["INT", "REAL", "TEXT", "BLOB"].contains(text))
}

/// How SQLite keeps the values of a type.
fn storage(attribute_type: &AttributeType) -> &'static str {
    match attribute_type {
        AttributeType::Core(core) => match core {
            CoreType::Int8 | CoreType::Int16 | CoreType::Int32 | CoreType::Int64 | CoreType::Bool => "INT",
            CoreType::Float32 | CoreType::Float64 | CoreType::Decimal { .. } => "REAL",
            CoreType::Uuid | CoreType::Bytes => "BLOB",
            CoreType::Json
            | CoreType::Date
            | CoreType::DateTime { .. }
            | CoreType::Char(_)
            | CoreType::Varchar(_)
            | CoreType::Enum(_) => "TEXT",
        },
        AttributeType::Native(native) => match native.category {
            NativeCategory::Integer => "INT",
            NativeCategory::Numeric | NativeCategory::Float => "REAL",
            NativeCategory::String | NativeCategory::Temporal | NativeCategory::Text => "TEXT",
            NativeCategory::Blob => "BLOB",
        },
        AttributeType::Codec(codec) if codec.store == Store::Table => "BLOB",
        AttributeType::Codec(_) => "TEXT",
    }
}

fn stands_for(core: &CoreType, native: &str) -> bool {
    let base = native.split('(').next().unwrap_or(native).trim();
    match core {
        CoreType::Int8 => matches!(base, "tinyint" | "smallint"),
        CoreType::Bool => matches!(base, "tinyint" | "boolean" | "bool"),
        CoreType::Float64 => matches!(base, "double" | "double precision"),
        CoreType::Uuid => native == "binary(16)" || base == "uuid",
        CoreType::DateTime { .. } => base.starts_with("timestamp") || base == "datetime",
        CoreType::Enum(_) => base.trim_matches('"').contains("enum_") || base == "enum",
        CoreType::Decimal { precision, scale: 0 } => {
            [format!("decimal({precision})"), format!("numeric({precision})")]
                .iter()
                .any(|text| text == native)
        }
        CoreType::Decimal { precision, scale } => native == format!("numeric({precision},{scale})"),
        CoreType::Json => matches!(base, "jsonb" | "longtext"),
        CoreType::Bytes => matches!(base, "bytea" | "longblob"),
        _ => false,
    }
}

/// A default in words.
pub(super) fn words(default: &DefaultValue) -> String {
    match default {
        DefaultValue::Required => "no default".to_owned(),
        DefaultValue::Null => "the default null".to_owned(),
        now @ DefaultValue::CurrentTimestamp { .. } => format!("the default {now}"),
        DefaultValue::Value(value) => format!("the default `{value}`"),
        DefaultValue::OfServer(found) => crate::unsaid::of_server(found),
    }
}
