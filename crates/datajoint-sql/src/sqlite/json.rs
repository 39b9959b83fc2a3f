use datajoint_definition::JsonType;

use super::Sqlite;
use super::quote::quote;
use crate::dialect::{Json, cases, compared};
use crate::fragment::Fragment;
use crate::json_number::{AsFloat, Number};
use crate::json_path::JsonPath;
use crate::literal::literal;
use crate::{Comparison, Value};

impl Json for Sqlite {
    fn json_value(&self, place: &JsonPath) -> String {
        value(place)
    }

    fn json_is_null(&self, place: &JsonPath) -> String {
        format!("coalesce({}, 'null') = 'null'", kind(place))
    }

    fn json_string(&self, place: &JsonPath, operator: Comparison, string: &str) -> Fragment {
        let mut comparison = compared(&extracted(place), operator, Value::Text(string.to_owned()));
        if operator == Comparison::Like {
            comparison.push(" ESCAPE '\\'");
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
    literal(&format!("${}", place.path()))
}

/// The value at a place of a JSON attribute: as a string, with all digits of numbers, or of a type.
pub(super) fn value(place: &JsonPath) -> String {
    let affinity = match place.returning {
        None => {
            return format!(
                "(CASE {} WHEN 'text' THEN {} WHEN 'null' THEN NULL ELSE {} END)",
                kind(place),
                extracted(place),
                text(place)
            );
        }
        Some(JsonType::Signed | JsonType::Unsigned | JsonType::Bool) => "INTEGER",
        Some(JsonType::Double | JsonType::Float) => "REAL",
        Some(JsonType::Decimal(_)) => "NUMERIC",
        Some(_) => "TEXT",
    };
    format!("CAST({} AS {affinity})", extracted(place))
}
