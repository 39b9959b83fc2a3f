use chrono::NaiveDate;
use datajoint_definition::{AttributeType, Backend, CoreType, NativeType, Store};
use datajoint_schema::{Attribute, TableName};
use uuid::Uuid;

use crate::bind::{clock, fault, is_too_deep, parse_json, parse_moment, parse_span, show};
use crate::native::Holds;
use crate::{Error, Result, Select, Value, decimal};

/// A fetched value in the form of the attribute's type, the same for every backend.
///
/// `Bytes` of a UUID column become [`Value::Uuid`], integers of a bool [`Value::Bool`], texts of SQLite's dates
/// [`Value::Date`], and so on; the blanks with which PostgreSQL fills up `char(n)` go. Fails for what can't be
/// a value of the type.
///
/// ```
/// # use std::sync::Arc;
/// # use datajoint_definition::{Backend, Tier, parse};
/// # use datajoint_schema::{Declaration, resolve};
/// use datajoint_sql::{Value, read_value};
///
/// # let (definition, _) = parse("scan : int8\n---\nnote='' : varchar(80)");
/// # let (scan, _) = resolve(&Declaration { schema: "lab", class_name: "Scan", tier: Tier::Manual,
/// #     definition: &definition, parents: &[], master: None });
/// let number = scan.heading.get("scan").unwrap();
/// assert_eq!(read_value(number, Value::UInt(7))?, Value::Int(7));
/// # Ok::<_, datajoint_sql::Error>(())
/// ```
pub fn read_value(attribute: &Attribute, value: Value) -> Result<Value> {
    if value == Value::Null {
        return Ok(value);
    }
    let read = match &attribute.attribute_type {
        AttributeType::Core(core) => read_core(core, value),
        AttributeType::Native(native) => read_native(native, value),
        AttributeType::Codec(codec) if codec.store == Store::Table => read_core(&CoreType::Bytes, value),
        AttributeType::Codec(_) => read_core(&CoreType::Json, value),
    };
    read.map_err(|value| {
        let shown = match (too_deep(attribute, &value), show(&value)) {
            (true, shown) => format!("{shown}, with more lists and objects within each other than are read"),
            (false, shown) => shown,
        };
        fault(attribute, shown, "the database holds something else than declared; compare its column")
    })
}

/// True for a document that can't be read since it is too deep.
fn too_deep(attribute: &Attribute, value: &Value) -> bool {
    let text = match value {
        Value::Text(text) => text.as_str(),
        Value::Bytes(bytes) => std::str::from_utf8(bytes).unwrap_or_default(),
        _ => return false,
    };
    let is_json = match &attribute.attribute_type {
        AttributeType::Core(core) => *core == CoreType::Json,
        AttributeType::Codec(codec) => codec.store != Store::Table,
        AttributeType::Native(_) => false,
    };
    is_json && is_too_deep(text)
}

impl Select {
    /// The table that a column's values come from, where it is one.
    pub fn table_of(&self, column: usize) -> Option<&TableName> {
        self.tables.get(column).and_then(Option::as_ref).map(|table| &table.name)
    }

