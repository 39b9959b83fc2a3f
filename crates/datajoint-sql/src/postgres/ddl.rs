use datajoint_definition::{Backend, DefaultValue};
use datajoint_schema::{Attribute, Table, TableName};

use super::{comment, enumeration, index, quote, quoted_list, reference, types};
use crate::ddl::{check_default, check_name, foreign_key_clause};
use crate::quote::literal;
use crate::{Result, Statement, Value};

pub(super) fn create_schema(schema: &str) -> Vec<Statement> {
    vec![Statement::plain(format!("CREATE SCHEMA IF NOT EXISTS {}", quote(schema)))]
}

pub(super) fn schema_exists(schema: &str) -> Statement {
    Statement {
        sql: "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname = $1".to_owned(),
        parameters: vec![Value::Text(schema.to_owned())],
    }
}

pub(super) fn list_schemas() -> Statement {
    Statement::plain(
        "SELECT nspname::text FROM pg_catalog.pg_namespace \
         WHERE nspname <> 'information_schema' AND nspname !~ '^pg_' ORDER BY 1",
    )
}

pub(super) fn drop_schema(schema: &str, _: &[TableName]) -> Vec<Statement> {
    vec![Statement::plain(format!("DROP SCHEMA IF EXISTS {} CASCADE", quote(schema)))]
}

pub(super) fn create_table(table: &Table) -> Result<Vec<Statement>> {
    check_name(Backend::Postgresql, table)?;
    let mut lines = Vec::new();
    for attribute in table.heading.all() {
        lines.push(column(table, attribute)?);
    }
    lines.push(format!("PRIMARY KEY ({})", quoted_list(table.key_names())));
    lines.extend(
        table.foreign_keys.iter().map(|foreign_key| foreign_key_clause(foreign_key, quote, reference)),
    );
    let mut statements = enumeration::create(table);
    statements.push(Statement::plain(format!(
        "CREATE TABLE IF NOT EXISTS {} (\n{}\n)",
        reference(&table.name),
        lines.join(",\n")
    )));
    statements.extend(index::statements(table));
    statements.extend(comment::statements(table));
    Ok(statements)
}

fn column(table: &Table, attribute: &Attribute) -> Result<String> {
    let name = quote(&attribute.name);
    let kind = types::column_type(&table.name, attribute);
    Ok(format!("{name} {kind}{}", default_clause(table, attribute)?))
}

fn default_clause(table: &Table, attribute: &Attribute) -> Result<String> {
    if attribute.inherited {
        return Ok(if attribute.nullable { "" } else { " NOT NULL" }.to_owned());
    }
    check_default(Backend::Postgresql, table, attribute)?;
    Ok(match &attribute.default {
        DefaultValue::Required => " NOT NULL".to_owned(),
        DefaultValue::Null => " DEFAULT NULL".to_owned(),
        DefaultValue::CurrentTimestamp(text) => format!(" NOT NULL DEFAULT {text}"),
        DefaultValue::Value(text) => format!(" NOT NULL DEFAULT {}", literal(text)),
    })
}

pub(super) fn add_columns(table: &Table, attributes: &[&Attribute]) -> Result<Vec<Statement>> {
    let columns: Vec<String> = attributes
        .iter()
        .map(|attribute| Ok(format!("ADD COLUMN {}", column(table, attribute)?)))
        .collect::<Result<_>>()?;
    let alter = format!("ALTER TABLE {} {}", reference(&table.name), columns.join(", "));
    let comments = attributes.iter().filter_map(|attribute| comment::column(table, attribute));
    Ok(std::iter::once(Statement::plain(alter)).chain(comments).collect())
}

pub(super) fn drop_table(table: &Table) -> Vec<Statement> {
    let mut statements = vec![Statement::plain(format!("DROP TABLE {}", reference(&table.name)))];
    statements.extend(enumeration::drop(table));
    statements.extend(crate::delete_lineage(Backend::Postgresql, &table.name));
    statements
}

pub(super) fn create_lineage_table(schema: &str) -> Vec<Statement> {
    let name = reference(&TableName::new(schema, "~lineage"));
    vec![Statement::plain(format!(
        "CREATE TABLE IF NOT EXISTS {name} (\n\
         \"table_name\" VARCHAR(64) NOT NULL,\n\
         \"attribute_name\" VARCHAR(64) NOT NULL,\n\
         \"lineage\" VARCHAR(255) NOT NULL,\n\
         PRIMARY KEY (\"table_name\", \"attribute_name\")\n\
         )"
    ))]
}
