use datajoint_definition::{AttributeType, Backend, CoreType, DefaultValue};
use datajoint_schema::{Attribute, Index, Table, TableName};

use super::quote::{quote, quoted_list, reference};
use super::{Sqlite, comment, index, types};
use crate::declaration::{AddColumns, check_name, foreign_key_clause};
use crate::default::checked;
use crate::dialect::{Ddl, IndexTails};
use crate::json_path;
use crate::literal::{hexadecimal, literal};
use crate::{Error, Result, Statement, Value};

impl Ddl for Sqlite {
    fn create_schema(&self, schema: &str, _: bool) -> Vec<Statement> {
        vec![Statement {
            sql: "INSERT INTO \"~schema\" (\"schema_name\") VALUES (?) ON CONFLICT DO NOTHING".to_owned(),
            parameters: vec![Value::Text(schema.to_owned())],
            ..Statement::default()
        }]
    }

    fn schema_exists(&self, schema: &str) -> Statement {
        Statement {
            sql: "SELECT \"schema_name\" FROM \"~schema\" WHERE \"schema_name\" = ?".to_owned(),
            parameters: vec![Value::Text(schema.to_owned())],
            ..Statement::default()
        }
    }

    fn list_schemas(&self) -> Statement {
        Statement::plain("SELECT \"schema_name\" FROM \"~schema\" ORDER BY \"schema_name\"")
    }

    fn drop_schema(&self, schema: &str, tables: &[TableName]) -> Vec<Statement> {
        let mut statements = Vec::new();
        let lineage = TableName::lineage(schema);
        for table in tables.iter().filter(|table| **table != lineage).chain([&lineage]) {
            statements.push(Statement::plain(format!("DROP TABLE IF EXISTS {}", reference(table))));
            statements.push(comment::delete(table));
        }
        statements.push(Statement {
            sql: "DELETE FROM \"~schema\" WHERE \"schema_name\" = ?".to_owned(),
            parameters: vec![Value::Text(schema.to_owned())],
            ..Statement::default()
        });
        statements
    }

    fn create_table(&self, table: &Table) -> Result<Vec<Statement>> {
        check_name(Backend::Sqlite, table)?;
        let mut lines = Vec::new();
        for attribute in table.heading.all() {
            lines.push(column(table, attribute)?);
        }
        lines.push(format!("PRIMARY KEY ({})", quoted_list(table.key_names())));
        lines.extend(
            table.foreign_keys.iter().map(|foreign_key| foreign_key_clause(foreign_key, quote, reference)),
        );
        lines.extend(json_path::checks(self, table)?);
        let mut statements = vec![Statement::plain(format!(
            "CREATE TABLE IF NOT EXISTS {} (\n{}\n) STRICT",
            reference(&table.name),
            lines.join(",\n")
        ))];
        statements.extend(index::statements(table)?);
        statements.extend(comment::statements(table));
        Ok(statements)
    }

    fn drop_table(&self, table: &Table) -> Vec<Statement> {
        vec![Statement::plain(format!("DROP TABLE {}", reference(&table.name))), comment::delete(&table.name)]
    }

    fn add_columns(&self, table: &Table, attributes: &[&Attribute]) -> Result<AddColumns> {
        let mut alter = Vec::new();
        for attribute in attributes {
            let column = column(table, attribute)?;
            let add = format!("ALTER TABLE {} ADD COLUMN {column}", reference(&table.name));
            alter.push(Statement::plain(add));
        }
        Ok(AddColumns { alter, comments: comment::columns(&table.name, attributes) })
    }

    fn create_lineage_table(&self, schema: &str) -> Vec<Statement> {
        let name = reference(&TableName::lineage(schema));
        vec![Statement::plain(format!(
            "CREATE TABLE IF NOT EXISTS {name} (\n\
             \"table_name\" TEXT NOT NULL,\n\
             \"attribute_name\" TEXT NOT NULL,\n\
             \"lineage\" TEXT NOT NULL,\n\
             PRIMARY KEY (\"table_name\", \"attribute_name\")\n\
             ) STRICT, WITHOUT ROWID"
        ))]
    }

    fn index_tails(&self) -> IndexTails {
        IndexTails {
            has_collations: true,
            text: "`collate …`, then `asc` or `desc`",
            ..IndexTails::default()
        }
    }

    fn is_system_schema(&self, schema: &str) -> bool {
        schema.starts_with("sqlite_")
    }

    fn column_type(&self, table: &Table, attribute: &Attribute) -> Result<String> {
        Ok(types::column_type(table, attribute)?.0.to_owned())
    }

    fn support_index(&self, table: &Table, index: &Index, taken: &[String]) -> Option<(String, Statement)> {
        Some(index::support(table, index, taken))
    }
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
        DefaultValue::CurrentTimestamp { .. } | DefaultValue::Value(_) | DefaultValue::OfServer(_) => {
            format!(" NOT NULL DEFAULT {}", default_value(table, attribute)?)
        }
    })
}

/// The default of an attribute as an expression. Fails where it has none.
pub(super) fn default_value(table: &Table, attribute: &Attribute) -> Result<String> {
    Ok(match &attribute.default {
        DefaultValue::Null => "NULL".to_owned(),
        DefaultValue::Required if attribute.nullable => "NULL".to_owned(),
        DefaultValue::Required => {
            let advice = format!("`{}` has no default: give a value", attribute.name);
            return Err(Error::Statement { table: table.name.clone(), advice });
        }
        DefaultValue::CurrentTimestamp { .. } => now(&attribute.attribute_type),
        DefaultValue::OfServer(found) => {
            let advice = format!(
                "`{}` has what the server computes, `{}`: give a value with each row, or leave it out of all",
                attribute.name,
                found.text()
            );
            return Err(Error::Statement { table: table.name.clone(), advice });
        }
        DefaultValue::Value(text) => match checked(Backend::Sqlite, table, attribute)? {
            // As a row would keep it, where it is a value and no expression.
            Some(value) => kept(&crate::bind_value(Backend::Sqlite, attribute, value)?, text),
            None => literal(text),
        },
    })
}

/// A number that is larger than all that a float holds.
pub(super) const INFINITY: &str = "9e999";

/// A value as a literal.
fn kept(value: &Value, text: &str) -> String {
    match value {
        Value::Int(number) => number.to_string(),
        // No literal says that; this is beyond all numbers.
        Value::Float64(number) if number.is_infinite() => {
            if *number < 0.0 {
                format!("-{INFINITY}")
            } else {
                INFINITY.to_owned()
            }
        }
        Value::Float64(number) => number.to_string(),
        Value::Text(text) => literal(text),
        Value::Bytes(bytes) => format!("X'{}'", hexadecimal(bytes)),
        _ => literal(text),
    }
}

/// The present moment, in UTC, as a value of the type.
pub(super) fn now(attribute_type: &AttributeType) -> String {
    let precision = match attribute_type {
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
