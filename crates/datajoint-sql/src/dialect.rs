//! How each backend writes names and places for values.

use datajoint_definition::Backend;
use datajoint_schema::TableName;

/// The separators around an identifier, and what stands for one inside it.
pub fn quote_identifier(backend: Backend, name: &str) -> String {
    if backend.is_mysql_family() {
        format!("`{}`", name.replace('`', "``"))
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

/// A table as it stands in a statement: quoted, with its schema.
///
/// SQLite has one schema a file, so the schema is part of the table's name there.
pub fn table_reference(backend: Backend, name: &TableName) -> String {
    if backend == Backend::Sqlite {
        quote_identifier(backend, &name.to_string())
    } else {
        format!("{}.{}", quote_identifier(backend, &name.schema), quote_identifier(backend, &name.table))
    }
}

/// A text between quotes, for the few places where no value can be bound: comments and defaults in DDL.
pub(crate) fn quote_text(backend: Backend, text: &str) -> String {
    let text = text.replace('\'', "''");
    if backend.is_mysql_family() { format!("'{}'", text.replace('\\', "\\\\")) } else { format!("'{text}'") }
}

/// The place of the `number`th value, counted from 1.
pub fn placeholder(backend: Backend, number: usize) -> String {
    if backend == Backend::Postgresql { format!("${number}") } else { "?".to_owned() }
}
