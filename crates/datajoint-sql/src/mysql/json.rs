use datajoint_definition::{Backend, JsonType};

use super::Mysql;
use super::quote::quote;
use crate::dialect::Json;

impl Json for Mysql {
    /// The number at a path of a JSON attribute.
    fn json_number(&self, attribute: &str, path: &str) -> String {
        format!(
            "(CASE WHEN json_type(json_extract({}, {})) \
             IN ('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL') THEN {} + 0 END)",
            quote(attribute),
            place(path),
            path_value(attribute, path, None)
        )
    }

    fn json_value(&self, attribute: &str, path: &str, returning: Option<JsonType>) -> String {
        match returning {
            // MariaDB's function has no RETURNING.
            Some(returning) if self.backend == Backend::Mariadb => {
                let value = path_value(attribute, path, None);
                format!("cast({value} as {})", type_name(returning))
            }
            _ => path_value(attribute, path, returning),
        }
    }

    /// MariaDB's `json_value` gives 1 for true and nothing for objects.
    fn json_text(&self, attribute: &str, path: &str) -> String {
        let value = path_value(attribute, path, None);
        if self.backend == Backend::Mysql {
            return value;
        }
        let found = format!("json_extract({}, {})", quote(attribute), place(path));
        format!(
            "(CASE WHEN json_type({found}) IN ('BOOLEAN', 'OBJECT', 'ARRAY') THEN {found} ELSE {value} END)"
        )
    }
}

/// The value at a path of a JSON attribute.
pub(super) fn path_value(attribute: &str, path: &str, returning: Option<JsonType>) -> String {
    let returning =
        returning.map(|returning| format!(" returning {}", type_name(returning))).unwrap_or_default();
    format!("json_value({}, {}{returning})", quote(attribute), place(path))
}

/// The type as these servers write it; true and false are 1 and 0.
fn type_name(kind: JsonType) -> String {
    match kind {
        JsonType::Bool => "unsigned".to_owned(),
        other => other.to_string(),
    }
}

fn place(path: &str) -> String {
    format!("_utf8mb4'$.{}'", path.replace('\\', "\\\\").replace('\'', "''"))
}
