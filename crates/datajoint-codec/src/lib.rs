//! Codecs: how the values of attributes such as `<blob@main>` become what stands in the table, and objects in a store.
//!
//! A [`Codec`] turns a value into what the column holds, and back. One whose objects lie in a store writes the object, and
//! gives the JSON that describes it; the object is there before the row is. [`Codecs`] are those that a program knows: the
//! [standard ones](Codecs::standard), and [its own](Codecs::with).
//!
//! | codec | values | in the store |
//! |---|---|---|
//! | `<blob@>` | the bytes of a blob | by its content |
//! | `<attach@>` | the bytes of a file with its name, or the path of a file | by its content |
//! | `<hash@>` | bytes | by its content |
//! | `<object@>` | bytes, or the path of a file or folder; read as an [`Object`] | by its row |
//! | `<npy@>` | the bytes of an `.npy` file; read as an [`Npy`] | by its row |
//! | `<filepath@>` | the path of a file or folder in the store; read as an [`Object`] | where it is |
//!
//! All of them but `<blob>` and `<attach>` in the table need the feature `stores`.

mod builtin;
mod codec;
mod context;
mod error;
mod npy;
mod object;
#[cfg(feature = "stores")]
mod objects;
mod reference;
mod registry;
mod source;

pub use builtin::file_name_fault;
pub use codec::Codec;
pub use context::{Context, Row};
pub use error::{Error, Result};
pub use npy::Npy;
pub use object::Object;
#[cfg(feature = "stores")]
pub use objects::StagedObject;
pub use reference::Reference;
pub use registry::{Codecs, Coder};
pub use source::Source;
