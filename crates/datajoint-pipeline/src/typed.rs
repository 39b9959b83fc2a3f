//! The traits behind `#[table]`: what generated code implements and what the library asks of it.

mod attachment;
pub mod blob;
mod column;
mod generated;
mod object;
mod or_default;
mod pipeline;
mod row;
mod spec;
mod table;
mod tables;
mod value;

pub use attachment::Attachment;
pub use column::{Column, ComparableWith};
pub use generated::{ValueResult, unknown_member};
pub use or_default::OrDefault;
pub use pipeline::{NamedTable, Pipeline, assert_as_locked, assert_distinct};
pub use row::{FromRow, IntoRow, RowReader, RowWriter};
pub use spec::{Contents, DeclaredChange, SpecFn, TableSpec};
pub use table::{
    AutoPopulated, Declared, DescendsFrom, HasAncestor, Identified, KeyAttributeAt, Part, SchemaName, Table,
    TableId, TableKey, TableRow, WrittenBy, assert_declared,
};
pub use tables::tables;
pub use value::{AttributeValue, ValueError};

pub(crate) use tables::table;
pub(crate) use value::describe;
