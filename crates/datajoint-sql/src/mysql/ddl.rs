use datajoint_definition::{AttributeType, Backend, CoreType, DefaultValue};
use datajoint_schema::{Attribute, Table, TableName};

use super::check::{check_constraint_names, check_letters, check_members};
use super::quote::{literal, quote, quoted_list, reference};
use super::{Mysql, comment, index, types};
use crate::declaration::{AddColumns, check_name, foreign_key_clause};
use crate::default::{checked, null_alone, of_server, written};
use crate::dialect::{Ddl, IndexTails};
use crate::json_path;
use crate::native::Holds;
use crate::{Error, Result, Statement, Value};

impl Ddl for Mysql {
    fn create_schema(&self, schema: &str, has_own_characters: bool) -> Vec<Statement> {
        let characters = if has_own_characters { " CHARACTER SET utf8mb4" } else { "" };
        vec![Statement::plain(format!("CREATE DATABASE IF NOT EXISTS {}{characters}", quote(schema)))]
    }

    /// Where the server has all characters, a schema has its collation, which somebody may have chosen. Beside schemas of
    /// DataJoint that have fewer, it has as few as these: a string in a foreign key must have the characters of its parent.
    fn wants_own_characters(&self) -> Option<Statement> {
        Some(Statement::plain(
            "SELECT 1 FROM DUAL WHERE @@character_set_server <> 'utf8mb4' AND NOT EXISTS (\
             SELECT 1 FROM information_schema.schemata s JOIN information_schema.tables t ON t.table_schema = s.schema_name \
             WHERE s.default_character_set_name <> 'utf8mb4' AND t.table_name LIKE '~%')",
        ))
    }

    fn schema_exists(&self, schema: &str) -> Statement {
        Statement {
            sql: "SELECT schema_name FROM information_schema.schemata WHERE schema_name = ?".to_owned(),
            parameters: vec![Value::Text(schema.to_owned())],
            ..Statement::default()
        }
    }

    fn list_schemas(&self) -> Statement {
        let system = SYSTEM.map(literal).join(", ");
        Statement::plain(format!(
            "SELECT schema_name FROM information_schema.schemata WHERE schema_name NOT IN ({system}) ORDER BY schema_name"
        ))
    }

    fn drop_schema(&self, schema: &str, _: &[TableName]) -> Vec<Statement> {
        vec![Statement::plain(format!("DROP DATABASE IF EXISTS {}", quote(schema)))]
    }

    fn strangers(&self, schema: &str) -> Option<Statement> {
        Some(Statement {
            sql: "SELECT lower(table_type), table_name FROM information_schema.tables \
                  WHERE table_schema = ? AND table_type NOT IN ('BASE TABLE', 'SYSTEM VERSIONED') \
                  UNION ALL SELECT lower(routine_type), routine_name FROM information_schema.routines \
                  WHERE routine_schema = ? \
                  UNION ALL SELECT 'event', event_name FROM information_schema.events WHERE event_schema = ?"
                .to_owned(),
            parameters: vec![Value::Text(schema.to_owned()); 3],
            ..Statement::default()
        })
    }

