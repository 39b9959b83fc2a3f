//! Queries as trees, before they become SQL.

use std::sync::Arc;

use datajoint_schema::Table;

use crate::Condition;

/// A query over tables.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// All rows of a table.
    Table(Arc<Table>),
    /// The rows that meet a condition.
    Restrict {
        /// The query.
        from: Box<Expression>,
        /// The condition.
        condition: Condition,
    },
    /// Every pair of rows that agree on the attributes both sides have.
    Join {
        /// The left side.
        left: Box<Expression>,
        /// The right side.
        right: Box<Expression>,
    },
    /// Other attributes of the same rows.
    Project {
        /// The query.
        from: Box<Expression>,
        /// The attributes wanted.
        attributes: Vec<Projected>,
    },
    /// Rows in an order, and of these a part.
    Top {
        /// The query.
        from: Box<Expression>,
        /// How to order; empty for the order of the primary key.
        order: Vec<Order>,
        /// How many rows at most.
        limit: Option<u64>,
        /// How many rows to pass over first.
        offset: u64,
    },
}

/// One part of a projection. The primary key stays unless it is renamed.
#[derive(Debug, Clone, PartialEq)]
pub enum Projected {
    /// A secondary attribute that stays.
    Keep(String),
    /// Every secondary attribute.
    All,
    /// An attribute left out after [`Projected::All`].
    Drop(String),
    /// An attribute under another name.
    Rename {
        /// The new name.
        new: String,
        /// The name in the query.
        old: String,
    },
    /// A value computed by the database, as SQL text with `?` for each bound value.
    Compute {
        /// The name of the value.
        new: String,
        /// The text.
        text: String,
        /// The values.
        parameters: Vec<crate::Value>,
    },
}

/// One part of an ordering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The attribute.
    pub attribute: String,
    /// True for the greatest first.
    pub descending: bool,
}
