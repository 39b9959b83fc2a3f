//! The code behind DataJoint's macros: tokens in, tokens out.
//!
//! A table expands in two steps. [`table`] and [`part`] parse the definition and ask the parents, through
//! the hidden macro that each of them exports under its own path, for their resolved keys. The last parent
//! hands all answers to [`finish`], which merges them and writes the row type, the key type, the traits and
//! the table's own hidden macro.
//!
//! What is right and wrong in a definition is said by `datajoint-definition` and `datajoint-schema`; this
//! crate finds the place in the source to say it at.

mod arguments;
mod change;
mod content;
mod declare;
mod derive;
mod expand;
mod field;
mod finish;
mod identifier;
mod input;
mod locked;
mod make;
mod names;
mod payload;
mod pipeline;
mod rust_type;
mod schema;
mod source;
mod stores;

pub use declare::{part, table};
pub use derive::{derive_attribute_value, derive_from_row, derive_into_row};
pub use finish::finish;
pub use make::make;
pub use payload::{KeyAttribute, Payload};
pub use pipeline::pipeline;
pub use schema::schema;
pub use source::{FindLock, Locate, Place, Surroundings};
