//! Values and statements as bytes that are the same for equal ones, and for no others: for hashes that outlive a program.

use bigdecimal::BigDecimal;

use crate::{Statement, Value};

impl Value {
    /// Returns bytes that no other value has, the same in every release of this library.
    ///
    /// ```
    /// use datajoint_sql::Value;
    ///
    /// assert_ne!(Value::Int(1).canonical(), Value::Text("1".to_owned()).canonical());
    /// ```
    pub fn canonical(&self) -> Vec<u8> {
        // Each kind has its letter for ever: a new one takes a new letter.
        let (kind, content): (u8, Vec<u8>) = match self {
            Self::Null => (b'n', Vec::new()),
            Self::Default => (b'd', Vec::new()),
            Self::Bool(value) => (b'b', vec![u8::from(*value)]),
            Self::Int(value) => (b'i', value.to_be_bytes().into()),
            Self::UInt(value) => (b'u', value.to_be_bytes().into()),
            Self::Float32(value) => (b'f', value.to_bits().to_be_bytes().into()),
            Self::Float64(value) => (b'F', value.to_bits().to_be_bytes().into()),
            Self::Decimal(value) => (b'm', value.to_string().into()),
            Self::BigDecimal(value) => {
                let (digits, scale) = value.as_bigint_and_exponent();
                (b'M', format!("{digits}e-{scale}").into())
            }
            Self::Text(value) => (b't', value.as_bytes().into()),
            Self::Bytes(value) => (b'x', value.clone()),
            Self::Date(value) => (b'D', value.format("%Y-%m-%d").to_string().into()),
            Self::Time(value) => (b'T', value.format("%H:%M:%S%.9f").to_string().into()),
            Self::Duration(value) => {
                let mut content: Vec<u8> = value.num_seconds().to_be_bytes().into();
                content.extend(value.subsec_nanos().to_be_bytes());
                (b'p', content)
            }
            Self::DateTime(value) => (b'S', value.format("%Y-%m-%d %H:%M:%S%.9f").to_string().into()),
            Self::Uuid(value) => (b'U', value.as_bytes().to_vec()),
            Self::Json(value) => {
                let mut content = Vec::new();
                document(&mut content, value);
                (b'j', content)
            }
        };
        let mut bytes = vec![kind];
        bytes.extend(content);
        bytes
    }
}

/// Returns bytes that values have in common with those that databases take for the same key, and with no others: zeros of
/// either sign are one, as are a number with a sign and without, and a decimal however many zeros it ends in.
///
/// ```
/// use datajoint_sql::{Value, key_bytes};
///
/// assert_eq!(key_bytes(&[Value::Float64(-0.0)]), key_bytes(&[Value::Float64(0.0)]));
/// assert_ne!(key_bytes(&[Value::Int(1)]), key_bytes(&[Value::Text("1".to_owned())]));
/// ```
pub fn key_bytes(values: &[Value]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for value in values {
        let one = match value {
            Value::Float32(number) if number.is_nan() => Value::Float32(f32::NAN).canonical(),
            Value::Float64(number) if number.is_nan() => Value::Float64(f64::NAN).canonical(),
            // Adding zero takes the sign from a zero alone.
            Value::Float32(number) => Value::Float32(number + 0.0).canonical(),
            Value::Float64(number) => Value::Float64(number + 0.0).canonical(),
            Value::Decimal(number) => Value::BigDecimal(Box::new(
                BigDecimal::new(number.mantissa().into(), number.scale().into()).normalized(),
            ))
            .canonical(),
            Value::BigDecimal(number) => Value::BigDecimal(Box::new(number.normalized())).canonical(),
            Value::UInt(number) => i64::try_from(*number)
                .map_or_else(|_| value.canonical(), |number| Value::Int(number).canonical()),
            other => other.canonical(),
        };
        part(&mut bytes, &one);
    }
    bytes
}

impl Statement {
    /// Returns bytes that no other statement has, nor the same one with other values.
    pub fn canonical(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        part(&mut bytes, self.sql.as_bytes());
        for value in &self.parameters {
            part(&mut bytes, &value.canonical());
        }
        bytes
    }
}

/// Adds a part with its length before it, so that where one ends and the next begins counts.
fn part(bytes: &mut Vec<u8>, part: &[u8]) {
    bytes.extend((part.len() as u64).to_be_bytes());
    bytes.extend(part);
}

