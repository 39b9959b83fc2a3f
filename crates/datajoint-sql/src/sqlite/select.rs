use datajoint_definition::{AttributeType, CoreType};
use datajoint_schema::{Attribute, TableName};

use crate::Value;
use crate::dialect::KeyColumn;
use crate::fragment::Fragment;

pub(super) fn limit(limit: Option<u64>, offset: u64) -> String {
    match (limit, offset) {
        (None, 0) => String::new(),
        (Some(limit), 0) => format!(" LIMIT {limit}"),
        // An offset needs a limit; a negative one is none.
        (None, offset) => format!(" LIMIT -1 OFFSET {offset}"),
        (Some(limit), offset) => format!(" LIMIT {limit} OFFSET {offset}"),
    }
}

pub(super) fn like(_: &Attribute, mut expression: Fragment, pattern: Fragment) -> Fragment {
    expression.push(" LIKE ");
    expression.append(pattern);
    // Other databases do so unasked.
    expression.push(" ESCAPE '\\'");
    expression
}

pub(super) fn cast(_: Option<&TableName>, _: &Attribute) -> String {
    String::new()
}

pub(super) fn longest_key_list(_: &[KeyColumn<'_>]) -> usize {
    1000
}

pub(super) fn keys_of_document(columns: &[KeyColumn<'_>], document: Value) -> Fragment {
    let shown: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(place, column)| {
            let cell = format!("json_extract(\"value\", '$[{place}]')");
            match &column.attribute.attribute_type {
                AttributeType::Core(CoreType::Uuid | CoreType::Bytes) => format!("unhex({cell})"),
                _ => cell,
            }
        })
        .collect();
    let mut sql = Fragment::text(format!("(SELECT {} FROM json_each(", shown.join(", ")));
    sql.push_value(document);
    sql.push("))");
    sql
}
