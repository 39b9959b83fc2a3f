//! Values on their way into a statement.

use datajoint_definition::{AttributeType, Backend, CoreType, NativeCategory, Store};
use datajoint_schema::Attribute;

use crate::{Error, Result, Value};

mod convert;
mod encode;
mod number;

pub(crate) use convert::parse_moment;

/// A value in the form in which it is bound for this attribute on this backend.
///
/// Accepts what means the same in the attribute's type: an integer for a decimal, `2024-01-02` as a text for
/// a date. Fails, naming attribute and value, for everything that the column would round, cut, or refuse:
/// out of range, too long, too many digits, no member of the enum, NaN where it can't be stored.
/// [`Value::Null`] and [`Value::Default`] pass.
///
/// ```
/// # use datajoint_definition::{Backend, Tier, parse};
/// # use datajoint_schema::{Declaration, resolve};
/// use datajoint_sql::{Value, bind_value};
///
/// let (definition, _) = parse("scan : int8");
/// # let (table, _) = resolve(&Declaration { schema: "lab", class_name: "Scan", tier: Tier::Manual,
/// #     definition: &definition, parents: &[], master: None });
/// let scan = table.heading.get("scan").unwrap();
/// assert_eq!(bind_value(Backend::Mysql, scan, Value::Text("7".into())), Ok(Value::Int(7)));
/// assert!(bind_value(Backend::Mysql, scan, Value::Int(300)).is_err());
/// ```
pub fn bind_value(backend: Backend, attribute: &Attribute, value: Value) -> Result<Value> {
    bound(backend, attribute, value, Strictness::Stored)
}

/// The same for a value that an attribute is compared with, which need not fit into the column.
pub(crate) fn bind_operand(backend: Backend, attribute: &Attribute, value: Value) -> Result<Value> {
    bound(backend, attribute, value, Strictness::Compared)
}

/// Whether a value must fit into the column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strictness {
    Stored,
    Compared,
}

fn bound(backend: Backend, attribute: &Attribute, value: Value, strictness: Strictness) -> Result<Value> {
    if matches!(value, Value::Null | Value::Default) {
        return Ok(value);
    }
    let shown = show(&value);
    let converted = match &attribute.attribute_type {
        AttributeType::Core(core) => match convert::core(backend, core, value.clone()) {
            Err(_) if strictness == Strictness::Compared && comparable(core, &value) => Ok(value),
            other => other,
        },
        AttributeType::Native(native) => convert::native(native.category, value),
        AttributeType::Codec(codec) if codec.store == Store::Table => {
            convert::native(NativeCategory::Blob, value)
        }
        AttributeType::Codec(_) => convert::core(backend, &CoreType::Json, value),
    };
    converted
        .and_then(|value| encode::encode(backend, &attribute.attribute_type, value))
        .map_err(|advice| fault(attribute, shown, advice))
}

/// True when the value has an order with those of the type, though it isn't one.
fn comparable(core: &CoreType, value: &Value) -> bool {
    match core {
        CoreType::Int8 | CoreType::Int16 | CoreType::Int32 | CoreType::Int64 | CoreType::Decimal { .. } => {
            match value {
                Value::Int(_) | Value::UInt(_) | Value::Decimal(_) => true,
                Value::Float32(number) => number.is_finite(),
                Value::Float64(number) => number.is_finite(),
                _ => false,
            }
        }
        CoreType::Char(_) | CoreType::Varchar(_) => matches!(value, Value::Text(_)),
        CoreType::DateTime { .. } | CoreType::Date => matches!(value, Value::DateTime(_)),
        _ => false,
    }
}

pub(crate) fn fault(attribute: &Attribute, value: String, advice: impl Into<String>) -> Error {
    Error::Value {
        table: None,
        attribute: attribute.name.clone(),
        type_text: attribute.type_text.clone(),
        value,
        advice: advice.into(),
    }
}

/// How much of a value a message shows, in characters.
const LONGEST: usize = 60;

/// A value for messages, shortened.
pub(crate) fn show(value: &Value) -> String {
    let text = match value {
        Value::Null => "NULL".to_owned(),
        Value::Default => "DEFAULT".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::UInt(value) => value.to_string(),
        Value::Float32(value) => value.to_string(),
        Value::Float64(value) => value.to_string(),
        Value::Decimal(value) => value.to_string(),
        Value::Text(value) => format!("{value:?}"),
        Value::Bytes(value) => format!("{} bytes", value.len()),
        Value::Date(value) => value.to_string(),
        Value::Time(value) => value.to_string(),
        Value::DateTime(value) => value.to_string(),
        Value::Uuid(value) => value.to_string(),
        Value::Json(value) => value.to_string(),
    };
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}
