//! Rows of the catalog, whose types differ by server.

use std::sync::{Arc, OnceLock};

use datajoint_sql::{Value, show_expression, show_value};

use super::text;
use crate::Error;

/// A row of an answer.
///
/// A value that can't be what it is asked for counts as null where it is read, and [fails](super::Snapshot::check_read) the
/// plan before it is shown: so no statement rests on it.
#[derive(Debug, Clone)]
pub struct Row {
    values: Vec<Value>,
    /// The query that it answers.
    query: Arc<str>,
    unread: Arc<OnceLock<Unread>>,
}

/// The first value of a snapshot that was not what it was asked for.
#[derive(Debug)]
pub(super) struct Unread {
    value: String,
    wanted: &'static str,
    place: usize,
    query: Arc<str>,
}

impl Unread {
    /// The error that says so.
    pub(super) fn error(&self) -> Error {
        Error::Unread {
            value: self.value.clone(),
            wanted: self.wanted,
            column: self.place + 1,
            query: show_expression(&self.query).into_owned(),
        }
    }
}

impl Row {
    pub(super) fn new(values: Vec<Value>, query: &Arc<str>, unread: &Arc<OnceLock<Unread>>) -> Self {
        Self { values, query: query.clone(), unread: unread.clone() }
    }

    /// Returns a string; empty for null.
    pub fn text(&self, place: usize) -> String {
        self.maybe(place).unwrap_or_default()
    }

    /// Returns a string, or none for null.
    pub fn maybe(&self, place: usize) -> Option<String> {
        self.read(place, "a string", text)
    }

    /// Returns a value of whatever kind as people read it, for what somebody else may have made.
    pub fn shown(&self, place: usize) -> String {
        self.values
            .get(place)
            .map(|value| text(value).unwrap_or_else(|| show_value(value)))
            .unwrap_or_default()
    }

    /// Returns a whole number; 0 for null.
    pub fn number(&self, place: usize) -> i64 {
        let number = |value: &Value| match value {
            Value::Int(number) => Some(*number),
            Value::UInt(number) => Some(i64::try_from(*number).unwrap_or(i64::MAX)),
            Value::Decimal(number) => number.trunc().to_string().parse().ok(),
            Value::Text(text) => text.parse().ok(),
            _ => None,
        };
        self.read(place, "a whole number", number).unwrap_or_default()
    }

    /// Returns true for true and for 1.
    pub fn truth(&self, place: usize) -> bool {
        let truth = |value: &Value| match value {
            Value::Bool(truth) => Some(*truth),
            Value::Int(number @ (0 | 1)) => Some(*number == 1),
            Value::UInt(number @ (0 | 1)) => Some(*number == 1),
            _ => None,
        };
        self.read(place, "true or false", truth).unwrap_or_default()
    }

    /// Returns the strings of a list.
    pub fn list(&self, place: usize) -> Vec<String> {
        let list = |value: &Value| match value {
            Value::Json(json) => Some(
                json.as_array()?
                    .iter()
                    .map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned))
                    .collect(),
            ),
            Value::Text(text) => serde_json::from_str(text).ok(),
            _ => None,
        };
        self.read(place, "a list", list).unwrap_or_default()
    }

    /// A value that is not null, as it is asked for. Notes where it can't be that.
    fn read<T>(&self, place: usize, wanted: &'static str, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        let value = self.values.get(place).filter(|value| **value != Value::Null)?;
        let found = read(value);
        if found.is_none() {
            // The first one is told.
            let unread = Unread { value: show_value(value), wanted, place, query: self.query.clone() };
            let _ = self.unread.set(unread);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Read = fn(&Row);

    #[test]
    fn what_is_not_as_it_is_asked_for_is_told_and_null_is_not() {
        let of = |value: Value| {
            let unread = Arc::default();
            (Row::new(vec![value], &Arc::from("SELECT size"), &unread), unread)
        };
        let told = |unread: &OnceLock<Unread>| unread.get().map(|it| it.error().to_string());
        let (row, unread) = of(Value::Null);
        assert_eq!((row.number(0), row.truth(0), row.maybe(0), row.list(0).len()), (0, false, None, 0));
        assert_eq!(told(&unread), None);
        let (row, unread) = of(Value::Text("12".to_owned()));
        assert_eq!((row.number(0), row.text(0), told(&unread)), (12, "12".to_owned(), None));
        let wrong: [(Value, Read, &str); 4] = [
            (Value::Text("many".to_owned()), |row| assert_eq!(row.number(0), 0), "a whole number"),
            (Value::Int(2), |row| assert!(!row.truth(0)), "true or false"),
            (Value::Float64(0.5), |row| assert_eq!(row.maybe(0), None), "a string"),
            (Value::Text("{".to_owned()), |row| assert!(row.list(0).is_empty()), "a list"),
        ];
        for (value, read, wanted) in wrong {
            let (row, unread) = of(value);
            read(&row);
            let told = told(&unread).unwrap();
            assert!(told.contains(wanted) && told.contains("column 1 of `SELECT size`"), "{told}");
        }
    }
}
