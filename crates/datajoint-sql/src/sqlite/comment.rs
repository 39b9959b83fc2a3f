use datajoint_schema::{Attribute, Table, TableName};

use crate::{Statement, Value};

/// Keeps the comments of a table and of its columns, in one statement.
pub(super) fn statements(table: &Table) -> Vec<Statement> {
    let columns = table.heading.all().iter().map(|attribute| (attribute.name.as_str(), column(attribute)));
    write(&table.name, std::iter::once(("", table.comment.clone())).chain(columns))
}

/// Keeps the comments of columns alone.
pub(super) fn columns(table: &TableName, attributes: &[&Attribute]) -> Vec<Statement> {
    write(table, attributes.iter().map(|attribute| (attribute.name.as_str(), column(attribute))))
}

fn write<'a>(table: &TableName, comments: impl Iterator<Item = (&'a str, String)>) -> Vec<Statement> {
    let name = table.to_string();
    let mut parameters = Vec::new();
    for (column, comment) in comments {
        if !comment.is_empty() {
            parameters.extend([name.clone(), column.to_owned(), comment].map(Value::Text));
        }
    }
    if parameters.is_empty() {
        return Vec::new();
    }
    let rows = vec!["(?, ?, ?)"; parameters.len() / 3].join(", ");
    vec![Statement {
        sql: format!(
            "INSERT INTO \"~comment\" (\"table_name\", \"column_name\", \"comment\") VALUES {rows} \
             ON CONFLICT DO UPDATE SET \"comment\" = excluded.\"comment\""
        ),
        parameters,
        ..Statement::default()
    }]
}

/// Keeps the comment of a table alone.
pub(super) fn keep(table: &TableName, comment: &str) -> Statement {
    Statement {
        sql: "INSERT INTO \"~comment\" (\"table_name\", \"column_name\", \"comment\") VALUES (?, '', ?) \
              ON CONFLICT DO UPDATE SET \"comment\" = excluded.\"comment\""
            .to_owned(),
        parameters: vec![Value::Text(table.to_string()), Value::Text(comment.to_owned())],
        ..Statement::default()
    }
}

/// Forgets the comments of a table.
pub(super) fn delete(table: &TableName) -> Statement {
    Statement {
        sql: "DELETE FROM \"~comment\" WHERE \"table_name\" = ?".to_owned(),
        parameters: vec![Value::Text(table.to_string())],
        ..Statement::default()
    }
}

/// The comment of a column with its type, of any kind; `->` tells that a foreign key brings it in.
fn column(attribute: &Attribute) -> String {
    let comment = format!(":{}:{}", attribute.type_text, attribute.comment);
    if attribute.inherited { format!("->{comment}") } else { comment }
}
