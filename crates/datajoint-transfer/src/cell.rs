//! Values as JSON: null, true, false, whole numbers and texts as they are, others as an object that names their kind.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use datajoint_sql::Value;
use md5::{Digest as _, Md5};
use serde_json::{Value as Json, json};

/// A value as JSON.
pub(crate) fn written(value: &Value) -> Json {
    match value {
        Value::Null | Value::Default => Json::Null,
        Value::Bool(truth) => json!(truth),
        Value::Int(number) => json!(number),
        Value::UInt(number) => json!(number),
        Value::Text(text) => json!(text),
        Value::Float32(number) => json!({"float32": format!("{number:?}")}),
        Value::Float64(number) => json!({"float64": format!("{number:?}")}),
        Value::Decimal(number) => json!({"decimal": number.to_string()}),
        Value::BigDecimal(number) => json!({"decimal": number.to_plain_string()}),
        Value::Duration(span) => json!({"span": datajoint_sql::show_span(*span)}),
        Value::Bytes(bytes) => json!({"bytes": STANDARD.encode(bytes)}),
        Value::Date(date) => json!({"date": date.to_string()}),
        Value::Time(time) => json!({"time": time.to_string()}),
        Value::DateTime(moment) => json!({"datetime": moment.to_string()}),
        Value::Uuid(uuid) => json!({"uuid": uuid.to_string()}),
        Value::Json(document) => json!({"json": sorted(document)}),
    }
}

/// The value that was written; `None` for anything else.
pub(crate) fn read(json: &Json) -> Option<Value> {
    Some(match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Value::Int(number),
            None => Value::UInt(number.as_u64()?),
        },
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(_) => return None,
        Json::Object(object) => {
            let mut members = object.iter();
            let (Some((kind, value)), None) = (members.next(), members.next()) else { return None };
            if kind == "json" {
                return Some(Value::Json(Box::new(value.clone())));
            }
            let text = value.as_str()?;
            match kind.as_str() {
                "float32" => Value::Float32(datajoint_sql::parse_float32(text)?),
                "float64" => Value::Float64(datajoint_sql::parse_float(text)?),
                "decimal" => datajoint_sql::decimal_value(datajoint_sql::parse_decimal(text)?),
                "span" => datajoint_sql::clock(datajoint_sql::parse_span(text)?),
                "bytes" => Value::Bytes(STANDARD.decode(text).ok()?),
                "date" => Value::Date(text.parse().ok()?),
                "time" => Value::Time(text.parse().ok()?),
                "datetime" => Value::DateTime(text.replacen(' ', "T", 1).parse().ok()?),
                "uuid" => Value::Uuid(text.parse().ok()?),
                _ => return None,
            }
        }
    })
}

/// A row as one line in which values that are one are written alike, whatever backend they are of: floats of both widths,
/// zeros of either sign, decimals with any zeros at their end.
pub(crate) fn plain_line<'a>(values: impl IntoIterator<Item = &'a Value>) -> String {
    Json::Array(values.into_iter().map(plain).collect()).to_string()
}

fn plain(value: &Value) -> Json {
    match value {
        // Adding zero takes the sign from a zero alone.
        Value::Float32(number) => json!({"float": format!("{:?}", f64::from(*number) + 0.0)}),
        Value::Float64(number) => json!({"float": format!("{:?}", number + 0.0)}),
        Value::Decimal(_) | Value::BigDecimal(_) => {
            json!({"decimal": datajoint_sql::decimal_number(value).map(|number| number.normalized().to_plain_string())})
        }
        Value::Json(document) => json!({"json": without_sign(sorted(document))}),
        other => written(other),
    }
}

/// A document whose zeros have no sign.
fn without_sign(document: Json) -> Json {
    match document {
        Json::Number(number) if number.as_f64() == Some(0.0) && number.is_f64() => json!(0.0),
        Json::Array(items) => Json::Array(items.into_iter().map(without_sign).collect()),
        Json::Object(fields) => {
            Json::Object(fields.into_iter().map(|(name, value)| (name, without_sign(value))).collect())
        }
        other => other,
    }
}

