use datajoint_definition::{AttributeType, Backend, CoreType};
use datajoint_schema::Attribute;

use super::quote::quote;
use super::{Mysql, types};
use crate::Value;
use crate::dialect::{KeyColumn, Keys};
use crate::fragment::Fragment;

impl Keys for Mysql {
    /// In a list of several rows, MariaDB does not find such a string in a column of another character set.
    fn is_lost_in_rows(&self, value: &Value) -> bool {
        self.backend == Backend::Mariadb && matches!(value, Value::Text(text) if !text.is_ascii())
    }

    fn searches_lists_without_nulls(&self) -> bool {
        true
    }

    /// Texts stay bound one by one as long as can be: out of a document they would come in the server's collation,
    /// not in that of the column.
    fn longest_key_list(&self, columns: &[KeyColumn<'_>]) -> usize {
        const BOUND: usize = 60_000;
        const SHORT: usize = 1000;
        let has_text = columns.iter().any(|column| is_text(column.attribute));
        if has_text { BOUND } else { SHORT }
    }

    fn keys_of_document(&self, columns: &[KeyColumn<'_>], document: Value) -> Fragment {
        let mut shown = Vec::new();
        let mut declared = Vec::new();
        for (place, column) in columns.iter().enumerate() {
            let name = quote(&format!("k{place}"));
            let (kind, value) = match &column.attribute.attribute_type {
                AttributeType::Core(CoreType::Uuid) => ("char(32)".to_owned(), format!("unhex({name})")),
                AttributeType::Core(CoreType::Enum(_)) => ("varchar(255)".to_owned(), name.clone()),
                _ => (types::column_type(column.attribute), name.clone()),
            };
            shown.push(value);
            declared.push(format!("{name} {kind} PATH '$[{place}]'"));
        }
        let (before, after) = match self.backend {
            // It reads all of the keys for each row where a row is in none of them, unless they are a table of its own.
            Backend::Mysql => ("SELECT * FROM (", ") AS `~listed`"),
            Backend::Mariadb | Backend::Postgresql | Backend::Sqlite => ("", ""),
        };
        let distinct = if before.is_empty() { "" } else { "DISTINCT " };
        let mut sql =
            Fragment::text(format!("({before}SELECT {distinct}{} FROM JSON_TABLE(", shown.join(", ")));
        sql.push_value(document);
        sql.push(&format!(", '$[*]' COLUMNS ({})) AS `~keys`{after})", declared.join(", ")));
        sql
    }
}

fn is_text(attribute: &Attribute) -> bool {
    !matches!(
        &attribute.attribute_type,
        AttributeType::Core(
            CoreType::Int8
                | CoreType::Int16
                | CoreType::Int32
                | CoreType::Int64
                | CoreType::Bool
                | CoreType::Uuid
                | CoreType::Decimal { .. }
                | CoreType::Date
                | CoreType::DateTime { .. }
                | CoreType::Float32
                | CoreType::Float64
        )
    )
}
