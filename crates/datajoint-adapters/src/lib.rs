//! Connections to the databases that hold DataJoint pipelines.
//!
//! [`Database`] is a pool of [`Connection`]s to one server or file. Statements come from `datajoint-sql`; rows
//! come back as [`Value`](datajoint_sql::Value)s. This is the only crate that knows sqlx.

mod bulk;
mod catalog;
mod column_type;
mod connection;
mod database;
mod driver;
mod error;
mod lock;
#[cfg(feature = "mysql")]
mod mysql;
mod options;
#[cfg(feature = "postgres")]
mod postgres;
mod shelf;
#[cfg(feature = "sqlite")]
mod sqlite;
mod stream;
mod transaction;

pub use bulk::BulkInsert;
pub use catalog::Catalog;
pub use column_type::ColumnType;
pub use connection::Connection;
pub use database::Database;
pub use error::{Error, Kind, Result};
pub use lock::Lock;
pub use options::{ConnectOptions, Tls};
pub use transaction::Transaction;
