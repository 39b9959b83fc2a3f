use datajoint_schema::TableName;

use super::quote::reference;
use super::{Mysql, comment};
use crate::Statement;
use crate::dialect::{CommentQuery, Stamps};

impl Stamps for Mysql {
    /// Each statement lasts by itself: nobody may see the table without its comment.
    fn write_stamp(&self, create: String, table: &TableName, comment: &str) -> [Statement; 2] {
        let comment = comment::quote(comment);
        let write = format!("ALTER TABLE {} COMMENT = {comment}", reference(table));
        [format!("{create} COMMENT = {comment}"), write].map(Statement::plain)
    }

    fn list_stamps(&self, table: &str) -> CommentQuery {
        CommentQuery {
            sql: "SELECT table_schema, table_comment FROM information_schema.tables WHERE table_name = ",
            schema: "table_schema",
            table: table.to_owned(),
        }
    }
}
