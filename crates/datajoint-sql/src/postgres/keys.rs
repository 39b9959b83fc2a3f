use datajoint_definition::{AttributeType, CoreType};

use super::listed::own;
use super::{Postgres, types};
use crate::Value;
use crate::dialect::{KeyColumn, Keys};
use crate::fragment::Fragment;
use crate::kind::members_beyond_column;

impl Keys for Postgres {
    fn keys_of_document(&self, columns: &[KeyColumn<'_>], document: Value) -> Fragment {
        let shown: Vec<String> =
            columns.iter().enumerate().map(|(place, column)| cell(place, column)).collect();
        let mut sql =
            Fragment::text(format!("(SELECT {} FROM {}(", shown.join(", "), own("jsonb_array_elements")));
        sql.push_value(document);
        sql.push("::text::jsonb) AS \"~keys\" (\"k\"))");
        sql
    }
}

fn cell(place: usize, column: &KeyColumn<'_>) -> String {
    let text = format!("(\"k\"->>{place})");
    match (&column.attribute.attribute_type, column.table) {
        (AttributeType::Core(CoreType::Bytes), _) => format!("{}({text}, 'hex')", own("decode")),
        _ if members_beyond_column(column.attribute).is_some() => text,
        (_, Some(table)) => format!("{text}::{}", types::column_type(table, column.attribute)),
        // What is computed is of the type of what it is compared with, or of one that compares with that.
        (_, None) => match column.value {
            Value::Bool(_) => format!("{text}::boolean"),
            Value::Int(_) | Value::UInt(_) | Value::Float32(_) | Value::Float64(_) | Value::Decimal(_) => {
                format!("{text}::numeric")
            }
            Value::Date(_) => format!("{text}::date"),
            Value::DateTime(_) => format!("{text}::timestamp"),
            Value::Uuid(_) => format!("{text}::uuid"),
            _ => text,
        },
    }
}
