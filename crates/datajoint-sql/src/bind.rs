//! Values on their way into a statement.

use bigdecimal::{BigDecimal, Zero as _};
use datajoint_definition::{AttributeType, Backend, CoreType, NativeCategory, NativeType, Store};
use datajoint_schema::Attribute;

use crate::native::Holds;
use crate::{Error, Result, Value, decimal};

mod convert;
mod encode;
mod json;
mod native;
mod number;
mod object;
mod standing;

pub(crate) use convert::parse_moment;
pub(crate) use json::is_too_deep;
pub use json::{Once as JsonOnce, parse as parse_json, parse_number as parse_json_number};
pub use native::{clock, parse_span, show_span};

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

/// Puts a value into the form in which it is bound, as [`bind_value`] does; leaves it alone when it has that form already.
///
/// Made for many values: the most frequent ones are only looked at.
pub fn bind_in_place(backend: Backend, attribute: &Attribute, value: &mut Value) -> Result<()> {
    if !standing::stands(backend, attribute, value) {
        *value = bind_value(backend, attribute, std::mem::take(value))?;
    }
    Ok(())
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

/// The value that a string of a definition or of a catalog stands for: as it is, not in the form in which it is bound.
///
/// Fails for what [`bind_value`] refuses, and for a whole number that is no float where the type has floats.
pub(crate) fn value_of(backend: Backend, attribute: &Attribute, text: &str) -> Result<Value> {
    // A zero may have a sign, which decimal numbers don't.
    let is_whole =
        |number: &BigDecimal| number.is_integer() && !number.is_zero() && holds_floats(backend, attribute);
    let given = decimal::parse(text.trim()).filter(is_whole);
    let given = given.map_or_else(|| Value::Text(text.to_owned()), decimal::value);
    let fault = |advice| fault(attribute, show(&Value::Text(text.to_owned())), advice);
    let value = converted(backend, attribute, given, Strictness::Stored).map_err(fault)?;
    encode::encode(backend, &attribute.attribute_type, value.clone()).map_err(fault)?;
    Ok(value)
}

fn is_number(backend: Backend, attribute: &Attribute) -> bool {
    match &attribute.attribute_type {
        AttributeType::Core(core) => matches!(
            core,
            CoreType::Int8
                | CoreType::Int16
                | CoreType::Int32
                | CoreType::Int64
                | CoreType::Float32
                | CoreType::Float64
                | CoreType::Decimal { .. }
        ),
        AttributeType::Native(native) => {
            let holds = Holds::of(backend, native);
            matches!(holds, Holds::Integer { .. } | Holds::Decimal { .. }) || holds_floats(backend, attribute)
        }
        AttributeType::Codec(_) => false,
    }
}

fn holds_floats(backend: Backend, attribute: &Attribute) -> bool {
    match &attribute.attribute_type {
        AttributeType::Core(core) => matches!(core, CoreType::Float32 | CoreType::Float64),
        AttributeType::Native(native) => {
            matches!(Holds::of(backend, native), Holds::Float32 { .. } | Holds::Float64 { .. })
        }
        AttributeType::Codec(_) => false,
    }
}

fn bound(backend: Backend, attribute: &Attribute, value: Value, strictness: Strictness) -> Result<Value> {
    if matches!(value, Value::Null | Value::Default) {
        return Ok(value);
    }
    let shown = show(&value);
    converted(backend, attribute, value, strictness)
        .and_then(|value| encode::encode(backend, &attribute.attribute_type, value))
        .map_err(|advice| fault(attribute, shown, advice))
}

/// A value of the attribute's type, or what is wrong with it.
fn converted(
    backend: Backend,
    attribute: &Attribute,
    value: Value,
    strictness: Strictness,
) -> Result<Value, String> {
    let value = match value {
        // SQL compares truth with numbers; stored as one it would be a mistake.
        Value::Bool(truth) if strictness == Strictness::Compared && is_number(backend, attribute) => {
            Value::Int(i64::from(truth))
        }
        value => value,
    };
    match &attribute.attribute_type {
        AttributeType::Core(core) => match convert::core(backend, core, value.clone()) {
            Err(_) if strictness == Strictness::Compared && comparable(core, &value) => Ok(value),
            other => other,
        },
        AttributeType::Native(native) => match native::native(backend, native, value.clone()) {
            Err(_) if strictness == Strictness::Compared && is_of_kind(native, &value) => Ok(value),
            other => other,
        },
        AttributeType::Codec(codec) if codec.store == Store::Table => convert::bytes(value),
        AttributeType::Codec(codec) => convert::core(backend, &CoreType::Json, value).and_then(|value| {
            if let (Strictness::Stored, Value::Json(document)) = (strictness, &value) {
                object::check(codec, document)?;
            }
            Ok(value)
        }),
    }
}

/// True unless bytes are compared with what holds none.
fn is_of_kind(native: &NativeType, value: &Value) -> bool {
    !matches!(value, Value::Bytes(_)) || native.category == NativeCategory::Blob
}

/// True when the value has an order with those of the type, though it isn't one.
fn comparable(core: &CoreType, value: &Value) -> bool {
    match core {
        CoreType::Int8
        | CoreType::Int16
        | CoreType::Int32
        | CoreType::Int64
        | CoreType::Float32
        | CoreType::Float64
        | CoreType::Decimal { .. } => match value {
            Value::Int(_) | Value::UInt(_) | Value::Decimal(_) | Value::BigDecimal(_) => true,
            Value::Float32(number) => number.is_finite(),
            Value::Float64(number) => number.is_finite(),
            _ => false,
        },
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

/// Returns a value for messages, shortened.
pub fn show(value: &Value) -> String {
    let text = match value {
        Value::Null => "NULL".to_owned(),
        Value::Default => "DEFAULT".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::UInt(value) => value.to_string(),
        Value::Float32(value) => value.to_string(),
        Value::Float64(value) => value.to_string(),
        Value::Decimal(value) => value.to_string(),
        Value::BigDecimal(value) => value.to_plain_string(),
        Value::Duration(value) => show_span(*value),
        Value::Text(value) => format!("{value:?}"),
        Value::Bytes(value) => datajoint_definition::count(value.len(), "byte"),
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
