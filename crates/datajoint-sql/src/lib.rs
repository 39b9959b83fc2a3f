//! DataJoint queries, declarations and manipulations as SQL statements, for each database.

mod condition;
mod expression;
mod statement;
mod value;

pub use condition::{Comparison, Condition};
pub use expression::{Expression, Order, Projected};
pub use statement::Statement;
pub use value::Value;
