//! Types and defaults that are the same though databases write them differently.

use datajoint_definition::{AttributeType, CoreType, DefaultValue};

use crate::Attribute;
use crate::compatible::{Fit, fit};

/// True when the column found holds what the attribute declares.
pub(super) fn same_type(declared: &Attribute, found: &Attribute) -> bool {
    if fit(&declared.attribute_type, &found.attribute_type) == Fit::Same {
        return true;
    }
    match (&declared.attribute_type, &found.attribute_type) {
        // Columns of foreign keys don't keep the core type, only what the database made of it.
        (AttributeType::Core(core), AttributeType::Native(native)) if declared.inherited => {
            stands_for(core, &native.text.to_ascii_lowercase())
        }
        _ => false,
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

/// True when both defaults give the same value.
pub(super) fn same_default(declared: &DefaultValue, found: &DefaultValue) -> bool {
    match (declared, found) {
        (DefaultValue::Value(ours), DefaultValue::Value(theirs)) => {
            ours == theirs || same_number(ours, theirs)
        }
        (DefaultValue::CurrentTimestamp(ours), DefaultValue::CurrentTimestamp(theirs)) => {
            precision(ours) == precision(theirs)
        }
        (ours, theirs) => ours == theirs,
    }
}

fn same_number(first: &str, second: &str) -> bool {
    let number = |text: &str| match text.to_ascii_lowercase().as_str() {
        "true" => Some(1.0),
        "false" => Some(0.0),
        text => text.parse::<f64>().ok(),
    };
    match (number(first), number(second)) {
        (Some(first), Some(second)) => first.total_cmp(&second).is_eq(),
        _ => false,
    }
}

fn precision(text: &str) -> &str {
    text.find('(').map_or("", |start| text[start..].trim_matches(['(', ')', ' ']))
}

/// A default in words.
pub(super) fn words(default: &DefaultValue) -> String {
    match default {
        DefaultValue::Required => "no default".to_owned(),
        DefaultValue::Null => "the default null".to_owned(),
        DefaultValue::CurrentTimestamp(text) => format!("the default {text}"),
        DefaultValue::Value(value) => format!("the default `{value}`"),
    }
}
