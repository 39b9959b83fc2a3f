//! Queries and conditions as trees, before they become SQL.
//!
//! A tree is the same whatever stands at its ends: tables and conditions that are complete here, those of a program
//! that are still to be looked for in the layers above.

use std::convert::Infallible;
use std::ops::Deref;
use std::sync::Arc;

use datajoint_schema::Table;

use crate::{Comparison, Links, Matching, Order, Projected, Value};

/// A query over tables `L`, restricted by conditions `C`, with queries `P` in it.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression<L = Arc<Table>, C = Condition, P = Part> {
    /// All rows of a table.
    Table(L),
    /// The rows that meet a condition.
    Restrict {
        /// The query.
        from: P,
        /// The condition.
        condition: C,
    },
    /// Every pair of rows that agree on the attributes both sides have.
    Join {
        /// The left side.
        left: P,
        /// The right side.
        right: P,
        /// What attributes of one name must have in common.
        matching: Matching,
    },
    /// Every row of the left side once, with the attributes of its match on the right side, or nulls.
    Extend {
        /// The left side, which has the primary key of the right side.
        left: P,
        /// The right side.
        right: P,
    },
    /// The rows of a query, each with values computed over the rows that match it in another one.
    Aggregate {
        /// The rows.
        groups: P,
        /// What is aggregated; it has the primary key of the rows.
        of: P,
        /// The attributes wanted; texts of SQL are over both sides.
        attributes: Vec<Projected>,
        /// True when rows without a match stay. Of these all attributes of the other side are null.
        keeps_all: bool,
    },
    /// The rows of either query, those of one key as one row: nulls where a side doesn't have it.
    Union {
        /// One side.
        left: P,
        /// The other side, with the same primary key and no other attribute of the same name.
        right: P,
    },
    /// The different values of some attributes, which become the primary key.
    Unique {
        /// The query.
        from: P,
        /// The attributes; with none, there is one row when the query has any.
        attributes: Vec<String>,
    },
    /// Values computed over the rows of a query that agree on some attributes, which become the primary key.
    GroupBy {
        /// The query.
        of: P,
        /// The attributes; with none, there is one row for all.
        by: Vec<String>,
        /// The values.
        attributes: Vec<Projected>,
    },
    /// Other attributes of the same rows.
    Project {
        /// The query.
        from: P,
        /// The attributes wanted.
        attributes: Vec<Projected>,
    },
    /// Rows in an order, and of these a part.
    Top {
        /// The query.
        from: P,
        /// How to order; empty for the order of the primary key.
        order: Vec<Order>,
        /// How many rows at most.
        limit: Option<u64>,
        /// How many rows to pass over first.
        offset: u64,
    },
}

/// A query that stands in another one.
#[derive(Debug, Clone, PartialEq)]
pub struct Part(Box<Expression>);

impl Part {
    /// The query as a part.
    pub fn new(expression: Expression) -> Self {
        Self(Box::new(expression))
    }

    /// The query.
    pub fn into_inner(self) -> Expression {
        *self.0
    }
}

impl Deref for Part {
    type Target = Expression;

    fn deref(&self) -> &Expression {
        &self.0
    }
}

impl<L, C, P> Expression<L, C, P> {
    /// The queries that stand in it: none in a table, two in what brings two together, one in everything else.
    pub fn parts(&self) -> impl Iterator<Item = &P> {
        let [first, second] = match self {
            Self::Table(_) => [None, None],
            Self::Restrict { from, .. }
            | Self::Project { from, .. }
            | Self::Top { from, .. }
            | Self::Unique { from, .. }
            | Self::GroupBy { of: from, .. } => [Some(from), None],
            Self::Join { left, right, .. }
            | Self::Extend { left, right }
            | Self::Union { left, right }
            | Self::Aggregate { groups: left, of: right, .. } => [Some(left), Some(right)],
        };
        first.into_iter().chain(second)
    }

    /// Returns the same query over other tables. A condition is turned into another one for the query that it restricts.
    ///
    /// Fails when one of the functions does.
    pub fn try_map_leaves<M, D, Q, E>(
        &self,
        leaf: impl FnOnce(&L) -> Result<M, E>,
        condition: impl FnOnce(&C, &Q) -> Result<D, E>,
        mut part: impl FnMut(&P) -> Result<Q, E>,
    ) -> Result<Expression<M, D, Q>, E> {
        Ok(match self {
            Self::Table(table) => Expression::Table(leaf(table)?),
            Self::Restrict { from, condition: restriction } => {
                let from = part(from)?;
                Expression::Restrict { condition: condition(restriction, &from)?, from }
            }
            Self::Join { left, right, matching } => {
                Expression::Join { left: part(left)?, right: part(right)?, matching: *matching }
            }
            Self::Extend { left, right } => Expression::Extend { left: part(left)?, right: part(right)? },
            Self::Aggregate { groups, of, attributes, keeps_all } => Expression::Aggregate {
                groups: part(groups)?,
                of: part(of)?,
                attributes: attributes.clone(),
                keeps_all: *keeps_all,
            },
            Self::Union { left, right } => Expression::Union { left: part(left)?, right: part(right)? },
            Self::Unique { from, attributes } => {
                Expression::Unique { from: part(from)?, attributes: attributes.clone() }
            }
            Self::GroupBy { of, by, attributes } => {
                Expression::GroupBy { of: part(of)?, by: by.clone(), attributes: attributes.clone() }
            }
            Self::Project { from, attributes } => {
                Expression::Project { from: part(from)?, attributes: attributes.clone() }
            }
            Self::Top { from, order, limit, offset } => {
                Expression::Top { from: part(from)?, order: order.clone(), limit: *limit, offset: *offset }
            }
        })
    }
}

