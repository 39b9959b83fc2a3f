//! Rows from JSON and to it.

use datajoint_definition::{AttributeType, CoreType, Store};
use datajoint_schema::Attribute;
use datajoint_sql::Value;
use serde_json::{Map, Number};

use crate::DynamicRow;
use crate::typed::{ValueError, describe};

impl TryFrom<serde_json::Value> for DynamicRow {
    type Error = ValueError;

    /// The row of a JSON object. Numbers, texts, true, false and null become the values they are; how they fit
    /// the attributes is seen when the row is inserted.
    fn try_from(json: serde_json::Value) -> Result<Self, ValueError> {
        match json {
            serde_json::Value::Object(pairs) => Ok(pairs.into()),
            other => Err(ValueError::new(format!("a row is a JSON object, but this is {other}"))),
        }
    }
}

impl From<Map<String, serde_json::Value>> for DynamicRow {
    fn from(pairs: Map<String, serde_json::Value>) -> Self {
        pairs.into_iter().map(|(name, json)| (name, value(json))).collect()
    }
}

fn value(json: serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(truth) => Value::Bool(truth),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(number), ..) => Value::Int(number),
            (None, Some(number), _) => Value::UInt(number),
            (None, None, Some(number)) => Value::Float64(number),
            (None, None, None) => Value::Text(number.to_string()),
        },
        document => Value::Json(Box::new(document)),
    }
}

/// A value that may come from JSON as an attribute of this type has it.
pub(crate) fn fitted(attribute: &Attribute, value: Value) -> Value {
    let is_json = match &attribute.attribute_type {
        AttributeType::Core(core) => *core == CoreType::Json,
        AttributeType::Codec(codec) => codec.store != Store::Table,
        AttributeType::Native(_) => false,
    };
    match value {
        Value::Json(document) if !is_json => match *document {
            serde_json::Value::String(text) => Value::Text(text),
            other => Value::Json(Box::new(other)),
        },
        Value::Bool(truth) if is_json => Value::Json(Box::new(truth.into())),
        Value::Int(number) if is_json => Value::Json(Box::new(number.into())),
        Value::UInt(number) if is_json => Value::Json(Box::new(number.into())),
        Value::Float64(number) if is_json && number.is_finite() => Value::Json(Box::new(number.into())),
        other => other,
    }
}

impl DynamicRow {
    /// The row as a JSON object. Dates, times, decimals and UUIDs become texts.
    ///
    /// Fails on what JSON has no place for: bytes, NaN and infinity.
    pub fn to_json(&self) -> Result<serde_json::Value, ValueError> {
        let pairs = self.iter().map(|(name, value)| Ok((name.to_owned(), json(name, value)?)));
        pairs.collect::<Result<Map<_, _>, _>>().map(serde_json::Value::Object)
    }
}

fn json(name: &str, value: &Value) -> Result<serde_json::Value, ValueError> {
    let unfit = || ValueError::new(format!("{} has no place in JSON", describe(value))).at(name);
    let float = |number| Number::from_f64(number).map(serde_json::Value::Number).ok_or_else(unfit);
    Ok(match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(truth) => (*truth).into(),
        Value::Int(number) => (*number).into(),
        Value::UInt(number) => (*number).into(),
        Value::Float32(number) => float(f64::from(*number))?,
        Value::Float64(number) => float(*number)?,
        Value::Decimal(number) => number.to_string().into(),
        Value::Text(text) => text.as_str().into(),
        Value::Date(date) => date.to_string().into(),
        Value::Time(time) => time.to_string().into(),
        Value::DateTime(time) => time.to_string().into(),
        Value::Uuid(uuid) => uuid.to_string().into(),
        Value::Json(document) => (**document).clone(),
        Value::Default | Value::Bytes(_) => return Err(unfit()),
    })
}
