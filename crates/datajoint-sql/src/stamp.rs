use datajoint_definition::Backend;
use datajoint_schema::TableName;

use crate::backends::dialect;
use crate::catalog::CatalogRows;
use crate::dialect::CommentQuery;
use crate::fragment::Fragment;
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
    let (name, column) = (dialect.table(table), dialect.identifier("stamp"));
    let create = format!("CREATE TABLE IF NOT EXISTS {name} ({column} INTEGER NOT NULL PRIMARY KEY)");
    dialect.write_stamp(create, table, comment).into()
}

/// What removes such a table, with its comment.
pub fn drop_stamp(backend: Backend, table: &TableName) -> Vec<Statement> {
    let dialect = dialect(backend);
    let drop = Statement::plain(format!("DROP TABLE IF EXISTS {}", dialect.table(table)));
    std::iter::once(drop).chain(dialect.drop_comment(table)).collect()
}

/// The query for the schemas that have a table of a name, and its comment there: of these schemas, or of all.
pub fn list_stamps(backend: Backend, table: &str, schemas: Option<&[String]>) -> Statement {
    let CommentQuery { sql, schema, table } = dialect(backend).list_stamps(table);
    let mut sql = Fragment::text(sql);
    sql.push_value(Value::Text(table));
    if let Some(schemas) = schemas {
        sql.push(&format!(" AND {schema} IN (NULL"));
        for schema in schemas {
            sql.push(", ");
            sql.push_value(Value::Text(schema.clone()));
        }
        sql.push(")");
    }
    sql.push(" ORDER BY 1");
    sql.into_statement(backend)
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
