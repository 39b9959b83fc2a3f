//! The traits that `#[table]` implements, for functions of yours that are generic over tables and rows.
//!
//! ```
//! # use datajoint::prelude::*;
//! use datajoint::typed::Table;
//!
//! /// The class of a table, as its definition names it.
//! fn class_of<T: Table>(_: T) -> &'static str {
//!     T::spec().class_name
//! }
//! # schema!("lab");
//! # #[table(Manual)]
//! # /// image_id : int32
//! # pub struct Image;
//! assert_eq!(class_of(Image), "Image");
//! ```

pub use datajoint_pipeline::typed::{
    Attachment, AttributeValue, AutoPopulated, Column, Contents, Declared, DeclaredChange, FromRow,
    HasAncestor, IntoRow, OrDefault, Part, Pipeline, RowReader, RowWriter, SpecFn, Table, TableKey, TableRow,
    TableSpec, WrittenBy, tables,
};
