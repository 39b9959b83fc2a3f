use super::quote;

/// The value at a path of a JSON attribute.
pub(super) fn path_value(attribute: &str, path: &str, returning: Option<&str>) -> String {
    let path = path.replace('\\', "\\\\").replace('\'', "''");
    let returning = returning.map(|returning| format!(" returning {returning}")).unwrap_or_default();
    format!("json_value({}, _utf8mb4'$.{path}'{returning})", quote(attribute))
}