/// A condition on the rows of a query, with queries `P` in it; `X` is what is no condition before the query is known.
///
/// Attributes are named as in the query it restricts; a name that is not there is an error when the
/// statement is made.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition<P = Part, X = Infallible> {
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
    All(Vec<Self>),
    /// Any holds; an empty list does not.
    Any(Vec<Self>),
    /// The opposite. Rows for which the condition is unknown (null) are kept as if it were false.
    Not(Box<Self>),
    /// The row has a match in another query, on the attributes that both have, which must have the same lineage.
    /// When they have none in common, every row has a match as soon as the other query has a row.
    Matches(P),
    /// The row has a match in another query, on the attributes that both have, whatever they mean.
    MatchesByName(P),
    /// Columns of the row equal columns of one and the same row of another query; null equals nothing.
    Linked {
        /// Which columns, hidden ones of tables too.
        by: Links,
        /// The other query.
        to: P,
    },
    /// SQL text with `?` for each bound value outside quotes; `??` stands for a question mark.
    ///
    /// Names in it are for the database to judge.
    Sql {
        /// The text.
        text: String,
        /// The values.
        parameters: Vec<Value>,
    },
    /// What becomes a condition once the query is known that it restricts; there is none here.
    Open(X),
}

/// What becomes of the leaves of a condition.
pub trait MapLeaves<P, X> {
    /// A query in the condition that comes of it.
    type Part;
    /// Why there may be none.
    type Error;

    /// The query that comes of one in the condition.
    fn part(&mut self, part: &P) -> Result<Self::Part, Self::Error>;

    /// The condition that comes of an open one.
    fn open(&mut self, open: &X) -> Result<Condition<Self::Part>, Self::Error>;

    /// The condition that comes of alternatives.
    fn any(&mut self, alternatives: Vec<Condition<Self::Part>>) -> Condition<Self::Part> {
        Condition::Any(alternatives)
    }
}

impl<P, X> Condition<P, X> {
    /// Returns the condition with other leaves. Fails where one of these has none.
    pub fn try_map_leaves<M: MapLeaves<P, X>>(&self, leaves: &mut M) -> Result<Condition<M::Part>, M::Error> {
        Ok(match self {
            Self::Constant(truth) => Condition::Constant(*truth),
            Self::Compare { attribute, operator, value } => {
                Condition::Compare { attribute: attribute.clone(), operator: *operator, value: value.clone() }
            }
            Self::IsNull(attribute) => Condition::IsNull(attribute.clone()),
            Self::In { attribute, values } => {
                Condition::In { attribute: attribute.clone(), values: values.clone() }
            }
            Self::Between { attribute, low, high } => {
                Condition::Between { attribute: attribute.clone(), low: low.clone(), high: high.clone() }
            }
            Self::Keys { attributes, rows } => {
                Condition::Keys { attributes: attributes.clone(), rows: rows.clone() }
            }
            Self::Sql { text, parameters } => {
                Condition::Sql { text: text.clone(), parameters: parameters.clone() }
            }
            Self::All(conditions) => Condition::All(Self::mapped(conditions, leaves)?),
            Self::Any(conditions) => {
                let alternatives = Self::mapped(conditions, leaves)?;
                leaves.any(alternatives)
            }
            Self::Not(condition) => Condition::Not(Box::new(condition.try_map_leaves(leaves)?)),
            Self::Matches(part) => Condition::Matches(leaves.part(part)?),
            Self::MatchesByName(part) => Condition::MatchesByName(leaves.part(part)?),
            Self::Linked { by, to } => Condition::Linked { by: by.clone(), to: leaves.part(to)? },
            Self::Open(open) => leaves.open(open)?,
        })
    }

    fn mapped<M: MapLeaves<P, X>>(
        conditions: &[Self],
        leaves: &mut M,
    ) -> Result<Vec<Condition<M::Part>>, M::Error> {
        conditions.iter().map(|condition| condition.try_map_leaves(leaves)).collect()
    }
}
