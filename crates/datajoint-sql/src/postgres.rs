//! PostgreSQL.

mod catalog;
mod comment;
mod constraint;
mod copy;
mod ddl;
mod enumeration;
mod function;
mod identity;
mod index;
mod insert;
mod jobs;
mod json;
mod keys;
mod listed;
mod quote;
mod select;
mod session;
mod stamp;
mod types;

pub use copy::copy_in;
pub use identity::{ReplicaIdentity, replica_identity};
pub use session::{Limit, Usual, transaction_setup};

/// PostgreSQL.
#[derive(Debug)]
pub(crate) struct Postgres;

impl crate::dialect::Dialect for Postgres {}
