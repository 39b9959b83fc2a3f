//! Queries over tables, run when they are fetched from.

use std::fmt;
use std::marker::PhantomData;

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
mod tree;
mod universal;

pub use column::{ColumnOf, ColumnsOf};
pub use order::IntoOrder;
pub use preview::Preview;
pub use projection::{IntoProjection, Proj, compute};
pub use relation::Relation;
pub use row::{QueryRow, StoredRow};
pub use stream::RowStream;
pub use top::Top;
pub use universal::U;

pub(crate) use label::key_text;
pub(crate) use lower::Lowered;
pub(crate) use tree::{Leaf, Measure, Node, Tree};

/// A query: tables restricted, joined, projected and cut.
///
/// `R` is what its rows are read into: the row type of a table, or [`DynamicRow`](crate::DynamicRow) after a
/// join or a projection. It is made by the operators `&` (restrict), `-` (rows without a match), `*` (join) and `+`
/// (union) on tables and queries, and by the methods of [`Relation`]. It is cheap to clone and says nothing to a
/// database before it is fetched from.
#[must_use]
pub struct Query<R> {
    pub(crate) node: Tree,
    marker: PhantomData<fn() -> R>,
}

impl<R> Query<R> {
    pub(crate) fn new(node: Tree) -> Self {
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
    Query::new(Tree::new(Node::Table(Leaf::Typed(T::spec()))))
}

impl<R> Clone for Query<R> {
    fn clone(&self) -> Self {
        Self::new(self.node.clone())
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
