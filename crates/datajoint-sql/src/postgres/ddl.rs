use datajoint_definition::{AttributeType, Backend, CoreType, DefaultValue};
use datajoint_schema::{Attribute, ForeignKey, Index, Table, TableName};

use super::quote::{quote, quoted_list, reference};
use super::{Postgres, comment, constraint, enumeration, index, types};
use crate::declaration::{AddColumns, check_name, foreign_key_clause};
use crate::default::{checked, of_server, written};
use crate::dialect::{Ddl, IndexTails};
use crate::json_path;
use crate::literal::literal;
use crate::{Result, Statement, Value};

impl Ddl for Postgres {
    fn create_schema(&self, schema: &str, _: bool) -> Vec<Statement> {
        vec![Statement::plain(format!("CREATE SCHEMA IF NOT EXISTS {}", quote(schema)))]
    }

    fn schema_exists(&self, schema: &str) -> Statement {
        Statement {
            sql: "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname = $1".to_owned(),
            parameters: vec![Value::Text(schema.to_owned())],
            ..Statement::default()
        }
    }

    fn list_schemas(&self) -> Statement {
        Statement::plain(
            "SELECT nspname::text FROM pg_catalog.pg_namespace \
             WHERE nspname <> 'information_schema' AND nspname !~ '^pg_' ORDER BY 1",
        )
    }

    /// What nobody was shown, and what other schemas use, keeps the schema: nothing here cascades.
    fn drop_schema(&self, schema: &str, tables: &[TableName]) -> Vec<Statement> {
        let hidden = tables.iter().filter(|table| table.is_hidden());
        let mut statements: Vec<Statement> = hidden
            .map(|table| Statement::plain(format!("DROP TABLE IF EXISTS {}", reference(table))))
            .collect();
        statements.push(enumeration::drop_all(schema));
        statements.push(Statement::plain(format!("DROP SCHEMA IF EXISTS {} RESTRICT", quote(schema))));
        statements
    }

    fn strangers(&self, schema: &str) -> Option<Statement> {
        let within =
            |oid: &str| format!("{oid} = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = $1)");
        Some(Statement {
            sql: format!(
                "SELECT kind, name FROM (\
                 SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' \
                 WHEN 'c' THEN 'type' ELSE 'foreign table' END AS kind, c.relname::text AS name \
                 FROM pg_catalog.pg_class AS c WHERE {} AND c.relkind IN ('v', 'm', 'S', 'c', 'f') AND NOT EXISTS \
                 (SELECT 1 FROM pg_catalog.pg_depend AS d WHERE d.classid = 'pg_catalog.pg_class'::regclass \
                 AND d.objid = c.oid AND d.deptype IN ('a', 'i')) \
                 UNION ALL SELECT 'function', p.proname::text FROM pg_catalog.pg_proc AS p WHERE {} \
                 UNION ALL SELECT 'type', t.typname::text FROM pg_catalog.pg_type AS t WHERE {} AND t.typtype IN ('d', 'r')\
                 ) AS found ORDER BY 1, 2",
                within("c.relnamespace"),
                within("p.pronamespace"),
                within("t.typnamespace"),
            ),
            parameters: vec![Value::Text(schema.to_owned())],
            ..Statement::default()
        })
    }

    fn create_table(&self, table: &Table) -> Result<Vec<Statement>> {
        check_name(Backend::Postgresql, table)?;
        let mut lines = Vec::new();
        for attribute in table.heading.all() {
            lines.push(column(table, attribute)?);
        }
        lines.push(format!("PRIMARY KEY ({})", quoted_list(table.key_names())));
        lines.extend(
            table.foreign_keys.iter().map(|foreign_key| foreign_key_clause(foreign_key, quote, reference)),
        );
        lines.extend(json_path::checks(self, table)?);
        let mut statements = enumeration::create(table, table.heading.all().iter().map(AsRef::as_ref));
        statements.push(Statement::plain(format!(
            "CREATE TABLE IF NOT EXISTS {} (\n{}\n)",
            reference(&table.name),
            lines.join(",\n")
        )));
        statements.extend(index::statements(table)?);
        statements.extend(comment::statements(table));
        Ok(statements)
    }

    fn drop_table(&self, table: &Table) -> Vec<Statement> {
        let mut statements = vec![Statement::plain(format!("DROP TABLE {}", reference(&table.name)))];
        statements.extend(enumeration::drop(table));
        statements
    }

