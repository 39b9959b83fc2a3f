//! Connections to the databases that hold DataJoint pipelines.
//!
//! [`Database`] is a pool of [`Connection`]s to one server or file. Statements come from `datajoint-sql`; rows
//! come back as [`Value`](datajoint_sql::Value)s. This is the only crate that knows sqlx.

#![cfg_attr(
    not(any(feature = "sqlite", feature = "mysql", feature = "postgres")),
    allow(
        unused,
        unreachable_code,
        reason = "without a backend tables are declared, and nothing is connected to"
    )
)]

#[cfg_attr(
    not(any(feature = "mysql", feature = "postgres")),
    allow(dead_code, reason = "a file has no sessions")
)]
mod abandoned;
mod admitted;
mod announcement;
mod backoff;
mod bulk;
mod catalog;
mod column_type;
mod connection;
mod course;
mod database;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod distinct;
mod doubts;
mod driver;
mod error;
mod holders;
mod keys;
mod listener;
mod lock;
#[cfg(feature = "mysql")]
mod mysql;
mod news;
mod options;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod peer;
#[cfg(feature = "postgres")]
mod postgres;
mod rest;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod servers;
#[cfg_attr(
    not(any(feature = "mysql", feature = "postgres")),
    allow(dead_code, reason = "a file refuses nothing of it")
)]
mod setup;
mod shelf;
#[cfg(feature = "sqlite")]
mod sqlite;
mod stream;
mod transaction;
mod writers;

pub use announcement::Announcement;
pub use backoff::{Backoff, RetryPolicy};
pub use bulk::{BulkInsert, FailedInsert, InsertPlan};
pub use catalog::Catalog;
pub use column_type::ColumnType;
pub use connection::Connection;
pub use course::Failure;
pub use database::Database;
pub use error::{DriverError, Error, FileFault, Kind, Result};
pub use holders::{Holder, Purpose};
pub use listener::{Heard, Listener};
pub use lock::{Exclusive, Lock};
pub use options::{ConnectOptions, Tls};
pub use transaction::{Savepoint, Transaction};
pub use writers::Within;
