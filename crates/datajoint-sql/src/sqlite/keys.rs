use datajoint_definition::{AttributeType, CoreType};

use super::Sqlite;
use crate::Value;
use crate::dialect::{KeyColumn, Keys};
use crate::fragment::Fragment;

impl Keys for Sqlite {
    fn before_rows(&self) -> &'static str {
        " IN (VALUES "
    }

    fn reads_lists_for_not(&self) -> bool {
        true
    }

    fn keys_of_document(&self, columns: &[KeyColumn<'_>], document: Value) -> Fragment {
        let shown: Vec<String> = columns
            .iter()
            .enumerate()
            .map(|(place, column)| {
                let cell = format!("json_extract(\"value\", '$[{place}]')");
                match &column.attribute.attribute_type {
                    AttributeType::Core(CoreType::Uuid | CoreType::Bytes) => format!("unhex({cell})"),
                    AttributeType::Core(CoreType::Float32 | CoreType::Float64) => format!(
                        "CASE {cell} WHEN 'Infinity' THEN 9e999 WHEN '-Infinity' THEN -9e999 ELSE {cell} END"
                    ),
                    _ => cell,
                }
            })
            .collect();
        let mut sql = Fragment::text(format!("(SELECT {} FROM json_each(", shown.join(", ")));
        sql.push_value(document);
        sql.push("))");
        sql
    }
}