    fn add_columns(&self, table: &Table, attributes: &[&Attribute]) -> Result<AddColumns> {
        let columns: Vec<String> = attributes
            .iter()
            .map(|attribute| Ok(format!("ADD COLUMN {}", column(table, attribute)?)))
            .collect::<Result<_>>()?;
        let alter = format!("ALTER TABLE {} {}", reference(&table.name), columns.join(", "));
        let comments = attributes.iter().filter_map(|attribute| comment::column(table, attribute));
        let mut statements = enumeration::create(table, attributes.iter().copied());
        statements.push(Statement::plain(alter));
        Ok(AddColumns { alter: statements, comments: comments.collect() })
    }

    fn alter_members(
        &self,
        table: &Table,
        declared: &Attribute,
        found: &Attribute,
    ) -> Result<Vec<Statement>> {
        enumeration::alter(table, declared, found)
    }

    fn create_lineage_table(&self, schema: &str) -> Vec<Statement> {
        let name = reference(&TableName::lineage(schema));
        vec![Statement::plain(format!(
            "CREATE TABLE IF NOT EXISTS {name} (\n\
             \"table_name\" VARCHAR(64) NOT NULL,\n\
             \"attribute_name\" VARCHAR(64) NOT NULL,\n\
             \"lineage\" VARCHAR(255) NOT NULL,\n\
             PRIMARY KEY (\"table_name\", \"attribute_name\")\n\
             )"
        ))]
    }

    fn index_tails(&self) -> IndexTails {
        IndexTails {
            has_collations: true,
            has_classes: true,
            has_nulls: true,
            text: "`collate …`, a class such as `text_pattern_ops`, `asc` or `desc`, then `nulls first` or `nulls last`",
        }
    }

    fn is_system_schema(&self, schema: &str) -> bool {
        schema == "information_schema" || schema.starts_with("pg_")
    }

    fn column_type(&self, table: &Table, attribute: &Attribute) -> Result<String> {
        Ok(types::column_type(&table.name, attribute))
    }

    fn support_index(&self, table: &Table, index: &Index, taken: &[String]) -> Option<(String, Statement)> {
        Some(index::support(table, index, taken))
    }

    fn foreign_key_named<'a>(&self, table: &'a Table, constraint: &str) -> Option<&'a ForeignKey> {
        constraint::foreign_key_named(table, constraint)
    }

    fn index_named<'a>(&self, table: &'a Table, constraint: &str) -> Option<&'a Index> {
        let mut named = index::named(table, &table.indexes).into_iter();
        named.find_map(|(name, index)| (name == constraint).then_some(index))
    }
}

fn column(table: &Table, attribute: &Attribute) -> Result<String> {
    let name = quote(&attribute.name);
    let kind = types::column_type(&table.name, attribute);
    Ok(format!("{name} {kind}{}", default_clause(table, attribute)?))
}

pub(super) fn default_clause(table: &Table, attribute: &Attribute) -> Result<String> {
    if attribute.inherited {
        return Ok(if attribute.nullable { "" } else { " NOT NULL" }.to_owned());
    }
    let value = checked(Backend::Postgresql, table, attribute)?;
    Ok(match &attribute.default {
        DefaultValue::OfServer(_) => return Err(of_server(table, attribute)),
        DefaultValue::Required => " NOT NULL".to_owned(),
        DefaultValue::Null => " DEFAULT NULL".to_owned(),
        DefaultValue::CurrentTimestamp { precision } => {
            format!(" NOT NULL DEFAULT {}", current_timestamp(attribute, *precision))
        }
        DefaultValue::Value(text) => {
            let text = match value {
                // It reads all words for truth that a definition may have.
                Some(Value::Bool(_)) | None => text.clone(),
                Some(value) => written(&value).unwrap_or_else(|| text.clone()),
            };
            format!(" NOT NULL DEFAULT {}", literal(&text))
        }
    })
}

/// `CURRENT_TIMESTAMP` with the digits that the column keeps: a bare `timestamp` keeps microseconds, which a `datetime` of
/// the other databases does not hold.
fn current_timestamp(attribute: &Attribute, written: Option<u8>) -> String {
    let precision = match &attribute.attribute_type {
        AttributeType::Core(CoreType::DateTime { precision }) => Some(precision.unwrap_or(0)),
        _ => written,
    };
    DefaultValue::CurrentTimestamp { precision }.to_string()
}
