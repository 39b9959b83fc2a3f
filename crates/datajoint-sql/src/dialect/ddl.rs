use datajoint_schema::{Attribute, ForeignKey, Index, Table, TableName};

use crate::declaration::AddColumns;
use crate::{Result, Statement};

/// What may stand after a part of an index, besides its direction.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct IndexTails {
    /// `COLLATE …`
    pub(crate) has_collations: bool,
    /// A class of operators.
    pub(crate) has_classes: bool,
    /// `NULLS FIRST`, `NULLS LAST`.
    pub(crate) has_nulls: bool,
    /// All of it, for people.
    pub(crate) text: &'static str,
}

/// Schemas and tables, declared and dropped.
pub(crate) trait Ddl {
    fn create_schema(&self, schema: &str, has_own_characters: bool) -> Vec<Statement>;
    /// The query with one row where a new schema is to have characters of its own, since those of the server are not all
    /// that a string may have; `None` where a server always has all of them.
    fn wants_own_characters(&self) -> Option<Statement> {
        None
    }
    fn schema_exists(&self, schema: &str) -> Statement;
    fn list_schemas(&self) -> Statement;
    fn drop_schema(&self, schema: &str, tables: &[TableName]) -> Vec<Statement>;
    fn strangers(&self, _schema: &str) -> Option<Statement> {
        None
    }
    /// True for a schema of the server itself, whose name is in lower case.
    fn is_system_schema(&self, schema: &str) -> bool;
    fn create_table(&self, table: &Table) -> Result<Vec<Statement>>;
    /// The type of the column of an attribute.
    fn column_type(&self, table: &Table, attribute: &Attribute) -> Result<String>;
    fn drop_table(&self, table: &Table) -> Vec<Statement>;
    /// What adds columns to a table that is there, and their comments.
    fn add_columns(&self, table: &Table, attributes: &[&Attribute]) -> Result<AddColumns>;
    /// What gives the column of an enum the members that are declared; nothing where no statement does.
    fn alter_members(
        &self,
        table: &Table,
        declared: &Attribute,
        found: &Attribute,
    ) -> Result<Vec<Statement>> {
        let _ = (table, declared, found);
        Ok(Vec::new())
    }
    /// An index that a foreign key needs, and its name; `None` where the server makes them itself.
    fn support_index(&self, table: &Table, index: &Index, taken: &[String]) -> Option<(String, Statement)> {
        let _ = (table, index, taken);
        None
    }
    /// The index that an error of the server names.
    fn index_named<'a>(&self, table: &'a Table, constraint: &str) -> Option<&'a Index> {
        let _ = (table, constraint);
        None
    }
    /// The foreign key that an error of the server names.
    fn foreign_key_named<'a>(&self, table: &'a Table, constraint: &str) -> Option<&'a ForeignKey> {
        let _ = (table, constraint);
        None
    }
    /// What may stand after a part of an index.
    fn index_tails(&self) -> IndexTails;
    /// Why there is no index on an expression; `None` where there is one.
    fn expression_index_fault(&self) -> Option<String> {
        None
    }
    fn create_lineage_table(&self, schema: &str) -> Vec<Statement>;
    /// What follows an insert into `~lineage`, so that it changes a row that is there.
    fn replaces_lineage(&self) -> &'static str {
        " ON CONFLICT (\"table_name\", \"attribute_name\") DO UPDATE SET \"lineage\" = excluded.\"lineage\""
    }
}
