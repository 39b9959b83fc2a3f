//! DataJoint for Rust: scientific data pipelines declared in the type system and kept in a database.

pub use datajoint_blob::Value as Blob;
pub use datajoint_macros::{AttributeValue, FromRow, IntoRow, part, pipeline, schema, table};
pub use datajoint_pipeline::typed::{
    Attachment, AttributeValue, Column, FromRow, HasAncestor, IntoRow, OrDefault, Part, Pipeline, Table, ValueError,
};
pub use datajoint_populate::{
    FetchContext, InsertContext, Make, MakeContext, MakeError, MakeResult, PlainMake,
};

pub mod prelude;

#[doc(hidden)]
pub mod codegen;
