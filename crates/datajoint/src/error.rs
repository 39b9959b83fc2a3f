//! What goes wrong, each kind of it: the errors that the library's [`Error`] is made from.
//!
//! ```
//! # use datajoint::prelude::*;
//! use datajoint::error::{DatabaseError, DatabaseErrorKind};
//!
//! /// True where the server took too long to get a lock: the same again may work.
//! fn is_busy(error: &datajoint::Error) -> bool {
//!     let datajoint::Error::Adapter(error) = error else { return false };
//!     matches!(error, DatabaseError::Server { kind: DatabaseErrorKind::LockTimeout, .. })
//! }
//! # let _ = is_busy;
//! ```

pub use datajoint_adapters::{
    DriverError, Error as DatabaseError, Failure, FileFault, Holder, Kind as DatabaseErrorKind, Purpose,
};
pub use datajoint_codec::Error as CodecError;
pub use datajoint_config::Error as SettingsError;
pub use datajoint_definition::{Diagnostic, Severity, Span, UnknownBackend};
pub use datajoint_guard::Error as GuardError;
pub use datajoint_pipeline::typed::{ValueError, ValueResult};
pub use datajoint_pipeline::{
    Carried, CarriedOn, CommitUnknown, Doing, Error, Hint, KeyValues, RowCodecError, TooLong, find_refusal,
    is_commit_unknown,
};
pub use datajoint_populate::{Error as PopulateError, MakeError};
pub use datajoint_schema::Error as SchemaError;
pub use datajoint_sql::{CarryingKey, Error as SqlError, Place, ReferenceAction, ReferredChange};
pub use datajoint_store::Error as StoreError;
