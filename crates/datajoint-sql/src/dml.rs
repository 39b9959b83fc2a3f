//! Inserts, updates and deletes.

use std::sync::Arc;

use datajoint_definition::Backend;
use datajoint_schema::Table;

use crate::fragment::Fragment;
use crate::select::{heading, table_filter};
use crate::{
    Condition, Error, Expression, Result, Statement, Value, bind_value, placeholder, quote_identifier, select_columns,
    table_reference,
};

/// What an insert does with a row whose key is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnDuplicate {
    /// Fails.
    #[default]
    Fail,
    /// Passes over it.
    Skip,
    /// Puts the new row in its place.
    Replace,
}

/// The text of an insert of `rows` rows with these columns, in this order, a place for each value.
pub fn insert(backend: Backend, table: &Table, columns: &[&str], rows: usize, on_duplicate: OnDuplicate) -> String {
    let mut number = 0;
    let rows: Vec<String> = (0..rows)
        .map(|_| {
            let places: Vec<String> = columns
                .iter()
                .map(|_| {
                    number += 1;
                    placeholder(backend, number)
                })
                .collect();
            format!("({})", places.join(","))
        })
        .collect();
    let (head, tail) = around_values(backend, table, columns, on_duplicate);
    format!("{head} VALUES {}{tail}", rows.join(","))
}

/// An insert of rows in which some values are `Default`.
pub fn insert_rows(
    backend: Backend,
    table: &Table,
    columns: &[&str],
    values: Vec<Value>,
    on_duplicate: OnDuplicate,
) -> Statement {
    let (head, tail) = around_values(backend, table, columns, on_duplicate);
    let mut fragment = Fragment::new(format!("{head} VALUES "));
    let mut values = values.into_iter();
    let mut first = true;
    while values.len() > 0 {
        let row = values.by_ref().take(columns.len().max(1)).map(|value| match value {
            Value::Default => Fragment::new("DEFAULT"),
            value => Fragment::value(value),
        });
        if !std::mem::take(&mut first) {
            fragment.push(",");
        }
        fragment.append(Fragment::join(row, ",").grouped());
    }
    fragment.push(&tail);
    fragment.into_statement(backend)
}

/// What stands before and after the values.
fn around_values(backend: Backend, table: &Table, columns: &[&str], on_duplicate: OnDuplicate) -> (String, String) {
    let name = table_reference(backend, &table.name);
    let quoted = |names: &[&str]| {
        names.iter().map(|name| quote_identifier(backend, name)).collect::<Vec<_>>().join(",")
    };
    let mysql = backend.is_mysql_family();
    let verb = match on_duplicate {
        OnDuplicate::Replace if mysql => "REPLACE INTO",
        _ => "INSERT INTO",
    };
    let key: Vec<&str> = table.heading.primary_key().map(|attribute| attribute.name.as_str()).collect();
    let tail = match on_duplicate {
        OnDuplicate::Fail => String::new(),
        OnDuplicate::Replace if mysql => String::new(),
        OnDuplicate::Skip if mysql => {
            let first = quote_identifier(backend, key.first().copied().unwrap_or_default());
            format!(" ON DUPLICATE KEY UPDATE {first} = {name}.{first}")
        }
        OnDuplicate::Skip => " ON CONFLICT DO NOTHING".to_owned(),
        OnDuplicate::Replace => {
            let others: Vec<String> = columns
                .iter()
                .filter(|column| !key.contains(column))
                .map(|column| quote_identifier(backend, column))
                .map(|column| format!("{column} = EXCLUDED.{column}"))
                .collect();
            if others.is_empty() {
                " ON CONFLICT DO NOTHING".to_owned()
            } else {
                format!(" ON CONFLICT ({}) DO UPDATE SET {}", quoted(&key), others.join(", "))
            }
        }
    };
    (format!("{verb} {name} ({})", quoted(columns)), tail)
}

/// The text of PostgreSQL's bulk load of these columns in its binary form.
pub fn copy_in(table: &Table, columns: &[&str]) -> String {
    let columns: Vec<String> = columns.iter().map(|name| quote_identifier(Backend::Postgresql, name)).collect();
    let name = table_reference(Backend::Postgresql, &table.name);
    format!("COPY {name} ({}) FROM STDIN (FORMAT BINARY)", columns.join(","))
}

/// An insert of the rows of a query: the attributes that both have.
pub fn insert_select(
    backend: Backend,
    table: &Table,
    query: &Expression,
    on_duplicate: OnDuplicate,
) -> Result<Statement> {
    let given = heading(query)?;
    let columns: Vec<&str> =
        table.heading.visible().map(|a| a.name.as_str()).filter(|name| given.get(name).is_some()).collect();
    let (head, tail) = around_values(backend, table, &columns, on_duplicate);
    let rows = select_columns(backend, query, &columns)?.statement;
    // SQLite takes `ON CONFLICT` for a part of the join without a condition before it.
    let guard = if backend == Backend::Sqlite && !tail.is_empty() && !rows.sql.contains(" WHERE ") { " WHERE true" } else { "" };
    Ok(Statement { sql: format!("{head} {}{guard}{tail}", rows.sql), parameters: rows.parameters })
}

/// The deletion of the rows of one table that meet a condition.
pub fn delete(backend: Backend, table: &Arc<Table>, condition: &Condition) -> Result<Statement> {
    let mut fragment = Fragment::new(format!("DELETE FROM {} WHERE ", table_reference(backend, &table.name)));
    fragment.append(table_filter(backend, table, condition)?);
    Ok(fragment.into_statement(backend))
}

/// The update of the row of a key.
pub fn update(
    backend: Backend,
    table: &Arc<Table>,
    key: &[(&str, Value)],
    values: &[(&str, Value)],
) -> Result<Statement> {
    let mut fragment = Fragment::new(format!("UPDATE {} SET ", table_reference(backend, &table.name)));
    let mut changes = Vec::new();
    for (name, value) in values {
        let attribute = table.heading.get(name).ok_or_else(|| Error::UnknownAttribute {
            attribute: (*name).to_owned(),
            query: table.name.to_string(),
            hint: String::new(),
        })?;
        let mut change = Fragment::new(format!("{} = ", quote_identifier(backend, name)));
        change.append(match bind_value(backend, attribute, value.clone())? {
            Value::Default => Fragment::new("DEFAULT"),
            value => Fragment::value(value),
        });
        changes.push(change);
    }
    fragment.append(Fragment::join(changes, ", "));
    let (attributes, row): (Vec<String>, Vec<Value>) =
        key.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).unzip();
    fragment.push(" WHERE ");
    fragment.append(table_filter(backend, table, &Condition::Keys { attributes, rows: vec![row] })?);
    Ok(fragment.into_statement(backend))
}
