//! Headings, inherited keys, foreign keys, lineage and the dependency graph of DataJoint tables; no I/O.
//!
//! A [`Definition`](datajoint_definition::Definition) and the keys of its parents make a [`Table`]
//! ([`resolve`]); tables make a [`Graph`]. The macro resolves with the same code at compile time as
//! the library at run time.

mod audit;
mod compatible;
mod describe;
mod difference;
mod error;
mod fingerprint;
mod graph;
mod heading;
mod holds;
mod jobs;
mod lineage;
mod name;
mod own_key;
mod resolve;
mod support;
mod table;
mod tier_columns;
mod unsaid;

pub use audit::audit_table;
pub use compatible::canonical_type;
pub use describe::describe;
pub use difference::{
    Aspect, Difference, Side, TableComparison, Verdict, compare_tables, difference, difference_between,
};
pub use error::Error;
pub use fingerprint::fingerprint;
pub use graph::{Edge, Graph};
pub use heading::{Attribute, Heading, is_hidden_name};
pub use holds::holds;
pub use jobs::{jobs_table, trials_table, workers_table};
pub use lineage::{LineageRow, lineage_rows};
pub use name::{Lineage, TableName};
pub use own_key::own_key_diagnostics;
pub use resolve::{Declaration, Parent, resolve};
pub use support::support_indexes;
pub use table::{ColumnPair, ForeignKey, Index, Table};
pub use tier_columns::{MADE_BY, MADE_FROM, ORIGIN, TierColumns, add_tier_columns, tier_attributes};
pub use unsaid::{Beside, Unsaid, UnsaidIndex};
