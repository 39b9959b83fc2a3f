use datajoint_sql::Order;

use super::{IntoOrder, Node, Tree};
use crate::condition::Open;
use crate::{Condition, Restriction};

/// The first rows in an order, as a restriction: `&session & Top::new(5).by("day desc")`.
///
/// The same as [`order_by`](crate::Relation::order_by), [`limit`](crate::Relation::limit) and
/// [`offset`](crate::Relation::offset). Without an order the rows come in that of the primary key. It stands alone:
/// within a list of alternatives, or negated, it is an error when the query is run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Top {
    pub(crate) limit: Option<u64>,
    pub(crate) order: Vec<Order>,
    pub(crate) offset: u64,
}

impl Top {
    /// So many rows at most.
    pub const fn new(limit: u64) -> Self {
        Self { limit: Some(limit), order: Vec::new(), offset: 0 }
    }

    /// All rows, for an order or an offset alone.
    pub const fn all() -> Self {
        Self { limit: None, order: Vec::new(), offset: 0 }
    }

    /// In this order; `"day desc"`, columns, and lists of these. `KEY` stands for the primary key.
    pub fn by(mut self, order: impl IntoOrder) -> Self {
        self.order = order.into_order();
        self
    }

    /// Without so many of the first rows.
    pub const fn offset(mut self, offset: u64) -> Self {
        self.offset = offset;
        self
    }

    /// The rows of a query that it leaves.
    pub(crate) fn of(self, from: Tree) -> Node {
        let Self { limit, order, offset } = self;
        Node::Top { from, order, limit, offset }
    }
}

impl Restriction for Top {
    fn into_condition(self) -> Condition {
        Condition::open(Open::Top(self))
    }
}
