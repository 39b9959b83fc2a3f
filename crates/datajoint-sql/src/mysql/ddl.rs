use datajoint_definition::{AttributeType, Backend, CoreType, DefaultValue};
use datajoint_schema::{Attribute, Table, TableName};

use super::{comment, index, quote, quoted_list, reference, types};
use crate::ddl::{check_default, check_name, foreign_key_clause};
use crate::{Error, Result, Statement, Value};

/// The server's own databases.
const SYSTEM: &str = "'information_schema', 'mysql', 'performance_schema', 'sys'";

pub(super) fn create_schema(schema: &str) -> Vec<Statement> {
    vec![Statement::plain(format!("CREATE DATABASE IF NOT EXISTS {}", quote(schema)))]
}

pub(super) fn schema_exists(schema: &str) -> Statement {
    Statement {
        sql: "SELECT schema_name FROM information_schema.schemata WHERE schema_name = ?".to_owned(),
        parameters: vec![Value::Text(schema.to_owned())],
    }
}

pub(super) fn list_schemas() -> Statement {
    Statement::plain(format!(
        "SELECT schema_name FROM information_schema.schemata WHERE schema_name NOT IN ({SYSTEM}) ORDER BY schema_name"
    ))
}

pub(super) fn drop_schema(schema: &str, _: &[TableName]) -> Vec<Statement> {
    vec![Statement::plain(format!("DROP DATABASE IF EXISTS {}", quote(schema)))]
}

pub(super) fn create_table(backend: Backend, table: &Table) -> Result<Vec<Statement>> {
    check_name(backend, table)?;
    let mut lines = Vec::new();
    for attribute in table.heading.all() {
        lines.push(column(backend, table, attribute)?);
    }
    lines.push(format!("PRIMARY KEY ({})", quoted_list(table.key_names(), ", ")));
    lines.extend(
        table.foreign_keys.iter().map(|foreign_key| foreign_key_clause(foreign_key, quote, reference)),
    );
    lines.extend(index::clauses(backend, table)?);
    let comment = match table.comment.as_str() {
        "" => String::new(),
        text => format!(", COMMENT {}", comment::quote(text)),
    };
    Ok(vec![Statement::plain(format!(
        "CREATE TABLE IF NOT EXISTS {} (\n{}\n) ENGINE=InnoDB{comment}",
        reference(&table.name),
        lines.join(",\n"),
    ))])
}

/// A column as declared.
fn column(backend: Backend, table: &Table, attribute: &Attribute) -> Result<String> {
    let name = quote(&attribute.name);
    let kind = types::column_type(attribute);
    let default = default_clause(backend, table, attribute)?;
    Ok(format!("{name} {kind}{default}{}", comment::column(attribute)))
}

fn default_clause(backend: Backend, table: &Table, attribute: &Attribute) -> Result<String> {
    if attribute.inherited {
        return Ok(if attribute.nullable { "" } else { " NOT NULL" }.to_owned());
    }
    check_default(backend, table, attribute)?;
    Ok(match &attribute.default {
        DefaultValue::Required => " NOT NULL".to_owned(),
        DefaultValue::Null => " DEFAULT NULL".to_owned(),
        DefaultValue::CurrentTimestamp(text) => format!(" NOT NULL DEFAULT {text}"),
        DefaultValue::Value(text) => {
            format!(" NOT NULL DEFAULT {}", default_value(backend, table, attribute, text)?)
        }
    })
}

fn default_value(backend: Backend, table: &Table, attribute: &Attribute, text: &str) -> Result<String> {
    let literal = types::text_literal(text);
    Ok(match (&attribute.attribute_type, types::column_type(attribute).as_str()) {
        (AttributeType::Core(CoreType::Bool), _) => match text.to_ascii_lowercase().as_str() {
            "true" => "'1'".to_owned(),
            "false" => "'0'".to_owned(),
            _ => literal,
        },
        // MySQL takes a default of a JSON column only as an expression.
        (_, "json") if backend == Backend::Mysql => format!("({literal})"),
        (_, kind) if kind.contains("blob") => {
            return Err(Error::UnsupportedType {
                table: Box::new(table.name.clone()),
                attribute: attribute.name.clone(),
                type_text: attribute.type_text.clone(),
                backend,
                advice: "the default of a blob can only be null here: write `= null`".to_owned(),
            });
        }
        _ => literal,
    })
}

pub(super) fn add_columns(
    backend: Backend,
    table: &Table,
    attributes: &[&Attribute],
) -> Result<Vec<Statement>> {
    let columns: Vec<String> = attributes
        .iter()
        .map(|attribute| Ok(format!("ADD COLUMN {}", column(backend, table, attribute)?)))
        .collect::<Result<_>>()?;
    Ok(vec![Statement::plain(format!("ALTER TABLE {} {}", reference(&table.name), columns.join(", ")))])
}

pub(super) fn drop_table(table: &Table) -> Vec<Statement> {
    let mut statements = vec![Statement::plain(format!("DROP TABLE {}", reference(&table.name)))];
    statements.extend(crate::delete_lineage(Backend::Mysql, &table.name));
    statements
}

pub(super) fn create_lineage_table(schema: &str) -> Vec<Statement> {
    let name = reference(&TableName::new(schema, "~lineage"));
    vec![Statement::plain(format!(
        "CREATE TABLE IF NOT EXISTS {name} (\n\
         `table_name` VARCHAR(64) NOT NULL COMMENT \"table name within the schema\",\n\
         `attribute_name` VARCHAR(64) NOT NULL COMMENT \"attribute name\",\n\
         `lineage` VARCHAR(255) NOT NULL COMMENT \"origin: schema.table.attribute\",\n\
         PRIMARY KEY (`table_name`, `attribute_name`)\n\
         ) ENGINE=InnoDB"
    ))]
}
