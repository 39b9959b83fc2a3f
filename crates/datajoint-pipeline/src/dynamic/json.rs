//! Rows from JSON and to it.

use std::collections::HashSet;

use datajoint_definition::{AttributeType, CoreType};
use datajoint_schema::Attribute;
use datajoint_sql::Value;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
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

impl DynamicRow {
    /// Returns the row that the text of a JSON object says, with every digit of its numbers.
    ///
    /// A [`serde_json::Value`] has numbers as 64-bit floats: read a file by this instead. Fails for a text that is no object,
    /// and for one that has a name twice.
    ///
    /// ```
    /// use datajoint_pipeline::DynamicRow;
    /// use rust_decimal::Decimal;
    ///
    /// let row = DynamicRow::from_json_str(r#"{"id": 1, "price": 12345678901234567.12345678}"#)?;
    /// assert_eq!(row.get::<Decimal>("price")?.to_string(), "12345678901234567.12345678");
    /// assert!(DynamicRow::from_json_str(r#"{"id": 1, "id": 2}"#).is_err());
    /// # Ok::<(), datajoint_pipeline::typed::ValueError>(())
    /// ```
    pub fn from_json_str(text: &str) -> Result<Self, ValueError> {
        let Fields(fields) =
            serde_json::from_str(text).map_err(|error| ValueError::new(error.to_string()))?;
        let mut seen = HashSet::new();
        if let Some((twice, _)) = fields.iter().find(|(name, _)| !seen.insert(name)) {
            return Err(ValueError::new("it stands twice in the row; leave one of them out").at(twice));
        }
        let value = |(name, raw): (String, &RawValue)| match value_of(raw.get()) {
            Ok(value) => Ok((name, value)),
            Err(message) => Err(ValueError::new(message).at(&name)),
        };
        fields.into_iter().map(value).collect()
    }

    /// Returns the rows of a JSON list of objects, each as [`from_json_str`](Self::from_json_str) returns it.
    ///
    /// Fails for a text that is no list, naming the row that is at fault.
    pub fn list_from_json_str(text: &str) -> Result<Vec<Self>, ValueError> {
        let rows: Vec<&RawValue> = serde_json::from_str(text)
            .map_err(|error| ValueError::new(format!("it wants a list of objects, [{{…}}, …]: {error}")))?;
        let row = |(place, raw): (usize, &&RawValue)| {
            Self::from_json_str(raw.get())
                .map_err(|error| ValueError::new(format!("row {}: {error}", place + 1)))
        };
        rows.iter().enumerate().map(row).collect()
    }
}

fn value_of(text: &str) -> Result<Value, String> {
    if text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
        return datajoint_sql::parse_json_number(text);
    }
    datajoint_sql::parse_json(text).map(value)
}

/// The fields of an object in their order, those that stand twice included, as they were written.
struct Fields<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;

        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields<'de>;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a row, which is an object such as {\"id\": 1}")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(FieldsVisitor)
    }
}

/// Gives a value that may come from JSON the form that it has in an attribute of this type.
pub(crate) fn fit(attribute: &Attribute, value: &mut Value) {
    let is_json = match &attribute.attribute_type {
        AttributeType::Core(core) => *core == CoreType::Json,
        // A string is a path to some of them.
        AttributeType::Codec(_) | AttributeType::Native(_) => false,
    };
    let fitted = match value {
        Value::Json(document) if !is_json => match &mut **document {
            serde_json::Value::String(text) => Value::Text(std::mem::take(text)),
            _ => return,
        },
        Value::Bool(truth) if is_json => Value::Json(Box::new((*truth).into())),
        Value::Int(number) if is_json => Value::Json(Box::new((*number).into())),
        Value::UInt(number) if is_json => Value::Json(Box::new((*number).into())),
        Value::Float64(number) if is_json && number.is_finite() => Value::Json(Box::new((*number).into())),
        _ => return,
    };
    *value = fitted;
}

impl DynamicRow {
    /// The row as a JSON object. Dates, times, decimals and UUIDs become texts.
    ///
    /// Fails on what JSON has no place for: bytes, NaN, infinity, and a document that is `null`, which would be no value.
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
        Value::BigDecimal(number) => number.to_plain_string().into(),
        Value::Duration(span) => datajoint_sql::show_span(*span).into(),
        // It would be taken for no value at all.
        Value::Json(document) if document.is_null() => return Err(unfit()),
        Value::Text(text) => text.as_str().into(),
        Value::Date(date) => date.to_string().into(),
        Value::Time(time) => time.to_string().into(),
        Value::DateTime(time) => time.to_string().into(),
        Value::Uuid(uuid) => uuid.to_string().into(),
        Value::Json(document) => (**document).clone(),
        Value::Default => return Err(unfit()),
        Value::Bytes(_) => {
            let problem = "bytes have no place in JSON: leave it out with a projection, write Parquet or Arrow, or export the \
                           rows (`Export`, `dj export`)";
            return Err(ValueError::new(problem).at(name));
        }
    })
}
