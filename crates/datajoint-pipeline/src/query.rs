//! Queries over tables, run when they are fetched from.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use datajoint_schema::Table;
use datajoint_sql::{Matching, Order, Projected};

use crate::Condition;
use crate::typed::TableSpec;

mod column;
mod fetch;
mod label;
mod lower;
mod operators;
mod order;
mod preview;
mod projection;
mod relation;
mod row;
mod stream;
mod top;
mod universal;

pub use column::{ColumnOf, ColumnsOf};
pub use order::IntoOrder;
pub use preview::Preview;
pub use projection::{IntoProjection, Proj, compute};
pub use relation::Relation;
pub use row::QueryRow;
pub use stream::RowStream;
pub use top::Top;
pub use universal::U;

pub(crate) use fetch::Reading;
pub(crate) use label::key_text;
pub(crate) use lower::Lowered;

/// A query: tables restricted, joined, projected and cut.
///
/// `R` is what its rows are read into: the row type of a table, or [`DynamicRow`](crate::DynamicRow) after a
/// join or a projection. It is made by the operators `&` (restrict), `-` (rows without a match), `*` (join) and `+`
/// (union) on tables and queries, and by the methods of [`Relation`]. It is cheap to clone and says nothing to a
/// database before it is fetched from.
#[must_use]
pub struct Query<R> {
    pub(crate) node: Arc<Node>,
    marker: PhantomData<fn() -> R>,
}

/// A query as a tree, before its tables are known.
#[derive(Debug)]
pub(crate) enum Node {
    /// A table of the program; which table of the database that is, the instance knows.
    Typed(&'static TableSpec),
    /// A table found in a database.
    Found(Arc<Table>),
    Restrict {
        from: Arc<Node>,
        condition: Condition,
    },
    Join {
        left: Arc<Node>,
        right: Arc<Node>,
        matching: Matching,
    },
    Extend {
        left: Arc<Node>,
        right: Arc<Node>,
    },
    Aggregate {
        groups: Arc<Node>,
        of: Arc<Node>,
        attributes: Vec<Projected>,
        keeps_all: bool,
    },
    Union {
        left: Arc<Node>,
        right: Arc<Node>,
    },
    Unique {
        from: Arc<Node>,
        attributes: Vec<String>,
    },
    GroupBy {
        of: Arc<Node>,
        by: Vec<String>,
        attributes: Vec<Projected>,
    },
    Project {
        from: Arc<Node>,
        attributes: Vec<Projected>,
    },
    Top {
        from: Arc<Node>,
        order: Vec<Order>,
        limit: Option<u64>,
        offset: u64,
    },
}

impl<R> Query<R> {
    pub(crate) fn new(node: Arc<Node>) -> Self {
        Self { node, marker: PhantomData }
    }

    /// The query whatever its rows are read into.
    pub fn untyped(self) -> Query<crate::DynamicRow> {
        Query::new(self.node)
    }
}

/// All rows of a table; called by generated code.
#[doc(hidden)]
pub fn of_table<T: crate::typed::Table>() -> Query<T::Row> {
    Query::new(Arc::new(Node::Typed(T::spec())))
}

impl<R> Clone for Query<R> {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.node))
    }
}

impl<R> fmt::Debug for Query<R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.node, formatter)
    }
}

impl<R: QueryRow> Relation for Query<R> {
    type Row = R;

    fn query(&self) -> Query<R> {
        self.clone()
    }
}
