//! DataJoint queries, declarations and manipulations as SQL statements, for each database.

mod condition;
mod dialect;
mod error;
mod expression;
mod statement;
mod value;

pub use condition::{Comparison, Condition};
pub use dialect::{placeholder, quote_identifier, table_reference};
pub use error::{Error, Result};
pub use expression::{Expression, Order, Projected};
pub use statement::Statement;
pub use value::Value;
