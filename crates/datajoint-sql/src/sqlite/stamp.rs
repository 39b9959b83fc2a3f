use datajoint_schema::TableName;

use super::{Sqlite, comment};
use crate::Statement;
use crate::dialect::{CommentQuery, Stamps};

impl Stamps for Sqlite {
    fn write_stamp(&self, create: String, table: &TableName, comment: &str) -> [Statement; 2] {
        [Statement::plain(create), comment::keep(table, comment)]
    }

    fn drop_comment(&self, table: &TableName) -> Option<Statement> {
        Some(comment::delete(table))
    }

    fn list_stamps(&self, table: &str) -> CommentQuery {
        CommentQuery {
            sql: "SELECT substr(\"table_name\", 1, instr(\"table_name\", '.') - 1), \"comment\" FROM \"~comment\" \
                  WHERE \"column_name\" = '' AND substr(\"table_name\", instr(\"table_name\", '.')) = ",
            schema: "substr(\"table_name\", 1, instr(\"table_name\", '.') - 1)",
            table: format!(".{table}"),
        }
    }
}
