use datajoint_definition::Backend;
use datajoint_schema::TableName;

use crate::backends::dialect;

/// A name between the quotes of the backend; quotes within are doubled.
///
/// ```
/// use datajoint_definition::Backend;
/// use datajoint_sql::quote_identifier;
///
/// assert_eq!(quote_identifier(Backend::Mysql, "a`b"), "`a``b`");
/// assert_eq!(quote_identifier(Backend::Postgresql, "a\"b"), "\"a\"\"b\"");
/// ```
pub fn quote_identifier(backend: Backend, name: &str) -> String {
    dialect(backend).identifier(name)
}

/// The full name of a table as statements write it.
///
/// SQLite has no schemas: there the table is called `schema.table`.
///
/// ```
/// use datajoint_definition::Backend;
/// use datajoint_schema::TableName;
/// use datajoint_sql::table_reference;
///
/// let name = TableName::new("lab", "#method");
/// assert_eq!(table_reference(Backend::Mysql, &name), "`lab`.`#method`");
/// assert_eq!(table_reference(Backend::Postgresql, &name), "\"lab\".\"#method\"");
/// assert_eq!(table_reference(Backend::Sqlite, &name), "`lab.#method`");
/// ```
pub fn table_reference(backend: Backend, name: &TableName) -> String {
    dialect(backend).table(name)
}

/// A text between single quotes, for places where nothing can be bound.
///
/// ```
/// use datajoint_definition::Backend;
/// use datajoint_sql::quote_text;
///
/// assert_eq!(quote_text(Backend::Postgresql, "it's"), "'it''s'");
/// assert_eq!(quote_text(Backend::Mysql, r"a\b"), r"'a\\b'");
/// ```
pub fn quote_text(backend: Backend, text: &str) -> String {
    dialect(backend).string(text)
}
