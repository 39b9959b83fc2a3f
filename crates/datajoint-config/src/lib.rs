//! Settings of a DataJoint client, and where each value came from.
//!
//! What the program sets comes before variables of the environment, these before folders of secrets, these before
//! files (`datajoint.json`, then `pyproject.toml` and `Cargo.toml`), and these before defaults. There is no state of
//! the process: settings are a value, a scoped change is a changed clone. Reading them never connects.
//!
//! With no backend, host or user configured, the settings mean an embedded SQLite file. As soon as a host or
//! user is configured without a backend, the backend is `mysql`, as in DataJoint for Python.

mod alerts;
mod error;
mod json_schema;
mod kind;
mod leaf;
mod origin;
mod password;
mod prefix;
mod protocol;
mod read;
mod server;
mod setting;
mod settings;
mod sources;
mod stores;
mod template;
mod url;

pub use alerts::Alerts;
pub use error::{Error, Fault};
pub use json_schema::json_schema;
pub use kind::Kind;
pub use origin::Origin;
pub use prefix::schema_name;
pub use protocol::{STORE_PROTOCOLS, StoreProtocol};
pub use read::Reader;
pub use secrecy::{ExposeSecret, SecretString};
pub use server::Server;
pub use setting::{SETTINGS, Setting, is_secret, variables};
pub use settings::{Connection, Database, Display, Guard, Jobs, LogFormat, LogLevel, Provenance, Settings};
pub use sources::{Explained, Explanation};
pub use stores::{Store, Stores};
pub use template::init;

/// The result of reading settings.
pub type Result<T, E = Error> = std::result::Result<T, E>;
