//! What the database says of its tables, as tables.

use datajoint_definition::Backend;
use datajoint_schema::{Table, TableName};

use crate::backends::dialect;
use crate::fragment::Fragment;
use crate::{Result, Statement, Value};

mod assemble;
mod carrying;
pub(crate) mod default;
mod lineage;
pub(crate) mod marker;
mod part;
mod place;
mod rows;
pub(crate) mod scope;

pub use carrying::{CarryingKey, ReferenceAction, ReferredChange, carrying_keys, read_carrying_keys};
pub use rows::CatalogRows;
use rows::{COLUMNS, KEYS, LINEAGE};
pub use scope::Scope;

/// A query over the catalog of the database.
#[derive(Debug, Clone, PartialEq)]
pub struct CatalogQuery {
    /// Its name, under which its rows go into [`CatalogRows`].
    pub name: &'static str,
    /// The statement.
    pub statement: Statement,
    /// Its columns, in order. All are texts or integers, or null.
    pub columns: &'static [&'static str],
}

/// The queries that read schemas, or some of their tables: as many, however many tables and schemas there are.
///
/// Run them all (at the same time, if you like), put their rows into [`CatalogRows`], run the
/// [`lineage_query`] too, then [`read_catalog`].
///
/// ```
/// use datajoint_definition::Backend;
/// use datajoint_sql::catalog_queries;
///
/// assert_eq!(catalog_queries(Backend::Mysql, &["lab".to_owned()]).len(), 2);
/// ```
pub fn catalog_queries<'a>(backend: Backend, scope: impl Into<Scope<'a>>) -> Vec<CatalogQuery> {
    let dialect = dialect(backend);
    let scope = scope.into();
    vec![
        CatalogQuery {
            name: COLUMNS,
            statement: dialect.columns_query(scope).into_statement(backend),
            columns: &[
                "schema",
                "table",
                "table_comment",
                "column",
                "type",
                "nullable",
                "default",
                "comment",
                "members",
                "filling",
            ],
        },
        CatalogQuery {
            name: KEYS,
            statement: dialect.keys_query(scope).into_statement(backend),
            columns: &[
                "kind",
                "schema",
                "table",
                "name",
                "position",
                "column",
                "expression",
                "parent_schema",
                "parent_table",
                "parent_column",
                "sequence",
                "beside",
                "beside_text",
            ],
        },
    ]
}

/// The query for the lineage of the tables read; `None` when none of their schemas has a `~lineage`.
pub fn lineage_query<'a>(
    backend: Backend,
    rows: &CatalogRows,
    scope: impl Into<Scope<'a>>,
) -> Option<CatalogQuery> {
    let dialect = dialect(backend);
    let scope = scope.into();
    let mut schemas: Vec<&str> = Vec::new();
    for row in rows.columns() {
        if let [Value::Text(schema), Value::Text(table), ..] = row.as_slice()
            && *table == TableName::lineage(schema).table
            && !schemas.contains(&schema.as_str())
            && scope.tables(schema).is_none_or(|tables| !tables.is_empty())
        {
            schemas.push(schema);
        }
    }
    let selects = schemas.iter().map(|schema| {
        let mut sql = Fragment::text("SELECT ");
        sql.push_value(Value::Text((*schema).to_owned()));
        sql.push(dialect.as_string());
        sql.push(", ");
        let columns = ["table_name", "attribute_name", "lineage"].map(|name| dialect.identifier(name));
        let name = TableName::lineage(*schema);
        sql.push(&format!("{} FROM {}", columns.join(", "), dialect.table(&name)));
        if let Some(tables) = scope.tables(schema) {
            sql.push(&format!(" WHERE {} IN ", columns[0]));
            sql.append(scope::list(tables.into_iter()));
        }
        sql
    });
    let statement = Fragment::join(selects, " UNION ALL ").into_statement(backend);
    (!schemas.is_empty()).then_some(CatalogQuery {
        name: LINEAGE,
        statement,
        columns: &["schema", "table", "attribute", "lineage"],
    })
}

/// The tables that the catalog describes, without those whose names begin with `~`.
///
/// Where a foreign key brought a column in, its type is that of the parent, if the parent was read too.
/// Lineage that `~lineage` lacks follows from the foreign keys. Fails when rows are not as expected.
pub fn read_catalog(backend: Backend, rows: &CatalogRows) -> Result<Vec<Table>> {
    let tables = assemble::tables(backend, rows)?;
    Ok(tables.into_iter().filter(|table| !table.name.is_hidden()).collect())
}

/// The tables that [`read_catalog`] leaves out: `~lineage`, the jobs tables `~~name`.
pub fn read_hidden_tables(backend: Backend, rows: &CatalogRows) -> Result<Vec<Table>> {
    let tables = assemble::tables(backend, rows)?;
    Ok(tables.into_iter().filter(|table| table.name.is_hidden()).collect())
}

/// A query for all schemas of the server with a table that references one of `schemas`, those left out.
///
/// One text column. Repeat with what it finds until nothing new comes.
pub fn referencing_schemas(backend: Backend, schemas: &[String]) -> Statement {
    dialect(backend)
        .referencing_query(&scope::list(schemas.iter().map(String::as_str)))
        .into_statement(backend)
}

/// A query for the names of the tables of a schema, in order, without those that begin with `~`: one text column.
pub fn list_tables(backend: Backend, schema: &str) -> Statement {
    dialect(backend).tables_query(schema).into_statement(backend)
}
