use datajoint_definition::{AttributeType, Backend, CoreType, DefaultValue};
use datajoint_schema::{Attribute, ForeignKey, Index, Table, TableName};

use crate::dialect::dialect;
use crate::{Error, Result, Statement, Value};

/// What creates a schema; also when it is there already, but not safe against doing so at the same time.
pub fn create_schema(backend: Backend, schema: &str) -> Vec<Statement> {
    dialect(backend).create_schema(schema)
}

/// A query with one row when the schema exists, otherwise none.
pub fn schema_exists(backend: Backend, schema: &str) -> Statement {
    dialect(backend).schema_exists(schema)
}

/// A query for the names of all schemas but the server's own: one text column, in order.
pub fn list_schemas(backend: Backend) -> Statement {
    dialect(backend).list_schemas()
}

/// What drops a schema with all in it.
///
/// SQLite has no schemas to drop: there `tables` must name all its tables, children before parents.
pub fn drop_schema(backend: Backend, schema: &str, tables: &[TableName]) -> Vec<Statement> {
    dialect(backend).drop_schema(schema, tables)
}

/// What declares a table, in order: enum types, the table, indexes, comments.
///
/// On MySQL, MariaDB and PostgreSQL the texts are those of DataJoint for Python. All may run in one transaction
/// on PostgreSQL and SQLite. For tables that are not there yet: hold a lock and look first. [`replace_lineage`](crate::replace_lineage)
/// is still to follow. Fails when the backend can't hold a type, a name or a default.
///
/// ```
/// # use std::sync::Arc;
/// # use datajoint_definition::{Backend, Tier, parse};
/// # use datajoint_schema::{Declaration, resolve};
/// use datajoint_sql::create_table;
///
/// # let (definition, _) = parse("scan : int8\n---\nnote='' : varchar(80)");
/// # let (scan, _) = resolve(&Declaration { schema: "lab", class_name: "Scan", tier: Tier::Manual,
/// #     definition: &definition, parents: &[], master: None });
/// let statements = create_table(Backend::Postgresql, &scan)?;
/// assert!(statements[0].sql.starts_with("CREATE TABLE IF NOT EXISTS \"lab\".\"scan\" ("));
/// # Ok::<_, datajoint_sql::Error>(())
/// ```
pub fn create_table(backend: Backend, table: &Table) -> Result<Vec<Statement>> {
    dialect(backend).create_table(table)
}

/// What drops a table, with its rows in `~lineage`, its comments, and the enum types that nothing else uses.
pub fn drop_table(backend: Backend, table: &Table) -> Vec<Statement> {
    dialect(backend).drop_table(table)
}

/// What adds columns to a table that is there, with their comments; as few statements as the backend allows.
///
/// Fails when the backend can't hold a type or a default.
pub fn add_columns(backend: Backend, table: &Table, attributes: &[&Attribute]) -> Result<Vec<Statement>> {
    dialect(backend).add_columns(table, attributes)
}

/// What makes an index that a foreign key needs, while others write, and the name it gets, which none of these have.
///
/// `None` for MySQL and MariaDB, which make such indexes themselves. On PostgreSQL it can't run in a transaction.
pub fn support_index(
    backend: Backend,
    table: &Table,
    index: &Index,
    taken: &[String],
) -> Option<(String, Statement)> {
    dialect(backend).support_index(table, index, taken)
}

/// The comment of a column with the marker of its type in front: `:int32:the id`. Native types have none.
pub(crate) fn marked_comment(attribute: &Attribute) -> String {
    match &attribute.attribute_type {
        AttributeType::Native(_) => attribute.comment.clone(),
        AttributeType::Core(_) | AttributeType::Codec(_) => {
            format!(":{}:{}", attribute.type_text, attribute.comment)
        }
    }
}

/// Fails when the backend would cut or refuse the name of a table or of an attribute.
pub(crate) fn check_name(backend: Backend, table: &Table) -> Result<()> {
    let Some(longest) = backend.max_identifier_length() else { return Ok(()) };
    let length = table.name.table.chars().count();
    if length > longest {
        return Err(Error::Declaration {
            table: table.name.clone(),
            advice: format!(
                "its name has {length} characters, {backend} allows {longest}: shorten the name of the class"
            ),
        });
    }
    match table.heading.all().iter().find(|attribute| attribute.name.len() > longest) {
        None => Ok(()),
        Some(attribute) => Err(Error::Declaration {
            table: table.name.clone(),
            advice: format!(
                "`{}` is longer than the {longest} characters that {backend} allows",
                attribute.name
            ),
        }),
    }
}

/// The default of an attribute as a value of its type, where it is one. Fails when it doesn't fit the type.
pub(crate) fn check_default(backend: Backend, table: &Table, attribute: &Attribute) -> Result<Option<Value>> {
    match &attribute.default {
        DefaultValue::Value(text) => {
            let value = match &attribute.attribute_type {
                AttributeType::Core(CoreType::Bytes) | AttributeType::Codec(_) => {
                    return Ok(Some(Value::Bytes(text.clone().into_bytes())));
                }
                AttributeType::Native(_) => return Ok(None),
                AttributeType::Core(_) => Value::Text(text.clone()),
            };
            crate::bind_value(backend, attribute, value)
                .map(Some)
                .map_err(|error| error.in_table(&table.name))
        }
        _ => Ok(None),
    }
}

/// `FOREIGN KEY (…) REFERENCES … (…)` with the rules of DataJoint.
pub(crate) fn foreign_key_clause(
    foreign_key: &ForeignKey,
    quote: impl Fn(&str) -> String,
    reference: impl Fn(&TableName) -> String,
) -> String {
    let child: Vec<String> = foreign_key.child_columns().map(&quote).collect();
    let parent: Vec<String> = foreign_key.parent_columns().map(&quote).collect();
    format!(
        "FOREIGN KEY ({}) REFERENCES {} ({}) ON UPDATE CASCADE ON DELETE RESTRICT",
        child.join(", "),
        reference(&foreign_key.parent),
        parent.join(", ")
    )
}

/// The attribute and the length of an index on the beginning of a text: `a(10)`.
pub(crate) fn prefix_length(text: &str) -> Option<(&str, u32)> {
    let (name, rest) = text.split_once('(')?;
    let length = rest.strip_suffix(')')?.trim().parse().ok()?;
    let name = name.trim();
    let is_word =
        |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '_';
    (!name.is_empty() && name.chars().all(is_word)).then_some((name, length))
}
