//! Rows of the catalog, whose types differ by server.

use datajoint_sql::Value;

use super::text;

/// A row of an answer.
#[derive(Debug, Clone)]
pub struct Row(pub(super) Vec<Value>);

impl Row {
    /// Returns a string; empty for null.
    pub fn text(&self, place: usize) -> String {
        self.maybe(place).unwrap_or_default()
    }

    /// Returns a string, or none for null.
    pub fn maybe(&self, place: usize) -> Option<String> {
        self.0.get(place).and_then(text)
    }

    /// Returns a whole number; 0 for null.
    pub fn number(&self, place: usize) -> i64 {
        match self.0.get(place) {
            Some(Value::Int(number)) => *number,
            Some(Value::UInt(number)) => i64::try_from(*number).unwrap_or(i64::MAX),
            Some(Value::Decimal(number)) => number.trunc().to_string().parse().unwrap_or_default(),
            Some(Value::Text(text)) => text.parse().unwrap_or_default(),
            _ => 0,
        }
    }

    /// Returns true for true and for 1.
    pub fn truth(&self, place: usize) -> bool {
        matches!(self.0.get(place), Some(Value::Bool(true) | Value::Int(1) | Value::UInt(1)))
    }

    /// Returns the strings of a list.
    pub fn list(&self, place: usize) -> Vec<String> {
        match self.0.get(place) {
            Some(Value::Json(json)) => json
                .as_array()
                .map(|list| {
                    let text =
                        |it: &serde_json::Value| it.as_str().map_or_else(|| it.to_string(), str::to_owned);
                    list.iter().map(text).collect()
                })
                .unwrap_or_default(),
            Some(Value::Text(text)) => serde_json::from_str(text).unwrap_or_default(),
            _ => Vec::new(),
        }
    }
}
