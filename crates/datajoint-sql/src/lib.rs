//! DataJoint queries, declarations and manipulations as SQL statements, for each database.
//!
//! Nothing here talks to a database. Each function takes the [`Backend`](datajoint_definition::Backend) and
//! gives [`Statement`]s: values are always bound, names always quoted. What a backend does its own way lies
//! in a module of its name; the modules have the same files.

#![allow(clippy::result_large_err, reason = "an error names what it is about, and is rare")]

mod bind;
mod catalog;
mod condition;
mod ddl;
mod dialect;
mod error;
mod expression;
mod facts;
mod fragment;
mod identity;
mod insert;
mod lineage;
mod manipulate;
mod mysql;
mod postgres;
mod quote;
mod read;
mod select;
mod session;
mod sqlite;
mod stamp;
mod statement;
mod value;

pub use bind::bind_value;
pub use catalog::{
    CatalogQuery, CatalogRows, catalog_queries, lineage_query, list_tables, read_catalog, read_hidden_tables,
    referencing_schemas,
};
pub use condition::{Comparison, Condition};
pub use ddl::{
    add_columns, create_schema, create_table, drop_schema, drop_table, list_schemas, schema_exists,
    support_index,
};
pub use error::{Error, Result};
pub use expression::{Expression, Matching, Order, Projected};
pub use facts::{fact_queries, is_like, lacking_grants, read_grant};
pub use fragment::placeholder;
pub use identity::{ReplicaIdentity, replica_identity};
pub use insert::{InsertMode, copy_in, insert, insert_rows, insert_select, parameter_limit};
pub use lineage::{create_lineage_table, delete_lineage, replace_lineage};
pub use manipulate::{delete, lock_rows, update, weigh};
pub use quote::{quote_identifier, quote_text, table_reference};
pub use read::read_value;
pub use select::{Select, count, exists, explain, explained, heading, select};
pub use session::{Access, Session, begin, session_setup};
pub use stamp::{drop_stamp, list_stamps, read_stamps, write_stamp};
pub use statement::Statement;
pub use value::Value;
