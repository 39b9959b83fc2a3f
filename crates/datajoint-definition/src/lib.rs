//! The DataJoint definition language: text to syntax tree and back, with every fault located and explained.
//!
//! [`parse`] never fails: it gives what it understood and all [`Diagnostic`]s of one pass. [`check`] adds what
//! only the class, the tier and the backend tell. A [`Definition`] prints as text that parses to itself.

mod attribute_type;
mod backend;
mod capability;
mod check;
mod diagnostic;
mod json_path;
mod json_type;
mod name;
mod parse;
mod position;
mod render;
mod schema_name;
mod suggest;
mod tier;
mod tree;
mod type_text;
mod words;

pub use attribute_type::{AttributeType, CodecType, CoreType, NativeCategory, NativeType, Store};
pub use backend::{Backend, UnknownBackend};
pub use capability::{Capability, Protocol};
pub use check::{Context, UnheldType, check, new_key, unfit_default, unheld_type};
pub use diagnostic::{Diagnostic, Severity, Span};
pub use json_path::{JsonPath, JsonStep};
pub use json_type::JsonType;
pub use name::{camel_case, class_path, master_of, snake_case, table_name, tier_of};
pub use parse::parse;
pub use position::Position;
pub use schema_name::schema_name_fault;
pub use suggest::suggest;
pub use tier::{Tier, UnknownTier};
pub use tree::{
    AttributeLine, DefaultValue, Definition, ForeignKeyLine, IndexItem, IndexLine, Line, OfServer, Rename,
};
pub use type_text::{CORE_TYPES, TypeFault};
pub use words::{count, printable, report};