    fn create_table(&self, table: &Table) -> Result<Vec<Statement>> {
        check_name(self.backend, table)?;
        let checks = json_path::checks(self, table)?;
        check_constraint_names(self.backend, table, checks.len())?;
        let attributes: Vec<&Attribute> = table.heading.all().iter().map(|attribute| &**attribute).collect();
        check_letters(self.backend, table, &attributes)?;
        check_members(self.backend, table, &attributes)?;
        comment::check(table, &attributes)?;
        let mut lines = Vec::new();
        for attribute in table.heading.all() {
            lines.push(column(self.backend, table, attribute)?);
        }
        lines.push(format!("PRIMARY KEY ({})", quoted_list(table.key_names(), ", ")));
        lines.extend(
            table.foreign_keys.iter().map(|foreign_key| foreign_key_clause(foreign_key, quote, reference)),
        );
        lines.extend(index::clauses(self, table)?);
        lines.extend(checks);
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

    fn drop_table(&self, table: &Table) -> Vec<Statement> {
        vec![Statement::plain(format!("DROP TABLE {}", reference(&table.name)))]
    }

    fn add_columns(&self, table: &Table, attributes: &[&Attribute]) -> Result<AddColumns> {
        check_letters(self.backend, table, attributes)?;
        check_members(self.backend, table, attributes)?;
        comment::check(table, attributes)?;
        let columns: Vec<String> = attributes
            .iter()
            .map(|attribute| Ok(format!("ADD COLUMN {}", column(self.backend, table, attribute)?)))
            .collect::<Result<_>>()?;
        let alter =
            Statement::plain(format!("ALTER TABLE {} {}", reference(&table.name), columns.join(", ")));
        Ok(AddColumns { alter: vec![alter], comments: Vec::new() })
    }

    fn alter_members(&self, table: &Table, declared: &Attribute, _: &Attribute) -> Result<Vec<Statement>> {
        if declared.inherited {
            return Ok(Vec::new());
        }
        check_members(self.backend, table, &[declared])?;
        comment::check(table, &[declared])?;
        let column = column(self.backend, table, declared)?;
        Ok(vec![Statement::plain(format!("ALTER TABLE {} MODIFY COLUMN {column}", reference(&table.name)))])
    }

    fn create_lineage_table(&self, schema: &str) -> Vec<Statement> {
        let name = reference(&TableName::lineage(schema));
        vec![Statement::plain(format!(
            "CREATE TABLE IF NOT EXISTS {name} (\n\
             `table_name` VARCHAR(64) NOT NULL COMMENT \"table name within the schema\",\n\
             `attribute_name` VARCHAR(64) NOT NULL COMMENT \"attribute name\",\n\
             `lineage` VARCHAR(255) NOT NULL COMMENT \"origin: schema.table.attribute\",\n\
             PRIMARY KEY (`table_name`, `attribute_name`)\n\
             ) ENGINE=InnoDB"
        ))]
    }

    fn expression_index_fault(&self) -> Option<String> {
        index::without_expressions(self)
    }

    fn index_tails(&self) -> IndexTails {
        IndexTails { text: "`asc` or `desc`", ..IndexTails::default() }
    }

    fn is_system_schema(&self, schema: &str) -> bool {
        SYSTEM.contains(&schema)
    }

    fn column_type(&self, _: &Table, attribute: &Attribute) -> Result<String> {
        Ok(types::column_type(attribute))
    }

    fn replaces_lineage(&self) -> &'static str {
        " ON DUPLICATE KEY UPDATE `lineage` = VALUES(`lineage`)"
    }
}

/// The server's own databases.
const SYSTEM: [&str; 4] = ["information_schema", "mysql", "performance_schema", "sys"];

/// A column as declared.
fn column(backend: Backend, table: &Table, attribute: &Attribute) -> Result<String> {
    let name = quote(&attribute.name);
    let kind = types::column_type(attribute);
    let characters = own_characters(table, attribute);
    let default = default_clause(backend, table, attribute)?;
    Ok(format!("{name} {kind}{characters}{default}{}", comment::column(attribute)))
}

/// The audit takes every letter, whichever its schema takes: else a change would fail for what is noted of it. Its texts are in
/// no foreign key, and compared as they are written.
fn own_characters(table: &Table, attribute: &Attribute) -> &'static str {
    let is_text = matches!(attribute.attribute_type, AttributeType::Core(CoreType::Varchar(_)));
    let is_of_audit = table.name == TableName::audit(&table.name.schema);
    if is_text && is_of_audit { " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin" } else { "" }
}

