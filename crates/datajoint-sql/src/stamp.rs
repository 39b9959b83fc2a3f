use datajoint_definition::Backend;
use datajoint_schema::TableName;

use crate::catalog::CatalogRows;
use crate::dialect::dialect;
use crate::quote::literal;
use crate::{Statement, Value};

/// What gives a hidden table of a schema a comment, and makes the table where there is none.
///
/// ```
/// use datajoint_definition::Backend;
/// use datajoint_schema::TableName;
/// use datajoint_sql::write_stamp;
///
/// let statements = write_stamp(Backend::Postgresql, &TableName::new("lab", "~environment"), "it's");
/// assert_eq!(statements[1].sql, r#"COMMENT ON TABLE "lab"."~environment" IS 'it''s'"#);
/// ```
pub fn write_stamp(backend: Backend, table: &TableName, comment: &str) -> Vec<Statement> {
    let dialect = dialect(backend);
    let name = dialect.table(table);
    let column = dialect.identifier("stamp");
    let create = format!("CREATE TABLE IF NOT EXISTS {name} ({column} INTEGER NOT NULL PRIMARY KEY)");
    let write = match backend {
        Backend::Postgresql => Statement::plain(format!("COMMENT ON TABLE {name} IS {}", literal(comment))),
        Backend::Mysql | Backend::Mariadb => {
            let comment = crate::mysql::comment::quote(comment);
            Statement::plain(format!("ALTER TABLE {name} COMMENT = {comment}"))
        }
        Backend::Sqlite => crate::sqlite::comment::keep(table, comment),
    };
    vec![Statement::plain(create), write]
}

/// What removes such a table, with its comment.
pub fn drop_stamp(backend: Backend, table: &TableName) -> Vec<Statement> {
    let mut statements =
        vec![Statement::plain(format!("DROP TABLE IF EXISTS {}", dialect(backend).table(table)))];
    if backend == Backend::Sqlite {
        statements.push(crate::sqlite::comment::delete(table));
    }
    statements
}

/// The query for the schemas that have a table of a name, and its comment there.
pub fn list_stamps(backend: Backend, table: &str) -> Statement {
    let (sql, name) = match backend {
        Backend::Postgresql => (
            "SELECT n.nspname::text, coalesce(obj_description(c.oid, 'pg_class'), '') FROM pg_catalog.pg_class c \
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = $1 ORDER BY 1",
            table.to_owned(),
        ),
        Backend::Mysql | Backend::Mariadb => (
            "SELECT table_schema, table_comment FROM information_schema.tables WHERE table_name = ? ORDER BY 1",
            table.to_owned(),
        ),
        Backend::Sqlite => (
            "SELECT substr(\"table_name\", 1, instr(\"table_name\", '.') - 1), \"comment\" FROM \"~comment\" \
             WHERE \"column_name\" = '' AND substr(\"table_name\", instr(\"table_name\", '.')) = ? ORDER BY 1",
            format!(".{table}"),
        ),
    };
    Statement { sql: sql.to_owned(), parameters: vec![Value::Text(name)] }
}

/// The comments of the tables of one name, with their schemas, among the tables that the catalog describes.
pub fn read_stamps(rows: &CatalogRows, table: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for row in rows.columns() {
        if let [Value::Text(schema), Value::Text(name), comment, ..] = row.as_slice()
            && name == table
            && !found.iter().any(|(known, _)| known == schema)
        {
            let comment = if let Value::Text(comment) = comment { comment.clone() } else { String::new() };
            found.push((schema.clone(), comment));
        }
    }
    found
}
