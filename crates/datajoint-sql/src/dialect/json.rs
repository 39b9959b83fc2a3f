use datajoint_definition::JsonType;

use crate::{Comparison, Value};

/// Places within documents.
pub(crate) trait Json {
    /// The value at a path of a JSON attribute, as text or as the type asked for.
    fn json_value(&self, attribute: &str, path: &str, returning: Option<JsonType>) -> String;
    /// The same as text, whatever stands there.
    fn json_text(&self, attribute: &str, path: &str) -> String {
        self.json_value(attribute, path, None)
    }
    /// The number at a path of a JSON attribute; null where something else stands.
    fn json_number(&self, attribute: &str, path: &str) -> String;
    /// What a place of a JSON attribute is compared with for a value.
    fn json_operand(&self, operator: Comparison, value: Value) -> Value {
        let _ = operator;
        value
    }
}
