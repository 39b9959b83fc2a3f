//! MySQL and MariaDB.

use datajoint_definition::{AttributeType, Backend, DefaultValue};
use datajoint_schema::{Attribute, Table, TableName};

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

pub(crate) use types::text_literal;

/// MySQL, or MariaDB where it differs.
#[derive(Debug)]
pub(crate) struct Mysql {
    backend: Backend,
}

pub(crate) static MYSQL: Mysql = Mysql { backend: Backend::Mysql };
pub(crate) static MARIADB: Mysql = Mysql { backend: Backend::Mariadb };

impl Dialect for Mysql {
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
        ddl::create_table(self.backend, table)
    }

    fn drop_table(&self, table: &Table) -> Vec<Statement> {
        ddl::drop_table(table)
    }

    fn add_columns(&self, table: &Table, attributes: &[&Attribute]) -> Result<Vec<Statement>> {
        ddl::add_columns(self.backend, table, attributes)
    }

    fn create_lineage_table(&self, schema: &str) -> Vec<Statement> {
        ddl::create_lineage_table(schema)
    }

    fn limit(&self, limit: Option<u64>, offset: u64) -> String {
        select::limit(limit, offset)
    }

    /// MariaDB merges a subquery without a limit, and then takes the least of a constant to be that constant.
    fn limit_of_constants(&self) -> Option<u64> {
        (self.backend == Backend::Mariadb).then_some(u64::MAX >> 1)
    }

    fn json_number(&self, attribute: &str, path: &str) -> String {
        json::path_number(attribute, path)
    }

    fn json_text(&self, attribute: &str, path: &str) -> String {
        match self.backend {
            Backend::Mariadb => json::mariadb_path_text(attribute, path),
            _ => json::path_value(attribute, path, None),
        }
    }

    fn json_value(&self, attribute: &str, path: &str, returning: Option<&str>) -> String {
        match returning {
            // MariaDB's function has no RETURNING.
            Some(returning) if self.backend == Backend::Mariadb => {
                format!("cast({} as {returning})", json::path_value(attribute, path, None))
            }
            _ => json::path_value(attribute, path, returning),
        }
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

    fn default_row(&self) -> &'static str {
        " () VALUES ()"
    }

    fn columns_query(&self, list: &Fragment) -> Fragment {
        catalog::columns_query(list)
    }

    fn keys_query(&self, list: &Fragment) -> Fragment {
        catalog::keys_query(self.backend, list)
    }

    fn referencing_query(&self, list: &Fragment) -> Fragment {
        catalog::referencing_query(list)
    }

    fn tables_query(&self, schema: &str) -> Fragment {
        catalog::tables_query(schema)
    }

    fn found_type(&self, kind: &str, _: Option<&str>, inherited: bool) -> Found {
        catalog::found_type(kind, inherited)
    }

    fn found_default(&self, text: &str, attribute_type: &AttributeType) -> DefaultValue {
        catalog::found_default(self.backend, text, attribute_type)
    }

    fn longest_key_list(&self, columns: &[KeyColumn<'_>]) -> usize {
        select::longest_key_list(columns)
    }

    fn keys_of_document(&self, columns: &[KeyColumn<'_>], document: Value) -> Fragment {
        select::keys_of_document(columns, document)
    }

    fn refuses_limit_in_list(&self) -> bool {
        true
    }

    fn hides_target(&self) -> bool {
        true
    }
}

/// A name between backticks.
fn quote(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// `schema`.`table`, quoted.
fn reference(name: &TableName) -> String {
    format!("{}.{}", quote(&name.schema), quote(&name.table))
}

/// Names between backticks with `separator` between them.
fn quoted_list<'a>(names: impl IntoIterator<Item = &'a str>, separator: &str) -> String {
    names.into_iter().map(quote).collect::<Vec<_>>().join(separator)
}
