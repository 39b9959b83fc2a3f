//! Values and statements as bytes that are the same for equal ones, and for no others: for hashes that outlive a program.

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
            Statement { sql: sql.to_owned(), parameters }.canonical()
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
