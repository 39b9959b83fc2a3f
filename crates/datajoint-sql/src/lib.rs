//! DataJoint queries, declarations and manipulations as SQL statements, for each database.

mod condition;
mod convert;
mod dialect;
mod dml;
mod error;
mod expression;
mod fragment;
mod select;
mod statement;
mod value;

pub use condition::{Comparison, Condition};
pub use convert::{bind_value, read_value};
pub use dialect::{placeholder, quote_identifier, table_reference};
pub use dml::{OnDuplicate, copy_in, delete, insert, insert_rows, insert_select, update};
pub use error::{Error, Result};
pub use expression::{Expression, Order, Projected};
pub use select::{Select, count, exists, heading, select, select_columns};
pub use statement::Statement;
pub use value::Value;
