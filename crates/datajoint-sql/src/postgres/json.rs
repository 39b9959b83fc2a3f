use super::quote;
use crate::quote::literal;

/// The value at a path of a JSON attribute.
pub(super) fn path_value(attribute: &str, path: &str, returning: Option<&str>) -> String {
    let steps: Vec<String> =
        path.split(['.', '[', ']']).filter(|step| !step.is_empty()).map(literal).collect();
    let value = format!("jsonb_extract_path_text({}, {})", quote(attribute), steps.join(", "));
    match returning {
        None => value,
        Some(returning) => {
            let kind = match returning.trim().to_ascii_lowercase().as_str() {
                "unsigned" | "signed" => "integer".to_owned(),
                "double" => "double precision".to_owned(),
                other => other.to_owned(),
            };
            format!("({value})::{kind}")
        }
    }
}

/// The number at a path of a JSON attribute.
pub(super) fn path_number(attribute: &str, path: &str) -> String {
    let text = path_value(attribute, path, None);
    let found = text.replacen("jsonb_extract_path_text", "jsonb_extract_path", 1);
    format!("(CASE WHEN jsonb_typeof({found}) = 'number' THEN ({text})::numeric END)")
}
