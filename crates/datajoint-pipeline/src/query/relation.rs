use std::future::Future;

use datajoint_schema::Heading;
use datajoint_sql::{Matching, Projected};

use super::{ColumnOf, ColumnsOf, IntoOrder, IntoProjection, Node, Preview, QueryRow, RowStream, Tree};
use crate::typed::{AttributeValue, ValueError};
use crate::{Condition, DynamicRow, Instance, Proj, Query, Restriction, Result, Target};

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
/// | `a + b` | [`union`](Self::union) | the rows of either |
///
/// `*` binds tighter than `+` and `-`, and these tighter than `&`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no table or query",
    note = "give a table, or a query; a universal set is restricted, `U(..) & query`, or aggregated, `U(..).aggr(&query, ..)`"
)]
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
        restricted(self.query(), restriction.into_condition().not())
    }

    /// The rows with a match in another query on the attributes of the same name, whatever these mean.
    ///
    /// [`restrict`](Self::restrict) wants them to have the same lineage, and is nearly always what is meant.
    fn restrict_by_name(&self, other: &(impl Relation + ?Sized)) -> Query<Self::Row> {
        restricted(self.query(), Condition::matches(other.query().node, Matching::Name))
    }

    /// The rows without a match in another query on the attributes of the same name, whatever these mean.
    fn antijoin_by_name(&self, other: &(impl Relation + ?Sized)) -> Query<Self::Row> {
        let matches = Condition::matches(other.query().node, Matching::Name);
        restricted(self.query(), matches.not())
    }

    /// Every pair of rows that agree on the attributes both sides have.
    ///
    /// Fails, when run, if attributes of one name mean different things; rename one of them with
    /// [`proj`](Self::proj).
    fn join(&self, other: &(impl Relation + ?Sized)) -> Query<DynamicRow> {
        joined(self.query().node, other.query().node, Matching::Lineage)
    }

    /// Every pair of rows that agree on the attributes of the same name, whatever these mean.
    ///
    /// [`join`](Self::join) wants them to have the same lineage, and is nearly always what is meant.
    fn join_by_name(&self, other: &(impl Relation + ?Sized)) -> Query<DynamicRow> {
        joined(self.query().node, other.query().node, Matching::Name)
    }

    /// Every row once, with the attributes of its match in another query, or with nulls where there is none.
    ///
    /// Fails, when run, unless the rows have the primary key of the other query: each has one match at most.
    fn extend(&self, other: &(impl Relation + ?Sized)) -> Query<DynamicRow> {
        Query::new(Tree::new(Node::Extend { left: self.query().node, right: other.query().node }))
    }

    /// Every row with values computed over the rows of another query that match it; those without a match too.
    ///
    /// `Session.aggr(&Trial, compute("n", "count(trial)"))`. Where nothing matches, all attributes of the other query
    /// are null, so that `count(trial)` is 0 and `count(*)` is 1. Names keep attributes of the rows, `Proj::all()` all
    /// of them.
    ///
    /// Fails, when run, unless the other query has the primary key of the rows.
    fn aggr(&self, of: &(impl Relation + ?Sized), values: impl IntoProjection) -> Query<DynamicRow> {
        aggregated(self.query().node, of.query().node, values.into_projection(), true)
    }

    /// The same without the rows that nothing matches.
    fn aggr_matching(&self, of: &(impl Relation + ?Sized), values: impl IntoProjection) -> Query<DynamicRow> {
        aggregated(self.query().node, of.query().node, values.into_projection(), false)
    }

    /// The rows of either query; where both have a row of one key, one row with the attributes of both.
    ///
    /// Fails, when run, unless both have the same primary key and no other attribute of the same name.
    fn union(&self, other: &(impl Relation + ?Sized)) -> Query<DynamicRow> {
        Query::new(Tree::new(Node::Union { left: self.query().node, right: other.query().node }))
    }

    /// Other attributes of the same rows: the primary key and what is asked for.
    ///
    /// Takes `()` for the key alone, names, columns, or a [`Proj`](crate::Proj).
    fn proj(&self, projection: impl IntoProjection) -> Query<DynamicRow> {
        projected(self.query().node, projection.into_projection().into_parts())
    }

    /// The rows in an order; `"day desc"`, columns, and lists of these.
    fn order_by(&self, order: impl IntoOrder) -> Query<Self::Row> {
        let query = self.query();
        // Order, limit and offset given one after the other make one cut.
        let (from, limit, offset) = match &*query.node {
            Node::Top { from, order, limit, offset } if order.is_empty() => (from.clone(), *limit, *offset),
            _ => (query.node.clone(), None, 0),
        };
        Query::new(Tree::new(Node::Top { from, order: order.into_order(), limit, offset }))
    }

    /// So many rows at most; the first ones in the order of the primary key, where no order is given.
    fn limit(&self, limit: u64) -> Query<Self::Row> {
        let query = self.query();
        Query::new(Tree::new(match &*query.node {
            Node::Top { from, order, limit: None, offset } => {
                Node::Top { from: from.clone(), order: order.clone(), limit: Some(limit), offset: *offset }
            }
            _ => Node::Top { from: query.node.clone(), order: Vec::new(), limit: Some(limit), offset: 0 },
        }))
    }

    /// The rows without so many of the first; in the order of the primary key, where no order is given.
    fn offset(&self, offset: u64) -> Query<Self::Row> {
        let query = self.query();
        Query::new(Tree::new(match &*query.node {
            Node::Top { from, order, limit, offset: 0 } => {
                Node::Top { from: from.clone(), order: order.clone(), limit: *limit, offset }
            }
            _ => Node::Top { from: query.node.clone(), order: Vec::new(), limit: None, offset },
        }))
    }

    /// The first rows in the order of the primary key.
    fn head(&self, limit: u64) -> Query<Self::Row> {
        self.order_by("KEY").limit(limit)
    }

    /// The last rows in the order of the primary key.
    fn tail(&self, limit: u64) -> Query<Self::Row> {
        self.order_by("KEY desc").limit(limit).order_by("KEY")
    }

    /// All rows.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
    fn fetch<'a>(&self, on: impl Into<Target<'a>>) -> impl Future<Output = Result<Vec<Self::Row>>> + Send {
        let (query, on) = (self.query(), on.into());
        async move { query.run_all::<Self::Row>(on).await }
    }

    /// All rows, read into another type.
    ///
    /// Fails when the query doesn't have an attribute of the type.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
    fn fetch_as<'a, S: QueryRow>(
        &self,
        on: impl Into<Target<'a>>,
    ) -> impl Future<Output = Result<Vec<S>>> + Send {
        let (query, on) = (self.query(), on.into());
        async move { query.run_all::<S>(on).await }
    }

    /// All rows, with names and values known at run time only.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
    fn fetch_dynamic<'a>(
        &self,
        on: impl Into<Target<'a>>,
    ) -> impl Future<Output = Result<Vec<DynamicRow>>> + Send {
        self.fetch_as(on)
    }

    /// The one row there is.
    ///
    /// Fails when there is none, and when there are more.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
    fn fetch_one<'a>(&self, on: impl Into<Target<'a>>) -> impl Future<Output = Result<Self::Row>> + Send {
        let (query, on) = (self.query(), on.into());
        async move { query.run_one::<Self::Row>(on).await?.ok_or_else(|| query.no_row()) }
    }

    /// The one row there is, read into another type.
    ///
    /// Fails when there is none, when there are more, and when the query doesn't have an attribute of the type.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
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
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
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
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
    fn keys<'a>(&self, on: impl Into<Target<'a>>) -> impl Future<Output = Result<Vec<DynamicRow>>> + Send {
        let (query, on) = (self.proj(()), on.into());
        async move { query.run_all::<DynamicRow>(on).await }
    }

    /// The values of one column, in the order of the rows.
    ///
    /// Fails at a null: ask for [`optional`](crate::typed::Column::optional) values where there may be some.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
    fn column<'a, C: ColumnOf>(
        &self,
        on: impl Into<Target<'a>>,
        column: C,
    ) -> impl Future<Output = Result<Vec<C::Value>>> + Send {
        let (query, on, name) = (self.query(), on.into(), column.column_name().to_owned());
        async move { query.run_column(&name, on).await }
    }

    /// The values of the column of this name as `V`, in the order of the rows.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
    fn column_as<'a, V: AttributeValue + Send>(
        &self,
        on: impl Into<Target<'a>>,
        name: &str,
    ) -> impl Future<Output = Result<Vec<V>>> + Send {
        let (query, on, name) = (self.query(), on.into(), name.to_owned());
        async move { query.run_column(&name, on).await }
    }

    /// The values of several columns, a tuple for each row.
    ///
    /// ```
    /// # use datajoint_config::Settings;
    /// # use datajoint_definition::Tier;
    /// # use datajoint_pipeline::{DynamicDeclaration, DynamicRow, Instance};
    /// use datajoint_pipeline::{Relation, typed::Column};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> datajoint_pipeline::Result<()> {
    /// # let dj = Instance::connect(Settings::embedded(":memory:")).await?;
    /// # let (schema, class_name, tier, master) = ("lab", "Session", Tier::Manual, None);
    /// # let definition = "session : int16\n---\nroom : varchar(8)";
    /// # let table =
    /// #     dj.declare_dynamic(DynamicDeclaration { schema, class_name, tier, master, definition }).await?;
    /// # table.insert_one(&dj, DynamicRow::new().with("session", 1)?.with("room", "east")?).await?;
    /// # struct Session;
    /// # #[allow(non_upper_case_globals)]
    /// # impl Session {
    /// #     const session: Column<Session, i16> = Column::new("session");
    /// #     const room: Column<Session, String> = Column::new("room");
    /// # }
    /// let rooms: Vec<(i16, String)> = table.columns(&dj, (Session::session, Session::room)).await?;
    /// assert_eq!(rooms, [(1, "east".to_owned())]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
    fn columns<'a, C: ColumnsOf>(
        &self,
        on: impl Into<Target<'a>>,
        columns: C,
    ) -> impl Future<Output = Result<Vec<C::Values>>> + Send {
        let (query, on) = (self.query(), on.into());
        async move { query.run_columns(columns, on).await }
    }

    /// The values of one column as an array.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
    fn array<'a, C: ColumnOf>(
        &self,
        on: impl Into<Target<'a>>,
        column: C,
    ) -> impl Future<Output = Result<ndarray::Array1<C::Value>>> + Send {
        let values = self.column(on, column);
        async move { values.await.map(ndarray::Array1::from_vec) }
    }

    /// The first rows as a table for people.
    ///
    /// ```
    /// # use datajoint_config::Settings;
    /// # use datajoint_definition::Tier;
    /// # use datajoint_pipeline::{DynamicDeclaration, DynamicRow, Instance, Relation};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> datajoint_pipeline::Result<()> {
    /// # let dj = Instance::connect(Settings::embedded(":memory:")).await?;
    /// # let (schema, class_name, tier, master) = ("lab", "Session", Tier::Manual, None);
    /// # let definition = "session : int16\n---\nroom : varchar(8)";
    /// # let session =
    /// #     dj.declare_dynamic(DynamicDeclaration { schema, class_name, tier, master, definition }).await?;
    /// # session.insert_one(&dj, DynamicRow::new().with("session", 1)?.with("room", "east")?).await?;
    /// let table = session.preview(&dj).await?;
    /// assert_eq!(table.to_string(), "*session room\n+------+ +--+\n1        east\n (Total: 1)");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
    fn preview<'a>(&self, on: impl Into<Target<'a>>) -> impl Future<Output = Result<Preview>> + Send {
        let (query, on) = (self.query(), on.into());
        async move { query.run_preview(on).await }
    }

    /// All rows as JSON objects. Dates, times, decimals and UUIDs become texts.
    ///
    /// Fails on what JSON has no place for: bytes, NaN and infinity.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
    fn fetch_json<'a>(
        &self,
        on: impl Into<Target<'a>>,
    ) -> impl Future<Output = Result<Vec<serde_json::Value>>> + Send {
        let rows = self.fetch_dynamic(on);
        async move {
            let rows = rows.await?;
            Ok(rows.iter().map(DynamicRow::to_json).collect::<Result<_, _>>()?)
        }
    }

    /// The rows one after the other, without holding all of them.
    ///
    /// Until it is dropped, the stream takes up a connection, or the transaction.
    #[track_caller]
    fn stream<'a>(&self, on: impl Into<Target<'a>>) -> RowStream<'a, Self::Row> {
        self.stream_as(on)
    }

    /// The rows one after the other, read into another type.
    #[track_caller]
    fn stream_as<'a, S: QueryRow>(&self, on: impl Into<Target<'a>>) -> RowStream<'a, S> {
        RowStream::new(self.query(), on.into())
    }

    /// How many rows there are.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
    fn count<'a>(&self, on: impl Into<Target<'a>>) -> impl Future<Output = Result<u64>> + Send {
        let (query, on) = (self.query(), on.into());
        async move { query.run_count(on).await }
    }

    /// True when there is any row.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
    fn exists<'a>(&self, on: impl Into<Target<'a>>) -> impl Future<Output = Result<bool>> + Send {
        let (query, on) = (self.query(), on.into());
        async move { query.run_exists(on).await }
    }

    /// The attributes of the rows. Tables that weren't used before are activated.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
    fn heading(&self, instance: &Instance) -> impl Future<Output = Result<Heading>> + Send {
        let query = self.query();
        async move { Ok(query.lower(&mut instance.into()).await?.heading) }
    }

    /// How the database would find the rows, in its own words: a line for each step.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
    fn explain<'a>(&self, on: impl Into<Target<'a>>) -> impl Future<Output = Result<String>> + Send {
        let (query, on) = (self.query(), on.into());
        async move { query.run_explain(on).await }
    }

    /// The statement that fetches the rows, for people to read: values are listed after it.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
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

/// A projection, or a query that fails when it is run.
pub(super) fn projected(from: Tree, attributes: Result<Vec<Projected>, ValueError>) -> Query<DynamicRow> {
    Query::new(Tree::new(match attributes {
        Ok(attributes) => Node::Project { from, attributes },
        Err(error) => Node::Restrict { from, condition: Condition::invalid(error) },
    }))
}

fn joined(left: Tree, right: Tree, matching: Matching) -> Query<DynamicRow> {
    Query::new(Tree::new(Node::Join { left, right, matching }))
}

fn aggregated(groups: Tree, of: Tree, values: Proj, keeps_all: bool) -> Query<DynamicRow> {
    match values.into_parts() {
        Ok(attributes) => Query::new(Tree::new(Node::Aggregate { groups, of, attributes, keeps_all })),
        Err(error) => projected(groups, Err(error)),
    }
}

fn restricted<R>(query: Query<R>, condition: Condition) -> Query<R> {
    let from = query.node;
    Query::new(Tree::new(match condition.into_top() {
        Ok(top) => top.of(from),
        Err(condition) => Node::Restrict { from, condition },
    }))
}