/// A document, the fields of its objects in the order of their names.
fn document(bytes: &mut Vec<u8>, value: &serde_json::Value) {
    match value {
        serde_json::Value::Array(items) => {
            bytes.push(b'[');
            part(bytes, &(items.len() as u64).to_be_bytes());
            for item in items {
                document(bytes, item);
            }
        }
        serde_json::Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| *name);
            bytes.push(b'{');
            part(bytes, &(fields.len() as u64).to_be_bytes());
            for (name, value) in fields {
                part(bytes, name.as_bytes());
                document(bytes, value);
            }
        }
        single => {
            bytes.push(b'=');
            part(bytes, single.to_string().as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveDate, NaiveTime, TimeDelta};
    use serde_json::json;

    use super::*;

    #[test]
    fn no_two_values_have_the_same_bytes() {
        let text = |text: &str| Value::Text(text.to_owned());
        let json = |value| Value::Json(Box::new(value));
        let (day, noon) = (NaiveDate::default(), NaiveTime::MIN);
        let values = [
            Value::Null,
            Value::Default,
            Value::Bool(false),
            Value::Bool(true),
            Value::Int(0),
            Value::Int(1),
            Value::Int(-1),
            Value::UInt(1),
            Value::Float32(1.0),
            Value::Float64(1.0),
            Value::Float64(0.0),
            Value::Float64(-0.0),
            Value::Float64(f64::NAN),
            Value::Decimal("1.0".parse().unwrap()),
            Value::Decimal("1.00".parse().unwrap()),
            Value::BigDecimal(Box::new("1".parse().unwrap())),
            text(""),
            text("1"),
            text("null"),
            Value::Bytes(Vec::new()),
            Value::Bytes(b"1".to_vec()),
            Value::Date(day),
            Value::Time(noon),
            Value::DateTime(day.and_time(noon)),
            Value::Duration(TimeDelta::seconds(1)),
            Value::Duration(TimeDelta::nanoseconds(1)),
            Value::Uuid(uuid::Uuid::nil()),
            json(json!(null)),
            json(json!("1")),
            json(json!(1)),
            json(json!([1])),
            json(json!([[1]])),
            json(json!([1, 1])),
            json(json!({"a": 1})),
            json(json!({"a": "1"})),
        ];
        let found: std::collections::BTreeSet<Vec<u8>> = values.iter().map(Value::canonical).collect();
        assert_eq!(found.len(), values.len());
    }

    #[test]
    fn values_that_are_one_key_have_the_same_bytes_and_no_others_do() {
        let decimal = |text: &str| Value::Decimal(text.parse().unwrap());
        let big = |text: &str| Value::BigDecimal(Box::new(text.parse().unwrap()));
        let text = |text: &str| Value::Text(text.to_owned());
        let keys = [
            vec![vec![Value::Float64(0.0)], vec![Value::Float64(-0.0)]],
            vec![vec![Value::Float32(0.0)], vec![Value::Float32(-0.0)]],
            vec![vec![Value::Float64(f64::NAN)], vec![Value::Float64(-f64::NAN)]],
            vec![vec![decimal("1.0")], vec![decimal("1.00")], vec![big("1")], vec![big("1.000")]],
            vec![vec![decimal("100")], vec![decimal("100.0")], vec![big("1e2")]],
            vec![vec![decimal("0")], vec![decimal("0.00")], vec![decimal("-0.0")], vec![big("0")]],
            vec![vec![Value::Int(1)], vec![Value::UInt(1)]],
            vec![vec![Value::UInt(u64::MAX)]],
            vec![vec![text("1")]],
            vec![vec![text("a"), text("b")]],
            vec![vec![text("ab"), text("")]],
            vec![vec![text("a\u{1f}b")]],
            vec![vec![Value::Null]],
            vec![Vec::new()],
        ];
        let mut found = std::collections::BTreeMap::new();
        for (number, same) in keys.iter().enumerate() {
            for values in same {
                let known = *found.entry(key_bytes(values)).or_insert(number);
                assert_eq!(known, number, "{values:?} is one key with {:?}", keys[known]);
            }
        }
        assert_eq!(found.len(), keys.len(), "what is one key has the same bytes");
    }

    /// These bytes are in hashes that people have written down: they stay.
    #[test]
    fn the_bytes_stay_the_same() {
        assert_eq!(Value::Int(258).canonical(), [b'i', 0, 0, 0, 0, 0, 0, 1, 2]);
        assert_eq!(Value::Text("ä".to_owned()).canonical(), [b't', 0xc3, 0xa4]);
        let one = serde_json::from_str(r#"{"b": 1, "a": [true]}"#).unwrap();
        let other = serde_json::from_str(r#"{"a": [true], "b": 1}"#).unwrap();
        assert_eq!(Value::Json(one).canonical(), Value::Json(other).canonical());
    }

    #[test]
    fn where_a_part_of_a_statement_ends_counts() {
        let of = |sql: &str, values: &[&str]| {
            let parameters = values.iter().map(|value| Value::Text((*value).to_owned())).collect();
            Statement { sql: sql.to_owned(), parameters, ..Statement::default() }.canonical()
        };
        let all = [
            of("a", &["b", "c"]),
            of("a", &["bc"]),
            of("ab", &["c"]),
            of("a", &["b", "c", ""]),
            of("a", &[]),
        ];
        let found: std::collections::BTreeSet<&Vec<u8>> = all.iter().collect();
        assert_eq!(found.len(), all.len());
    }
}
