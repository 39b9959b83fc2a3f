use datajoint_definition::{JsonPath, JsonType};

use super::Sqlite;
use super::quote::quote;
use crate::dialect::{Json, Select as _, cases, compared};
use crate::fragment::Fragment;
use crate::json_number::{AsFloat, Number};
use crate::json_path::way;
use crate::literal::literal;
use crate::{Comparison, Value};

impl Json for Sqlite {
    fn json_value(&self, place: &JsonPath) -> String {
        value(place)
    }

    fn json_declared(&self, place: &JsonPath) -> String {
        value(place)
    }

    fn json_length(&self, place: &JsonPath) -> String {
        format!("length({})", extracted(place))
    }

    fn json_is_null(&self, place: &JsonPath) -> String {
        format!("coalesce({}, 'null') = 'null'", kind(place))
    }

    fn json_string(&self, place: &JsonPath, operator: Comparison, string: &str) -> Fragment {
        let mut comparison = compared(&extracted(place), operator, Value::Text(string.to_owned()));
        if operator == Comparison::Like {
            comparison.push(self.after_pattern());
        }
        cases([(&format!("{} = 'text'", kind(place)), comparison)])
    }

    fn json_truth(&self, place: &JsonPath, operator: Comparison, truth: bool) -> Fragment {
        let comparison = compared(&extracted(place), operator, Value::Bool(truth));
        cases([(&format!("{} IN ('true', 'false')", kind(place)), comparison)])
    }

    /// It compares integers with floats exactly. One above those that it has is told by its digits.
    fn json_number(&self, place: &JsonPath, operator: Comparison, number: Number) -> Fragment {
        let (kind, found) = (kind(place), extracted(place));
        let Number::Unsigned(large) = number else {
            let comparison = compared(&found, operator, number.value());
            return cases([(&format!("{kind} IN ('integer', 'real')"), comparison)]);
        };
        let as_float = match AsFloat::of(operator, large.into()) {
            AsFloat::Compare(operator, float) => compared(&found, operator, Value::Float64(float)),
            AsFloat::Always(truth) => Fragment::text(if truth { "1" } else { "0" }),
        };
        let digits = text(place);
        let large = large.to_string();
        let mut as_digits =
            Fragment::text(format!("(length({digits}), {digits}){}({}, ", operator.symbol(), large.len()));
        as_digits.push_value(Value::Text(large));
        as_digits.push(")");
        cases([
            (&format!("{kind} = 'integer' AND typeof({found}) = 'real' AND {found} > 0"), as_digits),
            (&format!("{kind} IN ('integer', 'real')"), as_float),
        ])
    }
}

/// The type of what stands at a place.
fn kind(place: &JsonPath) -> String {
    format!("json_type({})", arguments(place))
}

/// What stands at a place, as a value of SQL.
fn extracted(place: &JsonPath) -> String {
    format!("json_extract({})", arguments(place))
}

/// What stands at a place, as JSON.
fn text(place: &JsonPath) -> String {
    format!("({} -> {})", quote(&place.attribute), path(place))
}

fn arguments(place: &JsonPath) -> String {
    format!("{}, {}", quote(&place.attribute), path(place))
}

fn path(place: &JsonPath) -> String {
    literal(&format!("${}", way(place)))
}

/// The value at a place of a JSON attribute: as a string, with all digits of numbers, or of a type.
fn value(place: &JsonPath) -> String {
    let Some(returning) = place.returning else {
        return format!(
            "(CASE {} WHEN 'text' THEN {} WHEN 'null' THEN NULL ELSE {} END)",
            kind(place),
            extracted(place),
            text(place)
        );
    };
    format!("CAST({} AS {})", extracted(place), type_name(returning))
}

/// The type in words that tell it, and which are kept in the declaration of an index: what values become follows from a part
/// of them, `INT`, `CHAR`, `TEXT`, `REAL`, `FLOA` or none of these.
fn type_name(kind: JsonType) -> String {
    match kind {
        JsonType::Signed => "INTEGER".to_owned(),
        JsonType::Unsigned => "UNSIGNED INTEGER".to_owned(),
        JsonType::Bool => "BOOL INTEGER".to_owned(),
        JsonType::Double => "REAL".to_owned(),
        JsonType::Decimal(None) => "NUMERIC".to_owned(),
        JsonType::Char(None) => "TEXT".to_owned(),
        JsonType::Date | JsonType::Time | JsonType::DateTime => {
            format!("{} TEXT", kind.to_string().to_ascii_uppercase())
        }
        // `FLOAT`, `CHAR(20)`, `DECIMAL(6,2)`
        other => other.to_string().to_ascii_uppercase(),
    }
}
