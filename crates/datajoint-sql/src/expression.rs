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
        /// What attributes of one name must have in common.
        matching: Matching,
    },
    /// Every row of the left side once, with the attributes of its match on the right side, or nulls.
    Extend {
        /// The left side, which has the primary key of the right side.
        left: Box<Expression>,
        /// The right side.
        right: Box<Expression>,
    },
    /// The rows of a query, each with values computed over the rows that match it in another one.
    Aggregate {
        /// The rows.
        groups: Box<Expression>,
        /// What is aggregated; it has the primary key of the rows.
        of: Box<Expression>,
        /// The attributes wanted; texts of SQL are over both sides.
        attributes: Vec<Projected>,
        /// True when rows without a match stay. Of these all attributes of the other side are null.
        keeps_all: bool,
    },
    /// The rows of either query, those of one key as one row: nulls where a side doesn't have it.
    Union {
        /// One side.
        left: Box<Expression>,
        /// The other side, with the same primary key and no other attribute of the same name.
        right: Box<Expression>,
    },
    /// The different values of some attributes, which become the primary key.
    Unique {
        /// The query.
        from: Box<Expression>,
        /// The attributes; with none, there is one row when the query has any.
        attributes: Vec<String>,
    },
    /// Values computed over the rows of a query that agree on some attributes, which become the primary key.
    GroupBy {
        /// The query.
        of: Box<Expression>,
        /// The attributes; with none, there is one row for all.
        by: Vec<String>,
        /// The values.
        attributes: Vec<Projected>,
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

/// Which attributes of two queries are matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Matching {
    /// Those of the same name, which must have the same lineage.
    #[default]
    Lineage,
    /// Those of the same name, whatever they mean.
    Name,
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

impl Projected {
    /// The name of the attribute in the result, or of the one left out.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Keep(name) | Self::Drop(name) => Some(name),
            Self::Rename { new, .. } | Self::Compute { new, .. } => Some(new),
            Self::All => None,
        }
    }
}

/// One part of an ordering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The attribute.
    pub attribute: String,
    /// True for the greatest first.
    pub descending: bool,
}
