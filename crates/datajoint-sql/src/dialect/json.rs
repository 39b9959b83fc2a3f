use datajoint_definition::{JsonPath, JsonType};

use crate::fragment::Fragment;
use crate::json_number::Number;
use crate::{Comparison, Value};

/// Places within documents.
///
/// A comparison is null, neither true nor false, unless a value of the kind stands there that it compares with.
pub(crate) trait Json {
    /// What stands at a place, as a string or as the type that the place asks for; null where nothing or a null stands.
    fn json_value(&self, place: &JsonPath) -> String;
    /// What an index on a place holds, in the words of its declaration.
    fn json_declared(&self, place: &JsonPath) -> String;
    /// The same in every wording that the server may give back for it.
    fn json_kept(&self, place: &JsonPath) -> Vec<String> {
        vec![self.json_declared(place)]
    }
    /// How many letters stand at a place, of whatever stands there.
    fn json_length(&self, place: &JsonPath) -> String;
    /// How many letters an index on a place of this type holds at most; `None` for any number.
    fn json_longest(&self, returning: Option<JsonType>) -> Option<u32> {
        match returning {
            Some(JsonType::Char(length)) => length,
            _ => None,
        }
    }
    /// Why there is no index on a place of this type; `None` where there is one.
    fn json_index_fault(&self, returning: Option<JsonType>) -> Option<String> {
        let _ = returning;
        None
    }
    /// True where nothing or a null stands at a place.
    fn json_is_null(&self, place: &JsonPath) -> String;
    /// The string at a place compared with one, by code points.
    fn json_string(&self, place: &JsonPath, operator: Comparison, string: &str) -> Fragment;
    /// True or false at a place compared with one of them.
    fn json_truth(&self, place: &JsonPath, operator: Comparison, truth: bool) -> Fragment;
    /// The number at a place compared with one, whole ones digit for digit.
    fn json_number(&self, place: &JsonPath, operator: Comparison, number: Number) -> Fragment;
}

/// What is compared, how, and with which value.
pub(crate) fn compared(what: &str, operator: Comparison, value: Value) -> Fragment {
    let mut sql = Fragment::text(what);
    sql.push(operator.symbol());
    sql.push_value(value);
    sql
}

/// Conditions, each where another one holds; null where none does.
pub(crate) fn cases<const N: usize>(cases: [(&str, Fragment); N]) -> Fragment {
    let mut sql = Fragment::text("(CASE");
    for (when, then) in cases {
        sql.push(&format!(" WHEN {when} THEN "));
        sql.append(then);
    }
    sql.push(" END)");
    sql
}
