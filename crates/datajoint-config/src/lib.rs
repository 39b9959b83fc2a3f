//! Settings of a DataJoint client: environment over `datajoint.json` over defaults.
//!
//! With no backend, host or user configured, the settings mean an embedded SQLite file. As soon as a host or
//! user is configured without a backend, the backend is `mysql`, as in DataJoint for Python.

mod error;
mod file;
mod settings;
mod source;
mod url;

pub use error::Error;
pub use secrecy::{ExposeSecret, SecretString};
pub use settings::{Database, Jobs, Settings};

/// The result of reading settings.
pub type Result<T, E = Error> = std::result::Result<T, E>;
