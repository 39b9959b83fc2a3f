use datajoint_definition::JsonType;

use super::Postgres;
use super::quote::quote;
use crate::dialect::Json;
use crate::literal::literal;

impl Json for Postgres {
    /// The number at a path of a JSON attribute.
    fn json_number(&self, attribute: &str, path: &str) -> String {
        let text = path_value(attribute, path, None);
        let found = text.replacen("jsonb_extract_path_text", "jsonb_extract_path", 1);
        format!("(CASE WHEN jsonb_typeof({found}) = 'number' THEN ({text})::numeric END)")
    }

    fn json_value(&self, attribute: &str, path: &str, returning: Option<JsonType>) -> String {
        path_value(attribute, path, returning)
    }
}

/// The value at a path of a JSON attribute.
pub(super) fn path_value(attribute: &str, path: &str, returning: Option<JsonType>) -> String {
    let steps: Vec<String> =
        path.split(['.', '[', ']']).filter(|step| !step.is_empty()).map(literal).collect();
    let value = format!("jsonb_extract_path_text({}, {})", quote(attribute), steps.join(", "));
    match returning {
        None => value,
        Some(JsonType::Unsigned | JsonType::Signed) => format!("({value})::bigint"),
        Some(JsonType::Float) => format!("({value})::real"),
        Some(JsonType::Double) => format!("({value})::double precision"),
        Some(JsonType::DateTime) => format!("({value})::timestamp"),
        Some(JsonType::Char(None)) => format!("({value})::text"),
        // `char(n)`, `decimal(p,s)`, `date`, `time`, `bool`
        Some(kind) => format!("({value})::{kind}"),
    }
}
