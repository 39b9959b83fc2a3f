//! Headings, inherited keys, foreign keys, lineage and the dependency graph of DataJoint tables; no I/O.

mod heading;
mod name;
mod resolve;
mod table;

pub use heading::{Attribute, Heading};
pub use name::{Lineage, TableName};
pub use resolve::{Declaration, Parent, resolve};
pub use table::{ColumnPair, ForeignKey, Index, Table};
