//! What reaches into stores: the codecs that write objects there, and what reads them.

mod builtin;
mod coder;
mod context;
mod folder;
mod npy;
mod object;
mod reference;
mod staged;
mod whole;

pub use staged::StagedObject;

pub(crate) use builtin::added_to;
