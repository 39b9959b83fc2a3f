//! Conditions that restrict a query.

use crate::{Expression, Value};

/// A condition on the rows of a query.
///
/// Attributes are named as in the query it restricts; a name that is not there is an error when the
/// statement is made.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// True or false for every row.
    Constant(bool),
    /// An attribute compared with a value.
    Compare {
        /// The attribute.
        attribute: String,
        /// The comparison.
        operator: Comparison,
        /// The value.
        value: Value,
    },
    /// The attribute is null.
    IsNull(String),
    /// The attribute equals one of the values.
    In {
        /// The attribute.
        attribute: String,
        /// The values.
        values: Vec<Value>,
    },
    /// The attribute lies between two values, both included.
    Between {
        /// The attribute.
        attribute: String,
        /// The least value.
        low: Value,
        /// The greatest value.
        high: Value,
    },
    /// Every attribute equals the value of one and the same row: a list of keys.
    Keys {
        /// The attributes.
        attributes: Vec<String>,
        /// The rows, each with one value for each attribute.
        rows: Vec<Vec<Value>>,
    },
    /// All hold; an empty list holds.
    All(Vec<Condition>),
    /// Any holds; an empty list does not.
    Any(Vec<Condition>),
    /// The opposite. Rows for which the condition is unknown (null) are kept as if it were false.
    Not(Box<Condition>),
    /// The row has a match in another query, on the attributes that both have, which must have the same lineage.
    /// When they have none in common, every row has a match as soon as the other query has a row.
    Matches(Box<Expression>),
    /// The row has a match in another query, on the attributes that both have, whatever they mean.
    MatchesByName(Box<Expression>),
    /// SQL text with `?` for each bound value outside quotes; `??` stands for a question mark.
    ///
    /// Names in it are for the database to judge.
    Sql {
        /// The text.
        text: String,
        /// The values.
        parameters: Vec<Value>,
    },
}

/// How an attribute is compared with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`; with a null value, `IS NULL`.
    Equal,
    /// `<>`; with a null value, `IS NOT NULL`.
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `LIKE` with `%` and `_`.
    Like,
}
