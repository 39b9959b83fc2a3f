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
