//! How many rows travel in which statements.

use datajoint_adapters::ColumnType;
use datajoint_definition::{AttributeType, Backend, CoreType, NativeCategory, Store};
use datajoint_schema::Table;
use datajoint_sql::{InsertMode, Statement, Value, parameter_limit};

use crate::Result;

/// From so many values on, PostgreSQL takes rows in its binary form.
///
/// For fewer, it waits longer for the end of the rows than it takes to read them.
const COPY_VALUES: usize = 20_000;

/// The most rows of one statement.
const MOST_ROWS: usize = 1000;

/// The same in bytes.
const COPY_BYTES: usize = 1 << 20;

/// Bytes that fit into one packet of every server.
const FEW_BYTES: usize = 1 << 19;

/// True when rows may need more than one statement.
pub(super) fn is_many(backend: Backend, columns: &[&str], values: &[Value]) -> bool {
    let width = columns.len().max(1);
    values.len() > parameter_limit(backend)
        || values.len() / width > MOST_ROWS
        || (values.len() > width && values.iter().map(Value::size).sum::<usize>() > FEW_BYTES)
        || (values.len() > width && values.contains(&Value::Default))
}

/// True for rows that are worth PostgreSQL's binary form.
pub(super) fn is_for_copy(values: &[Value]) -> bool {
    values.len() > COPY_VALUES || values.iter().map(Value::size).sum::<usize>() > COPY_BYTES
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
            bytes += row.iter().map(Value::size).sum::<usize>();
            rows.push(row.to_vec());
        }
        statements.push(datajoint_sql::insert_rows(backend, table, columns, rows, mode)?);
    }
    Ok(statements)
}

/// The types of columns.
pub(super) fn column_types(table: &Table, columns: &[&str]) -> Vec<ColumnType> {
    let column_type =
        |column| table.heading.get(column).map_or(ColumnType::Other, |found| stored(&found.attribute_type));
    columns.iter().map(|column| column_type(column)).collect()
}

fn stored(attribute_type: &AttributeType) -> ColumnType {
    match attribute_type {
        AttributeType::Core(core) => match core {
            CoreType::Int8 | CoreType::Int16 => ColumnType::Int16,
            CoreType::Int32 => ColumnType::Int32,
            CoreType::Int64 => ColumnType::Int64,
            CoreType::Float32 => ColumnType::Float32,
            CoreType::Float64 => ColumnType::Float64,
            CoreType::Decimal { .. } => ColumnType::Decimal,
            CoreType::Bool => ColumnType::Bool,
            CoreType::Char(_) | CoreType::Varchar(_) | CoreType::Enum(_) => ColumnType::Text,
            CoreType::Bytes => ColumnType::Bytes,
            CoreType::Date => ColumnType::Date,
            CoreType::DateTime { .. } => ColumnType::DateTime,
            CoreType::Uuid => ColumnType::Uuid,
            CoreType::Json => ColumnType::Json,
        },
        AttributeType::Codec(codec) if codec.store == Store::Table => ColumnType::Bytes,
        AttributeType::Codec(_) => ColumnType::Json,
        AttributeType::Native(native) if native.category == NativeCategory::Text => ColumnType::Text,
        AttributeType::Native(_) => ColumnType::Other,
    }
}
