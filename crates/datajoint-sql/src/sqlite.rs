//! SQLite: one file, whose tables are called `schema.table`.

use datajoint_definition::{AttributeType, DefaultValue};
use datajoint_schema::{Attribute, Index, Table, TableName};

use crate::catalog::Found;
use crate::dialect::{Dialect, KeyColumn};
use crate::fragment::Fragment;
use crate::{Access, InsertMode, Result, Session, Statement, Value};

mod catalog;
pub(crate) mod comment;
mod ddl;
mod index;
mod insert;
mod json;
mod select;
mod session;
mod types;

/// SQLite.
#[derive(Debug)]
pub(crate) struct Sqlite;

impl Dialect for Sqlite {
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

    /// SQLite 3.51 makes a join of a condition that is EXISTS alone, and then counts OFFSET wrong.
    fn after_exists(&self) -> &'static str {
        " IS TRUE"
    }

    /// SQLite 3.51 takes groups for ordered whose rows come from a subquery in the opposite order.
    fn before_order_of_groups(&self) -> &'static str {
        "+"
    }

    fn explain(&self) -> &'static str {
        "EXPLAIN QUERY PLAN "
    }

    fn json_number(&self, attribute: &str, path: &str) -> String {
        json::path_number(attribute, path)
    }

    fn json_text(&self, attribute: &str, path: &str) -> String {
        json::path_text(attribute, path)
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

    fn default(&self, table: &Table, attribute: &Attribute) -> Result<String> {
        ddl::default_value(table, attribute)
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

    fn found_type(&self, kind: &str, _: Option<&str>, _: bool) -> Found {
        catalog::found_type(kind)
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

    fn before_rows(&self) -> &'static str {
        " IN (VALUES "
    }
}

/// A name between double quotes.
fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// "schema.table", quoted.
fn reference(name: &TableName) -> String {
    quote(&name.to_string())
}

/// Quoted names with commas between them.
fn quoted_list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(quote).collect::<Vec<_>>().join(", ")
}
