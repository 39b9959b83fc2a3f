//! The lock of a pipeline: every table as it was deployed, in a file that is kept with the code; no I/O.
//!
//! A [`Lock`] has what of a table programs and databases meet: its attributes with their types, defaults and lineage, its
//! keys, its indexes and its tier, each with a [`struct@Hash`] that comments, white space and the spelling of types leave as it is.
//! The macro reads it at compile time, and tools compare it with the code and with a database.
//!
//! ```
//! use datajoint_definition::{Tier, parse};
//! use datajoint_lock::Lock;
//! use datajoint_schema::{Declaration, resolve};
//!
//! let table = |text| {
//!     let (definition, _) = parse(text);
//!     let declaration = Declaration {
//!         schema: "lab",
//!         class_name: "Subject",
//!         tier: Tier::Manual,
//!         definition: &definition,
//!         parents: &[],
//!         master: None,
//!     };
//!     resolve(&declaration).0
//! };
//! let lock = Lock::new(&[table("subject_id : int32  # in the colony")]);
//! assert_eq!(Lock::parse(&lock.to_string()).unwrap(), lock);
//! assert_eq!(lock, Lock::new(&[table("subject_id:INT")]));
//! assert_ne!(lock, Lock::new(&[table("subject_id : int64")]));
//! ```

mod entry;
mod error;
mod hash;
mod lock;
mod normal;
mod read;
mod shape;
mod write;

pub use entry::LockedTable;
pub use error::{Error, Place};
pub use hash::Hash;
pub use lock::Lock;
pub use normal::same_default;

/// The usual name of the file, beside the `Cargo.toml` of the crate whose tables it locks.
pub const FILE: &str = "datajoint.lock";

/// The JSON schema of the file, for editors and other programs.
pub const JSON_SCHEMA: &str = include_str!("../datajoint.lock.schema.json");
