use datajoint_schema::TableName;

use super::Postgres;
use super::quote::reference;
use crate::Statement;
use crate::dialect::{CommentQuery, Stamps};
use crate::literal::literal;

impl Stamps for Postgres {
    fn write_stamp(&self, create: String, table: &TableName, comment: &str) -> [Statement; 2] {
        let write = format!("COMMENT ON TABLE {} IS {}", reference(table), literal(comment));
        [create, write].map(Statement::plain)
    }

    fn list_stamps(&self, table: &str) -> CommentQuery {
        CommentQuery {
            sql: "SELECT n.nspname::text, coalesce(pg_catalog.obj_description(c.oid, 'pg_class'), '') FROM pg_catalog.pg_class c \
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = ",
            schema: "n.nspname::text",
            table: table.to_owned(),
        }
    }
}
