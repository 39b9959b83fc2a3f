//! What the database says of its tables, as tables.

use std::collections::HashMap;

use datajoint_definition::Backend;
use datajoint_schema::Table;

use crate::dialect::dialect;
use crate::fragment::Fragment;
use crate::{Result, Statement, Value};

mod assemble;
mod default;
mod lineage;
mod marker;
mod rows;

pub(crate) use default::{function, now};
pub(crate) use marker::Found;

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

/// What the catalog queries answered.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CatalogRows {
    rows: HashMap<&'static str, Vec<Vec<Value>>>,
}

impl CatalogRows {
    /// Keeps the rows of a query, each with as many values as the query has columns.
    pub fn insert(&mut self, name: &'static str, rows: Vec<Vec<Value>>) {
        self.rows.insert(name, rows);
    }

    /// The columns of all tables.
    pub(crate) fn columns(&self) -> &[Vec<Value>] {
        self.get(COLUMNS)
    }

    fn get(&self, name: &str) -> &[Vec<Value>] {
        self.rows.get(name).map_or(&[], Vec::as_slice)
    }
}

const COLUMNS: &str = "columns";
const KEYS: &str = "keys";
const LINEAGE: &str = "lineage";

/// The queries that read whole schemas: as many, however many tables and schemas there are.
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
pub fn catalog_queries(backend: Backend, schemas: &[String]) -> Vec<CatalogQuery> {
    let dialect = dialect(backend);
    vec![
        CatalogQuery {
            name: COLUMNS,
            statement: dialect.columns_query(&list(schemas)).into_statement(backend),
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
            ],
        },
        CatalogQuery {
            name: KEYS,
            statement: dialect.keys_query(&list(schemas)).into_statement(backend),
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
            ],
        },
    ]
}

/// The query for the lineage of all tables of the schemas read; `None` when none of them has a `~lineage`.
pub fn lineage_query(backend: Backend, rows: &CatalogRows) -> Option<CatalogQuery> {
    let dialect = dialect(backend);
    let mut schemas: Vec<&str> = Vec::new();
    for row in rows.get(COLUMNS) {
        if let [Value::Text(schema), Value::Text(table), ..] = row.as_slice()
            && table == "~lineage"
            && !schemas.contains(&schema.as_str())
        {
            schemas.push(schema);
        }
    }
    let selects = schemas.iter().map(|schema| {
        let mut sql = Fragment::text("SELECT ");
        sql.push_value(Value::Text((*schema).to_owned()));
        sql.push(if backend == Backend::Postgresql { "::text, " } else { ", " });
        let columns = ["table_name", "attribute_name", "lineage"].map(|name| dialect.identifier(name));
        let name = datajoint_schema::TableName::new(*schema, "~lineage");
        sql.push(&format!("{} FROM {}", columns.join(", "), dialect.table(&name)));
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
    Ok(tables.into_iter().filter(|table| !table.name.table.starts_with('~')).collect())
}

/// The tables that [`read_catalog`] leaves out: `~lineage`, the jobs tables `~~name`.
pub fn read_hidden_tables(backend: Backend, rows: &CatalogRows) -> Result<Vec<Table>> {
    let tables = assemble::tables(backend, rows)?;
    Ok(tables.into_iter().filter(|table| table.name.table.starts_with('~')).collect())
}

/// A query for all schemas of the server with a table that references one of `schemas`, those left out.
///
/// One text column. Repeat with what it finds until nothing new comes.
pub fn referencing_schemas(backend: Backend, schemas: &[String]) -> Statement {
    dialect(backend).referencing_query(&list(schemas)).into_statement(backend)
}

/// A query for the names of the tables of a schema, in order, without those that begin with `~`: one text column.
pub fn list_tables(backend: Backend, schema: &str) -> Statement {
    dialect(backend).tables_query(schema).into_statement(backend)
}

/// `(?, ?)`, with the names of the schemas bound; `(NULL)` for none, as empty lists are no SQL.
fn list(schemas: &[String]) -> Fragment {
    let values = schemas.iter().map(|schema| {
        let mut value = Fragment::default();
        value.push_value(Value::Text(schema.clone()));
        value
    });
    if schemas.is_empty() { Fragment::text("(NULL)") } else { Fragment::join(values, ", ").parenthesised() }
}
