use datajoint_definition::{Backend, JsonPath, JsonStep, JsonType};

use super::Mysql;
use super::index::without_expressions;
use super::quote::quote;
use crate::dialect::{Json, cases, compared};
use crate::fragment::Fragment;
use crate::json_number::{AsFloat, Number};
use crate::json_path::way;
use crate::{Comparison, Value};

/// The types of numbers that are whole, and of the others. MariaDB counts `1e22` among the first.
const WHOLE: &str = "'INTEGER', 'UNSIGNED INTEGER'";
const FRACTIONS: &str = "'DOUBLE', 'DECIMAL'";

/// How many letters of a string an index holds at most, and how many it holds of a place without a type.
const LONGEST_STRING: u32 = 512;
/// How many digits a decimal has at most, and how many of them behind the point.
const MOST_DIGITS: u8 = 65;
const MOST_DECIMALS: u8 = 30;

impl Json for Mysql {
    fn json_value(&self, place: &JsonPath) -> String {
        match place.returning {
            None => format!(
                "(CASE {} WHEN 'NULL' THEN NULL ELSE json_unquote({}) END)",
                kind(place),
                extracted(place)
            ),
            // MariaDB's function has no RETURNING.
            Some(returning) if self.backend == Backend::Mariadb => {
                format!("cast({} as {})", guarded(place, &plain(place)), type_name(returning))
            }
            // MySQL compares the number as it was before it was rounded.
            Some(returning @ JsonType::Decimal(_)) => {
                format!("cast({} as {})", guarded(place, &declared_value(place)), type_name(returning))
            }
            Some(_) => guarded(place, &declared_value(place)),
        }
    }

    fn json_declared(&self, place: &JsonPath) -> String {
        guarded(place, &declared_value(place))
    }

    /// Without a type it is a string of 512 letters, as the server says itself. Python guards no first element.
    fn json_kept(&self, place: &JsonPath) -> Vec<String> {
        let kind = place.returning.unwrap_or(JsonType::Char(Some(LONGEST_STRING)));
        let value = declared_value(&JsonPath { returning: Some(kind), ..place.clone() });
        vec![guarded(place, &value), value]
    }

    fn json_length(&self, place: &JsonPath) -> String {
        format!("char_length(json_unquote({}))", extracted(place))
    }

    fn json_longest(&self, returning: Option<JsonType>) -> Option<u32> {
        match returning {
            None => Some(LONGEST_STRING),
            Some(JsonType::Char(length)) => length,
            _ => None,
        }
    }

    fn json_index_fault(&self, returning: Option<JsonType>) -> Option<String> {
        if let Some(fault) = without_expressions(self) {
            return Some(fault);
        }
        match returning? {
            JsonType::Char(length) if length.is_none_or(|length| length > LONGEST_STRING) => Some(format!(
                "MySQL has no strings beyond {LONGEST_STRING} letters in an index: write `char(n)` with a length up to that"
            )),
            JsonType::Decimal(Some((precision, scale)))
                if precision > MOST_DIGITS || scale > MOST_DECIMALS =>
            {
                Some(format!(
                    "decimals of MySQL have at most {MOST_DIGITS} digits, {MOST_DECIMALS} of them behind the point"
                ))
            }
            _ => None,
        }
    }

    fn json_is_null(&self, place: &JsonPath) -> String {
        format!("coalesce({}, 'NULL') = 'NULL'", kind(place))
    }

    /// As bytes, whatever a collation takes for the same.
    fn json_string(&self, place: &JsonPath, operator: Comparison, string: &str) -> Fragment {
        let (found, value) = (format!("json_unquote({})", extracted(place)), Value::Text(string.to_owned()));
        let comparison = if operator == Comparison::Like {
            compared(&format!("CONVERT({found} USING utf8mb4) COLLATE utf8mb4_bin"), operator, value)
        } else {
            let mut sql = Fragment::text(format!("CAST({found} AS BINARY){}CAST(", operator.symbol()));
            sql.push_value(value);
            sql.push(" AS BINARY)");
            sql
        };
        cases([(&format!("{} = 'STRING'", kind(place)), comparison)])
    }

    fn json_truth(&self, place: &JsonPath, operator: Comparison, truth: bool) -> Fragment {
        let found = format!("(json_unquote({}) = 'true')", extracted(place));
        cases([(&format!("{} = 'BOOLEAN'", kind(place)), compared(&found, operator, Value::Bool(truth)))])
    }

    fn json_number(&self, place: &JsonPath, operator: Comparison, number: Number) -> Fragment {
        let (kind, found) = (kind(place), extracted(place));
        let as_float = format!("({found} + 0e0)");
        let Some(large) = number.beyond_floats() else {
            let comparison = compared(&as_float, operator, number.value());
            return cases([(&format!("{kind} IN ({WHOLE}, {FRACTIONS})"), comparison)]);
        };
        let fraction = match AsFloat::of(operator, large) {
            AsFloat::Compare(operator, float) => compared(&as_float, operator, Value::Float64(float)),
            AsFloat::Always(truth) => Fragment::text(if truth { "TRUE" } else { "FALSE" }),
        };
        // As a string: MySQL takes a number beyond 63 bits for a negative one.
        let digits = format!("cast(json_unquote({found}) as decimal(65))");
        let whole = compared(&digits, operator, number.value());
        cases([(&format!("{kind} IN ({WHOLE})"), whole), (&format!("{kind} IN ({FRACTIONS})"), fraction)])
    }
}

/// The type of what stands at a place.
fn kind(place: &JsonPath) -> String {
    format!("json_type({})", extracted(place))
}

/// What stands at a place, as JSON.
fn extracted(place: &JsonPath) -> String {
    guarded(place, &found(place, place.steps.len()))
}

/// What stands where so many steps lead.
fn found(place: &JsonPath, steps: usize) -> String {
    let steps = place.steps.iter().take(steps).cloned().collect();
    let way = JsonPath { attribute: place.attribute.clone(), steps, returning: None };
    format!("json_extract({}, {})", quote(&way.attribute), literal(&way))
}

/// The same only where arrays stand that have a first element: the servers take any other value for one of itself.
fn guarded(place: &JsonPath, value: &str) -> String {
    let firsts = place.steps.iter().enumerate().filter(|(_, step)| **step == JsonStep::Element(0));
    let arrays = firsts.map(|(at, _)| format!("json_type({}) = 'ARRAY'", found(place, at)));
    let arrays: Vec<String> = arrays.collect();
    if arrays.is_empty() {
        return value.to_owned();
    }
    format!("(CASE WHEN {} THEN {value} END)", arrays.join(" AND "))
}

fn plain(place: &JsonPath) -> String {
    format!("json_value({}, {})", quote(&place.attribute), literal(place))
}

/// The value at a place as the server's own function has it, of the type.
fn declared_value(place: &JsonPath) -> String {
    let returning = place.returning.map(|kind| format!(" returning {}", type_name(kind))).unwrap_or_default();
    let value = format!("json_value({}, {}{returning})", quote(&place.attribute), literal(place));
    // A type of its own, which an index on it tells.
    if place.returning == Some(JsonType::Bool) { format!("({value} <> 0)") } else { value }
}

/// The type as these servers write it; true and false are 1 and 0.
fn type_name(kind: JsonType) -> String {
    match kind {
        JsonType::Bool => "unsigned".to_owned(),
        other => other.to_string(),
    }
}

fn literal(place: &JsonPath) -> String {
    format!("_utf8mb4'${}'", way(place).replace('\\', "\\\\").replace('\'', "''"))
}
