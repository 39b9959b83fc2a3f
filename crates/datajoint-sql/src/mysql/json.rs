use super::quote;

/// The value at a path of a JSON attribute.
pub(super) fn path_value(attribute: &str, path: &str, returning: Option<&str>) -> String {
    let returning = returning.map(|returning| format!(" returning {returning}")).unwrap_or_default();
    format!("json_value({}, {}{returning})", quote(attribute), place(path))
}

fn place(path: &str) -> String {
    format!("_utf8mb4'$.{}'", path.replace('\\', "\\\\").replace('\'', "''"))
}

/// What stands at a path of a JSON attribute, as text; MariaDB's `json_value` gives 1 for true and nothing for
/// objects.
pub(super) fn mariadb_path_text(attribute: &str, path: &str) -> String {
    let found = format!("json_extract({}, {})", quote(attribute), place(path));
    let value = path_value(attribute, path, None);
    format!("(CASE WHEN json_type({found}) IN ('BOOLEAN', 'OBJECT', 'ARRAY') THEN {found} ELSE {value} END)")
}

/// The number at a path of a JSON attribute.
pub(super) fn path_number(attribute: &str, path: &str) -> String {
    format!(
        "(CASE WHEN json_type(json_extract({}, {})) \
         IN ('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL') THEN {} + 0 END)",
        quote(attribute),
        place(path),
        path_value(attribute, path, None)
    )
}
