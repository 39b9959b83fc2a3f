use datajoint_schema::TableName;

use crate::Statement;

/// A query for comments of tables.
pub(crate) struct CommentQuery {
    /// The query, up to the name of the table.
    pub(crate) sql: &'static str,
    /// What it compares a schema with.
    pub(crate) schema: &'static str,
    /// The name of the table, as it is looked for.
    pub(crate) table: String,
}

/// Hidden tables that are there for their comments.
pub(crate) trait Stamps {
    /// What makes the table with this text where there is none, and gives it a comment in any case.
    fn write_stamp(&self, create: String, table: &TableName, comment: &str) -> [Statement; 2];
    /// What removes the comment of a table that is dropped, where that stays otherwise.
    fn drop_comment(&self, table: &TableName) -> Option<Statement> {
        let _ = table;
        None
    }
    /// The query for the schemas that have such a table, and its comment there.
    fn list_stamps(&self, table: &str) -> CommentQuery;
}
