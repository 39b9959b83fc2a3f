use datajoint_definition::{AttributeType, Backend, CoreType, DefaultValue};
use datajoint_schema::{Attribute, Table, TableName};

use super::{comment, index, quote, quoted_list, reference, types};
use crate::ddl::{check_default, check_name, foreign_key_clause};
use crate::quote::{hexadecimal, literal};
use crate::{Error, Result, Statement, Value};

pub(super) fn create_schema(schema: &str) -> Vec<Statement> {
    vec![Statement {
        sql: "INSERT INTO \"~schema\" (\"schema_name\") VALUES (?) ON CONFLICT DO NOTHING".to_owned(),
        parameters: vec![Value::Text(schema.to_owned())],
    }]
}

pub(super) fn schema_exists(schema: &str) -> Statement {
    Statement {
        sql: "SELECT \"schema_name\" FROM \"~schema\" WHERE \"schema_name\" = ?".to_owned(),
        parameters: vec![Value::Text(schema.to_owned())],
    }
}

pub(super) fn list_schemas() -> Statement {
    Statement::plain("SELECT \"schema_name\" FROM \"~schema\" ORDER BY \"schema_name\"")
}

pub(super) fn drop_schema(schema: &str, tables: &[TableName]) -> Vec<Statement> {
    let mut statements = Vec::new();
    let lineage = TableName::new(schema, "~lineage");
    for table in tables.iter().filter(|table| **table != lineage).chain([&lineage]) {
        statements.push(Statement::plain(format!("DROP TABLE IF EXISTS {}", reference(table))));
        statements.push(comment::delete(table));
    }
    statements.push(Statement {
        sql: "DELETE FROM \"~schema\" WHERE \"schema_name\" = ?".to_owned(),
        parameters: vec![Value::Text(schema.to_owned())],
    });
    statements
}

pub(super) fn create_table(table: &Table) -> Result<Vec<Statement>> {
    check_name(Backend::Sqlite, table)?;
    let mut lines = Vec::new();
    for attribute in table.heading.all() {
        lines.push(column(table, attribute)?);
    }
    lines.push(format!("PRIMARY KEY ({})", quoted_list(table.key_names())));
    lines.extend(
        table.foreign_keys.iter().map(|foreign_key| foreign_key_clause(foreign_key, quote, reference)),
    );
    let mut statements = vec![Statement::plain(format!(
        "CREATE TABLE IF NOT EXISTS {} (\n{}\n) STRICT",
        reference(&table.name),
        lines.join(",\n")
    ))];
    statements.extend(index::statements(table));
    statements.extend(comment::statements(table));
    Ok(statements)
}

fn column(table: &Table, attribute: &Attribute) -> Result<String> {
    let name = quote(&attribute.name);
    let (kind, check) = types::column_type(table, attribute)?;
    let check = if check.is_empty() { check } else { format!(" CHECK ({check})") };
    Ok(format!("{name} {kind}{}{check}", default_clause(table, attribute)?))
}

fn default_clause(table: &Table, attribute: &Attribute) -> Result<String> {
    Ok(match &attribute.default {
        _ if attribute.inherited && attribute.nullable => String::new(),
        _ if attribute.inherited => " NOT NULL".to_owned(),
        DefaultValue::Required => " NOT NULL".to_owned(),
        DefaultValue::Null => " DEFAULT NULL".to_owned(),
        DefaultValue::CurrentTimestamp(_) | DefaultValue::Value(_) => {
            format!(" NOT NULL DEFAULT {}", default_value(table, attribute)?)
        }
    })
}

pub(super) fn add_columns(table: &Table, attributes: &[&Attribute]) -> Result<Vec<Statement>> {
    let mut statements = Vec::new();
    for attribute in attributes {
        let column = column(table, attribute)?;
        let alter = format!("ALTER TABLE {} ADD COLUMN {column}", reference(&table.name));
        statements.push(Statement::plain(alter));
    }
    statements.extend(comment::columns(&table.name, attributes));
    Ok(statements)
}

/// The default of an attribute as an expression. Fails where it has none.
pub(super) fn default_value(table: &Table, attribute: &Attribute) -> Result<String> {
    let bound = check_default(Backend::Sqlite, table, attribute)?;
    Ok(match (&attribute.default, bound) {
        (DefaultValue::Null, _) => "NULL".to_owned(),
        (DefaultValue::Required, _) if attribute.nullable => "NULL".to_owned(),
        (DefaultValue::Required, _) => {
            let advice = format!("`{}` has no default: give a value", attribute.name);
            return Err(Error::Statement { table: table.name.clone(), advice });
        }
        (DefaultValue::CurrentTimestamp(_), _) => now(attribute),
        (DefaultValue::Value(_), Some(Value::Int(number))) => number.to_string(),
        (DefaultValue::Value(_), Some(Value::Float64(number))) => number.to_string(),
        (DefaultValue::Value(_), Some(Value::Text(text))) => literal(&text),
        (DefaultValue::Value(_), Some(Value::Bytes(bytes))) => {
            format!("X'{}'", hexadecimal(&bytes))
        }
        (DefaultValue::Value(text), _) => literal(text),
    })
}

/// The present moment, in UTC, as a value of the attribute.
fn now(attribute: &Attribute) -> String {
    let precision = match &attribute.attribute_type {
        AttributeType::Core(CoreType::Date) => return "(date('now'))".to_owned(),
        AttributeType::Core(CoreType::DateTime { precision }) => precision.unwrap_or(0),
        _ => 0,
    };
    match precision {
        0 => "(datetime('now'))".to_owned(),
        digits @ 1..=2 => {
            format!("(substr(strftime('%Y-%m-%d %H:%M:%f', 'now'), 1, {}))", 20 + digits)
        }
        digits => {
            let zeros = "0".repeat(usize::from(digits - 3));
            format!("(strftime('%Y-%m-%d %H:%M:%f{zeros}', 'now'))")
        }
    }
}

pub(super) fn drop_table(table: &Table) -> Vec<Statement> {
    let mut statements = vec![Statement::plain(format!("DROP TABLE {}", reference(&table.name)))];
    statements.push(comment::delete(&table.name));
    statements.extend(crate::delete_lineage(Backend::Sqlite, &table.name));
    statements
}

pub(super) fn create_lineage_table(schema: &str) -> Vec<Statement> {
    let name = reference(&TableName::new(schema, "~lineage"));
    vec![Statement::plain(format!(
        "CREATE TABLE IF NOT EXISTS {name} (\n\
         \"table_name\" TEXT NOT NULL,\n\
         \"attribute_name\" TEXT NOT NULL,\n\
         \"lineage\" TEXT NOT NULL,\n\
         PRIMARY KEY (\"table_name\", \"attribute_name\")\n\
         ) STRICT, WITHOUT ROWID"
    ))]
}