    /// Puts the values of a fetched row into the form of their attributes' types, as [`read_value`] does.
    ///
    /// Fails, naming the table and the key of the row, for a value that its attribute can't have.
    pub fn read(&self, values: &mut [Value]) -> Result<()> {
        for (place, attribute) in self.heading.all().iter().enumerate().take(values.len()) {
            let value = std::mem::take(&mut values[place]);
            match read_value(attribute, value) {
                Ok(value) => values[place] = value,
                Err(Error::Value { attribute, type_text, value, .. }) => {
                    let table = self.tables.get(place).and_then(Option::as_ref);
                    return Err(Error::Unreadable {
                        table: table.map(|table| Box::new(table.name.clone())),
                        key: self.key(values),
                        attribute,
                        type_text,
                        value,
                    });
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// What is known of the key of a row: `subject_id=7, session=2`.
    fn key(&self, values: &[Value]) -> String {
        let attributes = self.heading.all().iter().zip(values);
        let parts = attributes.filter(|(attribute, value)| attribute.in_key && **value != Value::Null);
        parts
            .map(|(attribute, value)| format!("{}={}", attribute.name, show(value)))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// The value, or what was given when it is none of this type.
fn read_core(core: &CoreType, value: Value) -> std::result::Result<Value, Value> {
    match core {
        CoreType::Int8 | CoreType::Int16 | CoreType::Int32 | CoreType::Int64 => integer(value),
        CoreType::Float32 => float32(value),
        CoreType::Float64 => float64(value),
        CoreType::Bool => match value {
            Value::Bool(_) => Ok(value),
            Value::Int(0) | Value::UInt(0) => Ok(Value::Bool(false)),
            Value::Int(1) | Value::UInt(1) => Ok(Value::Bool(true)),
            other => Err(other),
        },
        CoreType::Uuid => match &value {
            Value::Uuid(_) => Ok(value),
            Value::Bytes(bytes) => Uuid::from_slice(bytes).map(Value::Uuid).map_err(|_| value),
            Value::Text(text) => Uuid::parse_str(text).map(Value::Uuid).map_err(|_| value),
            _ => Err(value),
        },
        CoreType::Json => json(value),
        CoreType::Bytes => match value {
            Value::Bytes(_) => Ok(value),
            other => Err(other),
        },
        CoreType::Date => match &value {
            Value::Date(_) => Ok(value),
            Value::Text(text) => {
                NaiveDate::parse_from_str(text, "%Y-%m-%d").map(Value::Date).map_err(|_| value)
            }
            _ => Err(value),
        },
        CoreType::DateTime { .. } => match &value {
            Value::DateTime(_) => Ok(value),
            Value::Text(text) => parse_moment(text).map(Value::DateTime).ok_or(value),
            _ => Err(value),
        },
        CoreType::Char(_) => text(value).map(|value| match value {
            Value::Text(text) => Value::Text(text.trim_end_matches(' ').to_owned()),
            other => other,
        }),
        CoreType::Varchar(_) | CoreType::Enum(_) => text(value),
        CoreType::Decimal { scale, .. } => decimal(value, *scale),
    }
}

fn integer(value: Value) -> std::result::Result<Value, Value> {
    match value {
        Value::Int(_) => Ok(value),
        Value::UInt(number) => i64::try_from(number).map(Value::Int).map_err(|_| value),
        other => Err(other),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "it was a 32-bit float when it was stored")]
fn float32(value: Value) -> std::result::Result<Value, Value> {
    match value {
        Value::Float32(_) => Ok(value),
        Value::Float64(number) => Ok(Value::Float32(number as f32)),
        other => Err(other),
    }
}

fn float64(value: Value) -> std::result::Result<Value, Value> {
    match value {
        Value::Float64(_) => Ok(value),
        Value::Float32(number) => Ok(Value::Float64(f64::from(number))),
        other => Err(other),
    }
}

fn json(value: Value) -> std::result::Result<Value, Value> {
    let parsed = match &value {
        Value::Json(_) => return Ok(value),
        Value::Text(text) => parse_json(text).ok(),
        Value::Bytes(bytes) => std::str::from_utf8(bytes).ok().and_then(|text| parse_json(text).ok()),
        _ => None,
    };
    parsed.map(|document| Value::Json(Box::new(document))).ok_or(value)
}

fn text(value: Value) -> std::result::Result<Value, Value> {
    match value {
        Value::Text(_) => Ok(value),
        Value::Bytes(bytes) => {
            String::from_utf8(bytes).map(Value::Text).map_err(|error| Value::Bytes(error.into_bytes()))
        }
        other => Err(other),
    }
}

/// The number with so many digits after the point, or more if it has more.
fn decimal(value: Value, scale: u8) -> std::result::Result<Value, Value> {
    if matches!(&value, Value::Decimal(number) if number.scale() == u32::from(scale)) {
        return Ok(value);
    }
    let number = match &value {
        // Beyond the digits that a float keeps, it need not be the number that is meant.
        Value::Float64(number) if number.abs() * 10_f64.powi(i32::from(scale)) < 1e15 => {
            let text = format!("{number:.*}", usize::from(scale));
            decimal::parse(&text).filter(|_| text.parse() == Ok(*number))
        }
        Value::Float64(_) => None,
        other => decimal::exact(other),
    };
    let Some(number) = number else { return Err(value) };
    let (_, after) = decimal::digits(&number);
    let scale = after.max(i64::from(scale));
    Ok(decimal::with_scale(&number, u8::try_from(scale).unwrap_or(u8::MAX)))
}

/// The value of a type of one database, in the form that it has on every backend where it is.
fn read_native(native: &NativeType, value: Value) -> std::result::Result<Value, Value> {
    // Where backends differ in what a type holds, what they give for it tells.
    match (Holds::of(Backend::Mysql, native), value) {
        (Holds::Integer { .. } | Holds::Year, Value::Text(text)) => match text.parse::<u64>() {
            Ok(number) => Ok(i64::try_from(number).map_or(Value::UInt(number), Value::Int)),
            Err(_) => text.parse().map(Value::Int).map_err(|_| Value::Text(text)),
        },
        // Of a sum, which may have more digits than the numbers.
        (Holds::Integer { .. }, value @ (Value::Decimal(_) | Value::BigDecimal(_))) => {
            let text = decimal::exact(&value)
                .map(|number| number.normalized().to_plain_string())
                .unwrap_or_default();
            Ok(match (text.parse(), text.parse()) {
                (Ok(number), _) => Value::Int(number),
                (_, Ok(number)) => Value::UInt(number),
                _ => value,
            })
        }
        (Holds::Decimal { digits, .. }, value) => decimal(value, digits.map_or(0, |(_, scale)| scale)),
        (Holds::Time { .. }, Value::Text(text)) => parse_span(&text).map(clock).ok_or(Value::Text(text)),
        (Holds::DateTime { .. }, Value::Text(text)) => {
            parse_moment(&text).map(Value::DateTime).ok_or(Value::Text(text))
        }
        (Holds::Text { .. }, value) => Ok(text(value).unwrap_or_else(|value| value)),
        (_, value) => Ok(value),
    }
}
