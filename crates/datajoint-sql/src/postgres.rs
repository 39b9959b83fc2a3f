//! PostgreSQL.

use datajoint_definition::{AttributeType, DefaultValue};
use datajoint_schema::{Attribute, Index, Table, TableName};

use crate::catalog::Found;
use crate::dialect::{Dialect, KeyColumn};
use crate::fragment::Fragment;
use crate::{Access, InsertMode, Result, Session, Statement, Value};

mod catalog;
mod comment;
mod ddl;
mod enumeration;
mod index;
mod insert;
mod json;
mod select;
mod session;
mod types;

/// PostgreSQL.
#[derive(Debug)]
pub(crate) struct Postgres;

impl Dialect for Postgres {
    fn identifier(&self, name: &str) -> String {
        quote(name)
    }

    fn table(&self, name: &TableName) -> String {
        reference(name)
    }

    fn session_setup(&self, session: Session) -> Vec<Statement> {
        session::setup(session)
    }

    fn begin(&self, access: Access) -> &'static str {
        session::begin(access)
    }

    fn create_schema(&self, schema: &str) -> Vec<Statement> {
        ddl::create_schema(schema)
    }

    fn schema_exists(&self, schema: &str) -> Statement {
        ddl::schema_exists(schema)
    }

    fn list_schemas(&self) -> Statement {
        ddl::list_schemas()
    }

    fn drop_schema(&self, schema: &str, tables: &[TableName]) -> Vec<Statement> {
        ddl::drop_schema(schema, tables)
    }

    fn create_table(&self, table: &Table) -> Result<Vec<Statement>> {
        ddl::create_table(table)
    }

    fn drop_table(&self, table: &Table) -> Vec<Statement> {
        ddl::drop_table(table)
    }

    fn add_columns(&self, table: &Table, attributes: &[&Attribute]) -> Result<Vec<Statement>> {
        ddl::add_columns(table, attributes)
    }

    fn support_index(&self, table: &Table, index: &Index, taken: &[String]) -> Option<(String, Statement)> {
        Some(index::support(table, index, taken))
    }

    fn create_lineage_table(&self, schema: &str) -> Vec<Statement> {
        ddl::create_lineage_table(schema)
    }

    fn limit(&self, limit: Option<u64>, offset: u64) -> String {
        select::limit(limit, offset)
    }

    fn nulls(&self, descending: bool) -> &'static str {
        if descending { " NULLS LAST" } else { " NULLS FIRST" }
    }

    fn json_number(&self, attribute: &str, path: &str) -> String {
        json::path_number(attribute, path)
    }

    fn json_value(&self, attribute: &str, path: &str, returning: Option<&str>) -> String {
        json::path_value(attribute, path, returning)
    }

    fn like(&self, attribute: &Attribute, expression: Fragment, pattern: Fragment) -> Fragment {
        select::like(attribute, expression, pattern)
    }

    fn cast(&self, table: Option<&TableName>, attribute: &Attribute) -> String {
        select::cast(table, attribute)
    }

    fn insert_mode(&self, table: &Table, mode: InsertMode) -> (&'static str, String) {
        insert::mode(table, mode)
    }

    fn columns_query(&self, list: &Fragment) -> Fragment {
        catalog::columns_query(list)
    }

    fn keys_query(&self, list: &Fragment) -> Fragment {
        catalog::keys_query(list)
    }

    fn referencing_query(&self, list: &Fragment) -> Fragment {
        catalog::referencing_query(list)
    }

    fn tables_query(&self, schema: &str) -> Fragment {
        catalog::tables_query(schema)
    }

    fn found_type(&self, kind: &str, members: Option<&str>, inherited: bool) -> Found {
        catalog::found_type(kind, members, inherited)
    }

    fn found_default(&self, text: &str, attribute_type: &AttributeType) -> DefaultValue {
        catalog::found_default(text, attribute_type)
    }

    fn longest_key_list(&self, columns: &[KeyColumn<'_>]) -> usize {
        select::longest_key_list(columns)
    }

    fn keys_of_document(&self, columns: &[KeyColumn<'_>], document: Value) -> Fragment {
        select::keys_of_document(columns, document)
    }
}

/// A name between double quotes.
fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// "schema"."table", quoted.
fn reference(name: &TableName) -> String {
    format!("{}.{}", quote(&name.schema), quote(&name.table))
}

/// Quoted names with commas between them.
fn quoted_list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(quote).collect::<Vec<_>>().join(", ")
}
