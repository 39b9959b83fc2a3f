//! The codecs of DataJoint itself.

mod attach;
mod blob;
mod fields;
mod file_path;
mod handle;
mod hash;
mod npy;
mod object;
mod upload;

pub use attach::file_name_fault;

pub(crate) use attach::Attach;
pub(crate) use blob::Blob;
pub(crate) use fields::{Fields, store_name};
pub(crate) use file_path::FilePath;
pub(crate) use handle::handle;
pub(crate) use hash::Hash;
pub(crate) use npy::NpyCodec;
pub(crate) use object::{ObjectCodec, described};
pub(crate) use upload::Folder;
