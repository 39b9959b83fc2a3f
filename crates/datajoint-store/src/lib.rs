//! The object stores of DataJoint pipelines.
//!
//! A store is a folder, or a bucket of an endpoint that speaks S3, Google Cloud Storage or Azure Blob Storage. It is
//! described in the settings (`stores.<name>`), with the attributes that DataJoint for Python gives it.
//!
//! | protocol | feature | attributes it needs |
//! |---|---|---|
//! | `file` | – | `location` |
//! | `s3` | `s3` | `endpoint`, `bucket`, `location` |
//! | `gcs` | `gcs` | `bucket`, `location` |
//! | `azure` | `azure` | `container`, `location` |
//!
//! A store has sections: one for objects that go by their [contents](content_hash), one for those that go by
//! [their row](Row), and the rest for files of the users'. [`Spec`] knows where they are.
//!
//! ```
//! use datajoint_config::Settings;
//! use datajoint_store::{Protocol, Spec};
//!
//! let stores = r#"{"main": {"protocol": "file", "location": "/data/main"}}"#;
//! let settings = Settings::reader().without_files().environment([("DJ_STORES", stores)]).load()?;
//! let spec = Spec::new("main", &settings.stores.named["main"])?;
//! assert_eq!(spec.protocol, Protocol::File);
//! assert_eq!(spec.url(), "file:///data/main");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod file;
mod hash;
#[cfg(feature = "cloud")]
mod http;
#[cfg(feature = "objects")]
mod open;
#[cfg(feature = "objects")]
mod quarantine;
#[cfg(feature = "objects")]
mod read;
mod section;
mod spec;
#[cfg(feature = "objects")]
mod store;
mod stores;
#[cfg(feature = "objects")]
mod write;

pub use error::{Error, Result};
pub use file::open_file;
pub use hash::{ContentDigest, content_hash, is_content_hash};
#[cfg(feature = "objects")]
pub use read::{Listing, ObjectReader, StoredObject};
pub use section::{ASIDE, Row, Section, key_part};
pub use spec::{Protocol, Spec};
#[cfg(feature = "objects")]
pub use store::Store;
pub use stores::Stores;
#[cfg(feature = "objects")]
pub use write::{ObjectWriter, Placed};
