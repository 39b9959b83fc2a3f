use std::future::Future;
use std::sync::Arc;

use datajoint_schema::Heading;

use super::{ColumnOf, IntoOrder, IntoProjection, Node, QueryRow, RowStream};
use crate::condition::Term;
use crate::typed::AttributeValue;
use crate::{Condition, DynamicRow, Instance, Query, Restriction, Result, Target};

/// A table or a query: what rows can be fetched from.
///
/// Queries are put together with operators and with these methods, and run by those that take an
/// [`Instance`] or a transaction.
///
/// | operator | method | |
/// |---|---|---|
/// | `a & r` | [`restrict`](Self::restrict) | the rows of `a` that meet `r` |
/// | `a - r` | [`antijoin`](Self::antijoin) | the rows of `a` that don't |
/// | `a * b` | [`join`](Self::join) | pairs of rows that agree on the attributes both have |
///
/// `*` binds tighter than `-`, and `-` tighter than `&`.
pub trait Relation {
    /// What its rows are read into.
    type Row: QueryRow;

    /// All of its rows as a query.
    fn query(&self) -> Query<Self::Row>;

    /// The rows that meet a restriction.
    fn restrict(&self, restriction: impl Restriction) -> Query<Self::Row> {
        restricted(self.query(), restriction.into_condition())
    }

    /// The rows that don't meet a restriction: those without a match, when it is a table or a query.
    fn antijoin(&self, restriction: impl Restriction) -> Query<Self::Row> {
        restricted(self.query(), Condition(Term::Not(Box::new(restriction.into_condition()))))
    }

    /// Every pair of rows that agree on the attributes both sides have.
    ///
    /// Fails, when run, if attributes of one name mean different things; rename one of them with
    /// [`proj`](Self::proj).
    fn join(&self, other: &(impl Relation + ?Sized)) -> Query<DynamicRow> {
        Query::new(Arc::new(Node::Join { left: self.query().node, right: other.query().node }))
    }

    /// Other attributes of the same rows: the primary key and what is asked for.
    ///
    /// Takes `()` for the key alone, names, columns, or a [`Proj`](crate::Proj).
    fn proj(&self, projection: impl IntoProjection) -> Query<DynamicRow> {
        let from = self.query().node;
        match projection.into_projection().into_parts() {
            Ok(attributes) => Query::new(Arc::new(Node::Project { from, attributes })),
            Err(error) => Query::new(Arc::new(Node::Restrict { from, condition: Condition::invalid(error) })),
        }
    }

    /// The rows in an order; `"day desc"`, columns, and lists of these.
    fn order_by(&self, order: impl IntoOrder) -> Query<Self::Row> {
        let query = self.query();
        // Order, limit and offset given one after the other make one cut.
        let (from, limit, offset) = match &*query.node {
            Node::Top { from, order, limit, offset } if order.is_empty() => {
                (Arc::clone(from), *limit, *offset)
            }
            _ => (query.node, None, 0),
        };
        Query::new(Arc::new(Node::Top { from, order: order.into_order(), limit, offset }))
    }

    /// So many rows at most; the first ones in the order of the primary key, where no order is given.
    fn limit(&self, limit: u64) -> Query<Self::Row> {
        let query = self.query();
        Query::new(Arc::new(match &*query.node {
            Node::Top { from, order, limit: None, offset } => Node::Top {
                from: Arc::clone(from),
                order: order.clone(),
                limit: Some(limit),
                offset: *offset,
            },
            _ => Node::Top { from: query.node, order: Vec::new(), limit: Some(limit), offset: 0 },
        }))
    }

    /// The rows without so many of the first; in the order of the primary key, where no order is given.
    fn offset(&self, offset: u64) -> Query<Self::Row> {
        let query = self.query();
        Query::new(Arc::new(match &*query.node {
            Node::Top { from, order, limit, offset: 0 } => {
                Node::Top { from: Arc::clone(from), order: order.clone(), limit: *limit, offset }
            }
            _ => Node::Top { from: query.node, order: Vec::new(), limit: None, offset },
        }))
    }

