//! Statements as snapshots show them.

use datajoint_sql::{Statement, Value};

pub(crate) fn statements(all: &[Statement]) -> String {
    all.iter().map(statement).collect::<Vec<_>>().join("\n")
}

pub(crate) fn statement(statement: &Statement) -> String {
    if statement.parameters.is_empty() {
        return statement.sql.clone();
    }
    let shown: Vec<String> = statement.parameters.iter().map(value).collect();
    format!("{}  <- {}", statement.sql, shown.join(", "))
}

fn value(value: &Value) -> String {
    let mut text = format!("{value:?}");
    if text.len() > 80 {
        text.truncate(80);
        text.push('…');
    }
    text
}
