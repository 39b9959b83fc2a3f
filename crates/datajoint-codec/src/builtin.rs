//! The codecs of DataJoint itself whose values may stand in the table.

mod attach;
mod blob;
mod fields;

pub use attach::file_name_fault;

pub(crate) use attach::Attach;
pub(crate) use blob::Blob;
pub(crate) use fields::Fields;
