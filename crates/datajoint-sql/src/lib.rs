//! DataJoint queries, declarations and manipulations as SQL statements, for each database.
//!
//! Nothing here talks to a database. Each function takes the [`Backend`](datajoint_definition::Backend) and
//! gives [`Statement`]s: values are always bound, names always quoted. What a backend does its own way lies
//! in a module of its name; the modules have the same files.

#![allow(clippy::result_large_err, reason = "an error names what it is about, and is rare")]

mod aggregated;
mod audit;
mod backends;
mod bind;
mod canonical;
mod catalog;
mod concatenation;
mod conflict;
mod ddl;
mod decimal;
mod declaration;
mod default;
mod dialect;
mod error;
mod expression;
mod facts;
mod fragment;
mod insert;
mod jobs;
mod json_number;
mod json_path;
mod kind;
mod lexicon;
mod lineage;
mod links;
mod literal;
mod made;
mod manipulate;
mod mysql;
mod native;
mod one_statement;
mod operator;
mod place;
mod postgres;
mod quote;
mod read;
mod select;
mod session;
mod shown;
mod sqlite;
mod stamp;
mod statement;
mod token;
mod value;

pub use audit::{AuditRow, current_user, may_audit};
pub use bind::{
    JsonOnce, bind_in_place, bind_value, clock, parse_json, parse_json_number, parse_span,
    show as show_value, show_span,
};
pub use canonical::key_bytes;
pub use catalog::{
    CarryingKey, CatalogQuery, CatalogRows, ReferenceAction, ReferredChange, Scope, carrying_keys,
    catalog_queries, lineage_query, list_tables, read_carrying_keys, read_catalog, read_hidden_tables,
    referencing_schemas,
};
pub use ddl::{
    add_columns, alter_members, column_type, create_schema, create_table, drop_schema, drop_table,
    foreign_key_named, index_fault, index_named, is_system_schema, list_schemas, lock_tables, schema_exists,
    strangers, support_index, unlock_tables, wants_own_characters,
};
pub use decimal::{
    exact as decimal_number, parse as parse_decimal, parse_float, parse_float32, value as decimal_value,
};
pub use declaration::AddColumns;
pub use default::{comparison, difference};
pub use error::{Error, Result};
pub use expression::{Condition, Expression, MapLeaves, Part};
pub use facts::{Fact, fact_queries, is_like, read_fact};
pub use fragment::placeholder;
pub use insert::{InsertMode, insert, insert_rows, insert_select, parameter_limit, passed_over};
pub use jobs::{JobQueue, OUTLOOK, Reserver};
pub use json_path::longest_at_place;
pub use lineage::{create_lineage_table, delete_lineage, replace_lineage};
pub use links::{Link, Links};
pub use made::made_rows;
pub use manipulate::{changed_since, delete, key_rows, update, weigh};
pub use mysql::{Grant, GrantPlace, read_grant};
pub use native::{decimal_digits, exceeds_int64};
pub use one_statement::is_one_statement;
pub use operator::{Comparison, Matching, Order, Projected};
pub use place::{Place, place};
pub use postgres::{Limit, ReplicaIdentity, Usual, copy_in, replica_identity, transaction_setup};
pub use quote::{quote_identifier, quote_text, table_reference};
pub use read::read_value;
pub use select::{
    Select, Unknown, count, exists, explain, explained, heading, listed_functions, names_in,
    plain_expression, select, unknown,
};
pub use session::{
    Access, Session, SessionId, begin, end_session, listen, notify, row_functions, session_query,
    session_setup,
};
pub use shown::{show_expression, show_statement, show_without_values};
pub use stamp::{drop_stamp, list_stamps, read_stamps, write_stamp};
pub use statement::Statement;
pub use value::Value;