/// A document with its keys in the order of the alphabet: databases keep them in an order of their own.
fn sorted(document: &Json) -> Json {
    match document {
        Json::Object(object) => {
            let mut pairs: Vec<_> = object.iter().map(|(key, value)| (key.clone(), sorted(value))).collect();
            pairs.sort_by(|(one, _), (other, _)| one.cmp(other));
            Json::Object(pairs.into_iter().collect())
        }
        Json::Array(items) => Json::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

/// The hash of rows, whatever their order: the sum of the MD5 of each as JSON.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RowsHash(u128);

impl RowsHash {
    pub(crate) fn add(&mut self, row: &str) {
        let digest = Md5::digest(row.as_bytes());
        let number = digest.iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
        self.0 = self.0.wrapping_add(number);
    }

    pub(crate) fn text(self) -> String {
        format!("{:032x}", self.0)
    }
}

/// A row as one line.
pub(crate) fn line<'a>(values: impl Iterator<Item = &'a Value>) -> String {
    Json::Array(values.map(written).collect()).to_string()
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use datajoint_sql::Value;
    use serde_json::json;

    use super::{RowsHash, line, read, written};

    #[test]
    fn every_value_comes_back_as_it_was() {
        let day = NaiveDate::from_ymd_opt(1969, 12, 31).unwrap_or_default();
        let values = [
            Value::Null,
            Value::Bool(true),
            Value::Int(-7),
            Value::UInt(u64::MAX),
            Value::Text("it's \"ü\"\n".to_owned()),
            Value::Float32(0.1),
            Value::Float64(-0.0),
            Value::Float64(f64::INFINITY),
            Value::Decimal("-1.50".parse().unwrap_or_default()),
            datajoint_sql::parse_decimal(&"7".repeat(60))
                .map(datajoint_sql::decimal_value)
                .unwrap_or_default(),
            datajoint_sql::parse_span("-838:59:58.5").map(datajoint_sql::clock).unwrap_or_default(),
            Value::Bytes(vec![0, 255]),
            Value::Date(day),
            Value::DateTime(day.and_hms_micro_opt(1, 2, 3, 4).unwrap_or_default()),
            Value::Uuid(uuid::Uuid::from_u128(7)),
            Value::Json(Box::new(serde_json::json!({"a": [1.0, null]}))),
        ];
        for value in values {
            assert_eq!(read(&written(&value)), Some(value.clone()), "{value:?}");
        }
    }

    #[test]
    fn what_no_export_writes_is_no_value() {
        let cells = [
            json!({"float64": "1e400"}),
            json!({"float32": "1e39"}),
            json!({"float64": "1", "json": {}}),
            json!({}),
            json!([1]),
            json!({"int": "1"}),
            json!({"decimal": "1e999999999"}),
            json!({"decimal": "1e-999999999"}),
            json!({"decimal": "1e9223372036854775807"}),
            json!({"span": "99999999999999999999:00:00"}),
            json!({"datetime": "9999999-01-01 00:00:00"}),
        ];
        for cell in cells {
            assert_eq!(read(&cell), None, "{cell}");
        }
    }

    #[test]
    fn the_hash_of_rows_is_that_of_any_order_and_of_no_other_rows() {
        let rows = [line([Value::Int(1)].iter()), line([Value::Int(2)].iter())];
        let hash = |rows: &[&String]| {
            let mut hash = RowsHash::default();
            for row in rows {
                hash.add(row);
            }
            hash
        };
        assert_eq!(hash(&[&rows[0], &rows[1]]), hash(&[&rows[1], &rows[0]]));
        assert_ne!(hash(&[&rows[0], &rows[1]]), hash(&[&rows[0]]));
        assert_ne!(hash(&[&rows[0], &rows[0]]), hash(&[]));
    }
}
