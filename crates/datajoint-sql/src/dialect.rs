//! What each backend answers in its own way.

use datajoint_definition::{AttributeType, Backend, DefaultValue};
use datajoint_schema::{Attribute, Index, Table, TableName};

use crate::catalog::Found;
use crate::fragment::Fragment;
use crate::{Access, InsertMode, Result, Session, Statement, Value};

/// The SQL of one backend.
pub(crate) trait Dialect: Sync {
    /// A quoted name.
    fn identifier(&self, name: &str) -> String;
    /// A quoted full table name.
    fn table(&self, name: &TableName) -> String;
    fn session_setup(&self, session: Session) -> Vec<Statement>;
    fn begin(&self, access: Access) -> &'static str;
    fn create_schema(&self, schema: &str) -> Vec<Statement>;
    fn schema_exists(&self, schema: &str) -> Statement;
    fn list_schemas(&self) -> Statement;
    fn drop_schema(&self, schema: &str, tables: &[TableName]) -> Vec<Statement>;
    fn create_table(&self, table: &Table) -> Result<Vec<Statement>>;
    fn drop_table(&self, table: &Table) -> Vec<Statement>;
    /// What adds columns to a table that is there, and their comments.
    fn add_columns(&self, table: &Table, attributes: &[&Attribute]) -> Result<Vec<Statement>>;
    /// An index that a foreign key needs, and its name; `None` where the server makes them itself.
    fn support_index(&self, table: &Table, index: &Index, taken: &[String]) -> Option<(String, Statement)> {
        let _ = (table, index, taken);
        None
    }
    fn create_lineage_table(&self, schema: &str) -> Vec<Statement>;
    /// ` LIMIT … OFFSET …`, as far as needed.
    fn limit(&self, limit: Option<u64>, offset: u64) -> String;
    /// The value at a path of a JSON attribute, as text or as the type asked for.
    fn json_value(&self, attribute: &str, path: &str, returning: Option<&str>) -> String;
    /// The same as text, whatever stands there.
    fn json_text(&self, attribute: &str, path: &str) -> String {
        self.json_value(attribute, path, None)
    }
    /// The number at a path of a JSON attribute; null where something else stands.
    fn json_number(&self, attribute: &str, path: &str) -> String;
    /// `attribute LIKE pattern`, where a backslash takes the meaning from `%` and `_`.
    fn like(&self, attribute: &Attribute, expression: Fragment, pattern: Fragment) -> Fragment;
    /// What follows `EXISTS (…)` as a condition.
    fn after_exists(&self) -> &'static str {
        ""
    }
    /// What stands before each column by which groups are ordered.
    fn before_order_of_groups(&self) -> &'static str {
        ""
    }
    /// What stands before a query to have it explained.
    fn explain(&self) -> &'static str {
        "EXPLAIN "
    }
    /// A limit for a subquery with constants that may have no match, where one is needed for these to be null.
    fn limit_of_constants(&self) -> Option<u64> {
        None
    }
    /// What puts nulls first in an ordering, or last in one that descends.
    fn nulls(&self, descending: bool) -> &'static str {
        let _ = descending;
        ""
    }
    /// What follows the placeholder of a value that the server would take for another type: `::type`.
    fn cast(&self, table: Option<&TableName>, attribute: &Attribute) -> String;
    /// What stands between a row of columns and the rows it is one of, up to the first of these.
    fn before_rows(&self) -> &'static str {
        " IN ("
    }
    /// With more values than this, a list of keys is bound as one document.
    fn longest_key_list(&self, columns: &[KeyColumn<'_>]) -> usize;
    /// The rows of a JSON document, an array of arrays, as a subquery.
    fn keys_of_document(&self, columns: &[KeyColumn<'_>], document: Value) -> Fragment;
    /// The default of an attribute in a list of values. Fails where it has none.
    fn default(&self, table: &Table, attribute: &Attribute) -> Result<String> {
        let _ = (table, attribute);
        Ok("DEFAULT".to_owned())
    }
    /// How an insert begins and ends for what it does with rows that are there.
    fn insert_mode(&self, table: &Table, mode: InsertMode) -> (&'static str, String);
    /// An insert of one row with defaults alone, after the name of the table.
    fn default_row(&self) -> &'static str {
        " DEFAULT VALUES"
    }
    /// The query for the columns of the schemas in the list.
    fn columns_query(&self, list: &Fragment) -> Fragment;
    /// The query for the keys and indexes of the schemas in the list.
    fn keys_query(&self, list: &Fragment) -> Fragment;
    /// The query for other schemas with references to those in the list.
    fn referencing_query(&self, list: &Fragment) -> Fragment;
    /// The query for the tables of a schema.
    fn tables_query(&self, schema: &str) -> Fragment;
    /// The type of a column without a marker.
    fn found_type(&self, kind: &str, members: Option<&str>, inherited: bool) -> Found;
    /// The default as the definition had it.
    fn found_default(&self, text: &str, attribute_type: &AttributeType) -> DefaultValue;
    /// True when no subquery in `IN` may have a limit.
    fn refuses_limit_in_list(&self) -> bool {
        false
    }
    /// True when a subquery may not read the table that the statement changes.
    fn hides_target(&self) -> bool {
        false
    }
}

/// A column that is compared with a list of keys.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeyColumn<'a> {
    pub(crate) attribute: &'a Attribute,
    pub(crate) table: Option<&'a TableName>,
}

/// The dialect of a backend.
pub(crate) fn dialect(backend: Backend) -> &'static dyn Dialect {
    match backend {
        Backend::Mysql => &crate::mysql::MYSQL,
        Backend::Mariadb => &crate::mysql::MARIADB,
        Backend::Postgresql => &crate::postgres::Postgres,
        Backend::Sqlite => &crate::sqlite::Sqlite,
    }
}
