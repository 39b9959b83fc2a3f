use datajoint_definition::{AttributeType, CoreType, NativeCategory};
use datajoint_schema::{Attribute, TableName};

use super::types;
use crate::Value;
use crate::dialect::KeyColumn;
use crate::fragment::Fragment;

pub(super) fn limit(limit: Option<u64>, offset: u64) -> String {
    let limit = limit.map(|limit| format!(" LIMIT {limit}")).unwrap_or_default();
    if offset == 0 { limit } else { format!("{limit} OFFSET {offset}") }
}

pub(super) fn like(attribute: &Attribute, expression: Fragment, pattern: Fragment) -> Fragment {
    let is_text = match &attribute.attribute_type {
        AttributeType::Core(core) => matches!(core, CoreType::Char(_) | CoreType::Varchar(_)),
        AttributeType::Native(native) => {
            matches!(native.category, NativeCategory::String | NativeCategory::Text)
        }
        AttributeType::Codec(_) => false,
    };
    let mut sql = if is_text {
        expression
    } else {
        let mut cast = Fragment::text("CAST(");
        cast.append(expression);
        cast.push(" AS text)");
        cast
    };
    sql.push(" LIKE ");
    sql.append(pattern);
    sql
}

/// Texts are bound as `text`, which no enum and no native type but texts takes.
pub(super) fn cast(table: Option<&TableName>, attribute: &Attribute) -> String {
    let Some(table) = table else { return String::new() };
    match &attribute.attribute_type {
        AttributeType::Core(CoreType::Enum(_)) => format!("::{}", types::column_type(table, attribute)),
        AttributeType::Native(native) => match native.category {
            NativeCategory::Temporal | NativeCategory::Numeric => format!("::{}", native.text),
            _ => String::new(),
        },
        _ => String::new(),
    }
}

pub(super) fn longest_key_list(_: &[KeyColumn<'_>]) -> usize {
    1000
}

pub(super) fn keys_of_document(columns: &[KeyColumn<'_>], document: Value) -> Fragment {
    let shown: Vec<String> = columns.iter().enumerate().map(|(place, column)| cell(place, column)).collect();
    let mut sql = Fragment::text(format!("(SELECT {} FROM jsonb_array_elements(", shown.join(", ")));
    sql.push_value(document);
    sql.push("::jsonb) AS \"~keys\" (\"k\"))");
    sql
}

fn cell(place: usize, column: &KeyColumn<'_>) -> String {
    let text = format!("(\"k\"->>{place})");
    match (&column.attribute.attribute_type, column.table) {
        (AttributeType::Core(CoreType::Bytes), _) => format!("decode({text}, 'hex')"),
        (_, Some(table)) => format!("{text}::{}", types::column_type(table, column.attribute)),
        (_, None) => text,
    }
}
