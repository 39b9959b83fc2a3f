use datajoint_definition::{AttributeType, CoreType};
use datajoint_schema::{Attribute, TableName};

use super::{quote, types};
use crate::Value;
use crate::dialect::KeyColumn;
use crate::fragment::Fragment;

pub(super) fn limit(limit: Option<u64>, offset: u64) -> String {
    match (limit, offset) {
        (None, 0) => String::new(),
        (Some(limit), 0) => format!(" LIMIT {limit}"),
        // An offset needs a limit. The greatest there is, MariaDB takes for none, and then loses rows of a subquery.
        (limit, offset) => format!(" LIMIT {} OFFSET {offset}", limit.unwrap_or(u64::MAX >> 1)),
    }
}

pub(super) fn like(_: &Attribute, mut expression: Fragment, pattern: Fragment) -> Fragment {
    expression.push(" LIKE ");
    expression.append(pattern);
    expression
}

pub(super) fn cast(_: Option<&TableName>, _: &Attribute) -> String {
    String::new()
}

/// Texts stay bound one by one as long as can be: out of a document they would come in the server's collation,
/// not in that of the column.
pub(super) fn longest_key_list(columns: &[KeyColumn<'_>]) -> usize {
    const BOUND: usize = 60_000;
    const SHORT: usize = 1000;
    let has_text = columns.iter().any(|column| is_text(column.attribute));
    if has_text { BOUND } else { SHORT }
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

pub(super) fn keys_of_document(columns: &[KeyColumn<'_>], document: Value) -> Fragment {
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
    let mut sql = Fragment::text(format!("(SELECT {} FROM JSON_TABLE(", shown.join(", ")));
    sql.push_value(document);
    sql.push(&format!(", '$[*]' COLUMNS ({})) AS `~keys`)", declared.join(", ")));
    sql
}
