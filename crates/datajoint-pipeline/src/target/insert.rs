//! How many rows travel in which statements.

use datajoint_definition::Backend;
use datajoint_schema::Table;
use datajoint_sql::{InsertMode, Statement, Value, parameter_limit};

use crate::Result;

/// From so many values on, PostgreSQL takes rows in its binary form.
pub(super) const COPY_FROM: usize = 256;

/// The most rows of one statement.
const MOST_ROWS: usize = 1000;

/// Bytes that fit into one packet of every server.
const FEW_BYTES: usize = 1 << 19;

/// True when rows may need more than one statement.
pub(super) fn is_many(backend: Backend, columns: &[&str], values: &[Value]) -> bool {
    let width = columns.len().max(1);
    values.len() > parameter_limit(backend)
        || values.len() / width > MOST_ROWS
        || (values.len() > width && values.iter().map(weight).sum::<usize>() > FEW_BYTES)
        || (values.len() > width && values.contains(&Value::Default))
}

fn weight(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Json(_) => 1024,
        _ => 16,
    }
}

/// Statements for rows of which some have defaults.
pub(super) fn with_defaults(
    backend: Backend,
    table: &Table,
    columns: &[&str],
    values: &[Value],
    mode: InsertMode,
) -> Result<Vec<Statement>> {
    let width = columns.len().max(1);
    let most = (parameter_limit(backend) / width).clamp(1, MOST_ROWS);
    let mut statements = Vec::new();
    let mut rest = values.chunks(width).peekable();
    while rest.peek().is_some() {
        let (mut rows, mut bytes) = (Vec::new(), 0);
        while let Some(row) = rest.next_if(|_| rows.len() < most && bytes <= FEW_BYTES) {
            bytes += row.iter().map(weight).sum::<usize>();
            rows.push(row.to_vec());
        }
        statements.push(datajoint_sql::insert_rows(backend, table, columns, rows, mode)?);
    }
    Ok(statements)
}

/// The types of columns on PostgreSQL, as the binary form wants them; empty where one has none.
pub(super) fn column_types(table: &Table, columns: &[&str]) -> Vec<String> {
    use datajoint_definition::{AttributeType, CoreType, NativeCategory, Store};
    let name = |column: &&str| {
        Some(match &table.heading.get(column)?.attribute_type {
            AttributeType::Core(core) => match core {
                CoreType::Int8 | CoreType::Int16 => "smallint",
                CoreType::Int32 => "integer",
                CoreType::Int64 => "bigint",
                CoreType::Float32 => "real",
                CoreType::Float64 => "double precision",
                CoreType::Bool => "boolean",
                CoreType::Uuid => "uuid",
                CoreType::Json => "jsonb",
                CoreType::Bytes => "bytea",
                CoreType::Date => "date",
                CoreType::DateTime { .. } => "timestamp",
                CoreType::Char(_) | CoreType::Varchar(_) => "varchar",
                CoreType::Enum(_) => "\"enum\"",
                CoreType::Decimal { .. } => return None,
            },
            AttributeType::Codec(codec) if codec.store == Store::Table => "bytea",
            AttributeType::Codec(_) => "jsonb",
            AttributeType::Native(native) if native.category == NativeCategory::Text => "text",
            AttributeType::Native(_) => return None,
        })
    };
    columns
        .iter()
        .map(|column| name(column).map(str::to_owned))
        .collect::<Option<Vec<_>>>()
        .unwrap_or_default()
}
