//! Whether rows read twice are the same.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::mem::discriminant;

use datajoint_sql::Value;

/// A short number that tells sets of rows apart, whatever their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Fingerprint {
    rows: u64,
    sum: u128,
}

impl Fingerprint {
    /// Takes in the number of one more row.
    pub(crate) fn add(&mut self, row: u64) {
        self.rows += 1;
        self.sum += u128::from(row);
    }
}

/// A number that tells a row from others.
pub(crate) fn of_row(row: &[Value]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for value in row {
        hash(value, &mut hasher);
    }
    hasher.finish()
}

fn hash(value: &Value, hasher: &mut DefaultHasher) {
    discriminant(value).hash(hasher);
    match value {
        Value::Null | Value::Default => {}
        Value::Bool(value) => value.hash(hasher),
        Value::Int(value) => value.hash(hasher),
        Value::UInt(value) => value.hash(hasher),
        Value::Float32(value) => value.to_bits().hash(hasher),
        Value::Float64(value) => value.to_bits().hash(hasher),
        Value::Decimal(value) => value.hash(hasher),
        Value::BigDecimal(value) => value.hash(hasher),
        Value::Duration(value) => value.hash(hasher),
        Value::Text(value) => value.hash(hasher),
        Value::Bytes(value) => value.hash(hasher),
        Value::Date(value) => value.hash(hasher),
        Value::Time(value) => value.hash(hasher),
        Value::DateTime(value) => value.hash(hasher),
        Value::Uuid(value) => value.hash(hasher),
        Value::Json(value) => value.to_string().hash(hasher),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[&[Value]]) -> Fingerprint {
        let mut fingerprint = Fingerprint::default();
        for row in rows {
            fingerprint.add(of_row(row));
        }
        fingerprint
    }

    #[test]
    fn the_order_of_rows_does_not_matter() {
        let (one, two) = ([Value::Int(1), Value::Null], [Value::Int(2), Value::Text("x".into())]);
        assert_eq!(of(&[&one, &two]), of(&[&two, &one]));
    }

    #[test]
    fn any_change_of_a_value_shows() {
        let row = |value| of(&[&[Value::Int(1), value]]);
        let values = [
            Value::Null,
            Value::Int(0),
            Value::Bool(false),
            Value::Float64(0.0),
            Value::Float64(-0.0),
            Value::Text(String::new()),
            Value::Bytes(Vec::new()),
        ];
        for (place, value) in values.iter().enumerate() {
            assert_eq!(row(value.clone()), row(value.clone()));
            for other in &values[..place] {
                assert_ne!(row(value.clone()), row(other.clone()), "{value:?} and {other:?}");
            }
        }
    }

    #[test]
    fn rows_twice_differ_from_rows_once() {
        let row = [Value::Int(1)];
        assert_ne!(of(&[&row]), of(&[&row, &row]));
        assert_ne!(of(&[]), of(&[&[]]));
    }
}
