//! The traits behind `#[table]`: what generated code implements and what the library asks of it.

pub mod blob;
mod column;
mod row;
mod spec;
mod table;
mod value;

pub use column::{Column, ComparableWith};
pub use row::{FromRow, IntoRow, RowReader, RowWriter};
pub use spec::{Contents, SpecFn, TableSpec};
pub use table::{
    AutoPopulated, Declared, HasAncestor, KeyAttributeAt, ParentAt, Part, SchemaName, Table, TableKey, TableRow,
    WrittenBy,
};
pub use value::{AttributeValue, ValueError};