fn default_clause(backend: Backend, table: &Table, attribute: &Attribute) -> Result<String> {
    if attribute.inherited {
        return Ok(if attribute.nullable { "" } else { " NOT NULL" }.to_owned());
    }
    let value = checked(backend, table, attribute)?;
    Ok(match &attribute.default {
        DefaultValue::OfServer(_) => return Err(of_server(table, attribute)),
        DefaultValue::Required => " NOT NULL".to_owned(),
        DefaultValue::Null => " DEFAULT NULL".to_owned(),
        DefaultValue::CurrentTimestamp { .. } if backend == Backend::Mysql && !is_moment(attribute) => {
            return Err(Error::UnsupportedType {
                table: Box::new(table.name.clone()),
                attribute: attribute.name.clone(),
                type_text: attribute.type_text.clone(),
                backend,
                advice: "only a `datetime` has the present moment as its default here: declare one, or give a value with each row"
                    .to_owned(),
            });
        }
        DefaultValue::CurrentTimestamp { precision } => {
            format!(" NOT NULL DEFAULT {}", current_timestamp(backend, attribute, *precision))
        }
        DefaultValue::Value(text) => {
            let text = value.as_ref().and_then(written).unwrap_or_else(|| text.clone());
            let default = match value {
                Some(Value::Float32(number)) if !is_shown(attribute, number) => {
                    // The shortest string of the narrow number may lie beyond the largest one.
                    format!("(cast('{:e}' as double))", f64::from(number))
                }
                _ => default_value(backend, table, attribute, &text)?,
            };
            format!(" NOT NULL DEFAULT {default}")
        }
    })
}

/// True for a type that has the present moment as its default; of one of the server's own, only that knows.
fn is_moment(attribute: &Attribute) -> bool {
    matches!(
        attribute.attribute_type,
        AttributeType::Core(CoreType::DateTime { .. }) | AttributeType::Native(_)
    )
}

fn default_value(backend: Backend, table: &Table, attribute: &Attribute, text: &str) -> Result<String> {
    let literal = literal(text);
    Ok(match (&attribute.attribute_type, types::column_type(attribute).as_str()) {
        // MySQL takes a default of a JSON column only as an expression.
        (_, "json") if backend == Backend::Mysql => format!("({literal})"),
        // The servers take no text for the bytes of a UUID.
        (attribute_type, kind)
            if kind.contains("blob")
                || *attribute_type == AttributeType::Core(CoreType::Uuid)
                || is_misread(kind, text) =>
        {
            return Err(null_alone(backend, table, attribute));
        }
        _ => literal,
    })
}

/// True for a number that the catalog shows as it is: of a 32-bit float it shows six digits alone.
fn is_shown(attribute: &Attribute, number: f32) -> bool {
    let has_digits = match &attribute.attribute_type {
        AttributeType::Native(native) => {
            matches!(Holds::of(Backend::Mysql, native), Holds::Float32 { after_point: Some(_), .. })
        }
        _ => false,
    };
    has_digits || format!("{number:.5e}").parse() == Ok(number)
}

/// True for a default of which the server would make another value: it takes the letter `0` for bits, and 0 for a year.
fn is_misread(kind: &str, text: &str) -> bool {
    match kind.to_ascii_lowercase() {
        kind if kind.starts_with("bit") => true,
        kind if kind.starts_with("year") => {
            text.parse().is_ok_and(|year: i64| !(1901..=2155).contains(&year))
        }
        _ => false,
    }
}

/// `CURRENT_TIMESTAMP` with the digits that the column keeps: the server takes no others.
fn current_timestamp(backend: Backend, attribute: &Attribute, written: Option<u8>) -> String {
    let digits = match &attribute.attribute_type {
        AttributeType::Core(CoreType::DateTime { precision }) => Some(precision.unwrap_or(0)),
        AttributeType::Native(native) => match Holds::of(backend, native) {
            Holds::DateTime { digits } => Some(digits),
            _ => written,
        },
        _ => written,
    };
    let precision = digits.filter(|digits| *digits > 0);
    DefaultValue::CurrentTimestamp { precision }.to_string()
}