    /// All rows.
    fn fetch<'a>(&self, on: impl Into<Target<'a>>) -> impl Future<Output = Result<Vec<Self::Row>>> + Send {
        let (query, on) = (self.query(), on.into());
        async move { query.run_all::<Self::Row>(on).await }
    }

    /// All rows, read into another type.
    ///
    /// Fails when the query doesn't have an attribute of the type.
    fn fetch_as<'a, S: QueryRow>(
        &self,
        on: impl Into<Target<'a>>,
    ) -> impl Future<Output = Result<Vec<S>>> + Send {
        let (query, on) = (self.query(), on.into());
        async move { query.run_all::<S>(on).await }
    }

    /// All rows, with names and values known at run time only.
    fn fetch_dynamic<'a>(
        &self,
        on: impl Into<Target<'a>>,
    ) -> impl Future<Output = Result<Vec<DynamicRow>>> + Send {
        self.fetch_as(on)
    }

    /// The one row there is.
    ///
    /// Fails when there is none, and when there are more.
    fn fetch_one<'a>(&self, on: impl Into<Target<'a>>) -> impl Future<Output = Result<Self::Row>> + Send {
        let (query, on) = (self.query(), on.into());
        async move { query.run_one::<Self::Row>(on).await?.ok_or_else(|| query.no_row()) }
    }

    /// The one row there is, read into another type.
    ///
    /// Fails when there is none, when there are more, and when the query doesn't have an attribute of the type.
    fn fetch_one_as<'a, S: QueryRow>(
        &self,
        on: impl Into<Target<'a>>,
    ) -> impl Future<Output = Result<S>> + Send {
        let (query, on) = (self.query(), on.into());
        async move { query.run_one::<S>(on).await?.ok_or_else(|| query.no_row()) }
    }

    /// The one row, if there is one.
    ///
    /// Fails when there are more.
    fn fetch_optional<'a>(
        &self,
        on: impl Into<Target<'a>>,
    ) -> impl Future<Output = Result<Option<Self::Row>>> + Send {
        let (query, on) = (self.query(), on.into());
        async move { query.run_one::<Self::Row>(on).await }
    }

    /// The primary keys of all rows.
    ///
    /// Keys of a table's own type come from `fetch_as::<SessionKey>`.
    fn keys<'a>(&self, on: impl Into<Target<'a>>) -> impl Future<Output = Result<Vec<DynamicRow>>> + Send {
        let (query, on) = (self.proj(()), on.into());
        async move { query.run_all::<DynamicRow>(on).await }
    }

    /// The values of one column, in the order of the rows.
    ///
    /// Fails at a null: ask for it by [`column_as`](Self::column_as)`::<Option<_>>`.
    fn column<'a, C: ColumnOf>(
        &self,
        column: C,
        on: impl Into<Target<'a>>,
    ) -> impl Future<Output = Result<Vec<C::Value>>> + Send {
        let (query, on, name) = (self.query(), on.into(), column.column_name().to_owned());
        async move { query.run_column(&name, on).await }
    }

    /// The values of the column of this name as `V`, in the order of the rows.
    fn column_as<'a, V: AttributeValue + Send>(
        &self,
        name: &str,
        on: impl Into<Target<'a>>,
    ) -> impl Future<Output = Result<Vec<V>>> + Send {
        let (query, on, name) = (self.query(), on.into(), name.to_owned());
        async move { query.run_column(&name, on).await }
    }

    /// The rows one after the other, without holding all of them.
    ///
    /// Until it is dropped, the stream takes up a connection, or the transaction.
    fn stream<'a>(&self, on: impl Into<Target<'a>>) -> RowStream<'a, Self::Row> {
        self.stream_as(on)
    }

    /// The rows one after the other, read into another type.
    fn stream_as<'a, S: QueryRow>(&self, on: impl Into<Target<'a>>) -> RowStream<'a, S> {
        RowStream::new(self.query(), on.into())
    }

    /// How many rows there are.
    fn count<'a>(&self, on: impl Into<Target<'a>>) -> impl Future<Output = Result<u64>> + Send {
        let (query, on) = (self.query(), on.into());
        async move { query.run_count(on).await }
    }

    /// True when there is any row.
    fn exists<'a>(&self, on: impl Into<Target<'a>>) -> impl Future<Output = Result<bool>> + Send {
        let (query, on) = (self.query(), on.into());
        async move { query.run_exists(on).await }
    }

    /// The attributes of the rows. Tables that weren't used before are activated.
    fn heading(&self, instance: &Instance) -> impl Future<Output = Result<Heading>> + Send {
        let query = self.query();
        async move { Ok(query.lower(&mut instance.into()).await?.heading) }
    }

    /// The statement that fetches the rows, for people to read: values are listed after it.
    fn to_sql(&self, instance: &Instance) -> impl Future<Output = Result<String>> + Send {
        let query = self.query();
        async move { query.shown_sql(instance).await }
    }
}

impl<T: Relation + ?Sized> Relation for &T {
    type Row = T::Row;

    fn query(&self) -> Query<Self::Row> {
        (**self).query()
    }
}

fn restricted<R>(query: Query<R>, condition: Condition) -> Query<R> {
    Query::new(Arc::new(Node::Restrict { from: query.node, condition }))
}
