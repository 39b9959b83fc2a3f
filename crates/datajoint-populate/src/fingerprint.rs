//! Whether rows read at different times are the same.

use datajoint_sql::Value;
use sha2::{Digest as _, Sha256};

/// A short number that tells sets of rows apart, whatever their order: the same on every machine and in every release, since
/// tables keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Fingerprint {
    rows: u64,
    sum: u128,
}

impl Fingerprint {
    /// Takes in the number of one more row.
    pub(crate) fn add(&mut self, row: u128) {
        self.rows += 1;
        self.sum = self.sum.wrapping_add(row);
    }

    /// How many rows there are.
    pub(crate) const fn rows(&self) -> u64 {
        self.rows
    }

    /// The rows in 32 characters.
    pub(crate) fn digest(&self) -> String {
        format!("{:032x}", self.sum)
    }
}

/// A number that tells a row from others.
pub(crate) fn of_row<'v>(row: impl IntoIterator<Item = &'v Value>) -> u128 {
    let mut hasher = Sha256::new();
    for value in row {
        let bytes = value.canonical();
        // With its length before it no value runs on into the next one.
        hasher.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(&bytes);
    }
    let digest = hasher.finalize();
    digest.iter().take(16).fold(0, |number, byte| (number << 8) | u128::from(*byte))
}

/// Tells a text from others, and nothing of what it says.
pub(crate) fn of_text(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(8).fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[&[Value]]) -> Fingerprint {
        let mut fingerprint = Fingerprint::default();
        for row in rows {
            fingerprint.add(of_row(*row));
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

    #[test]
    fn a_fingerprint_is_the_same_for_ever() {
        let rows: [&[Value]; 2] = [&[Value::Int(1), Value::Text("a".into())], &[Value::Null]];
        assert_eq!((of(&rows).rows(), of(&rows).digest().as_str()), (2, "be913a899b8469195c690b89bb5eb71e"));
    }
}
