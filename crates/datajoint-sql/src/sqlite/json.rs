use super::quote;
use crate::quote::literal;

/// The value at a path of a JSON attribute.
pub(super) fn path_value(attribute: &str, path: &str, returning: Option<&str>) -> String {
    let value = format!("json_extract({}, {})", quote(attribute), literal(&format!("$.{path}")));
    let Some(returning) = returning else { return value };
    let word = returning.trim().to_ascii_lowercase();
    let affinity = match word.split(|character: char| !character.is_alphabetic()).next().unwrap_or_default() {
        "signed" | "unsigned" | "int" | "integer" | "bigint" => "INTEGER",
        "double" | "float" | "real" => "REAL",
        "decimal" | "numeric" => "NUMERIC",
        _ => "TEXT",
    };
    format!("CAST({value} AS {affinity})")
}

/// The number at a path of a JSON attribute.
pub(super) fn path_number(attribute: &str, path: &str) -> String {
    format!(
        "(CASE WHEN json_type({}, {}) IN ('integer', 'real') THEN {} END)",
        quote(attribute),
        literal(&format!("$.{path}")),
        path_value(attribute, path, None)
    )
}

/// What stands at a path of a JSON attribute, as text.
pub(super) fn path_text(attribute: &str, path: &str) -> String {
    format!(
        "(CASE json_type({}, {}) WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE CAST({} AS TEXT) END)",
        quote(attribute),
        literal(&format!("$.{path}")),
        path_value(attribute, path, None)
    )
}
