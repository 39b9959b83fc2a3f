use datajoint_definition::JsonType;

use super::Sqlite;
use super::quote::quote;
use crate::dialect::Json;
use crate::literal::literal;
use crate::{Comparison, Value};

impl Json for Sqlite {
    /// The number at a path of a JSON attribute.
    fn json_number(&self, attribute: &str, path: &str) -> String {
        format!(
            "(CASE WHEN json_type({}, {}) IN ('integer', 'real') THEN {} END)",
            quote(attribute),
            literal(&format!("$.{path}")),
            extracted(attribute, path)
        )
    }

    /// A number that its integers can't have is found by its digits; in an order it is the nearest float.
    #[expect(clippy::cast_precision_loss, reason = "so are such numbers in a document")]
    fn json_operand(&self, operator: Comparison, value: Value) -> Value {
        match (operator, value) {
            (Comparison::Equal | Comparison::NotEqual, Value::UInt(number))
                if i64::try_from(number).is_err() =>
            {
                Value::Text(number.to_string())
            }
            (_, Value::UInt(number)) if i64::try_from(number).is_err() => Value::Float64(number as f64),
            (_, value) => value,
        }
    }

    fn json_value(&self, attribute: &str, path: &str, returning: Option<JsonType>) -> String {
        path_value(attribute, path, returning)
    }

    fn json_text(&self, attribute: &str, path: &str) -> String {
        path_text(attribute, path)
    }
}

/// The value at a path of a JSON attribute: as text, or of a type.
pub(super) fn path_value(attribute: &str, path: &str, returning: Option<JsonType>) -> String {
    let Some(returning) = returning else { return path_text(attribute, path) };
    let value = extracted(attribute, path);
    let affinity = match returning {
        JsonType::Signed | JsonType::Unsigned | JsonType::Bool => "INTEGER",
        JsonType::Double | JsonType::Float => "REAL",
        JsonType::Decimal(_) => "NUMERIC",
        _ => "TEXT",
    };
    format!("CAST({value} AS {affinity})")
}

/// What stands at a path of a JSON attribute, as text: numbers with all their digits, a string without its quotes.
fn path_text(attribute: &str, path: &str) -> String {
    let (attribute_name, place) = (quote(attribute), literal(&format!("$.{path}")));
    format!(
        "(CASE json_type({attribute_name}, {place}) WHEN 'text' THEN {} WHEN 'null' THEN NULL \
         ELSE {attribute_name} -> {place} END)",
        extracted(attribute, path)
    )
}

fn extracted(attribute: &str, path: &str) -> String {
    format!("json_extract({}, {})", quote(attribute), literal(&format!("$.{path}")))
}
