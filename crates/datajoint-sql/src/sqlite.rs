//! SQLite: one file, whose tables are called `schema.table`.

mod catalog;
mod comment;
mod ddl;
mod function;
mod index;
mod insert;
mod jobs;
mod json;
mod keys;
mod quote;
mod select;
mod session;
mod stamp;
mod types;

/// SQLite.
#[derive(Debug)]
pub(crate) struct Sqlite;

impl crate::dialect::Dialect for Sqlite {}
