use datajoint_pipeline::{
    ColumnOf, DynamicRow, IntoOrder, IntoProjection, Query, QueryRow, Relation, Restriction,
};

use crate::Error;
use crate::scope::{Boxed, Scope};

/// The rows of an ancestor that a key comes from, as a query within the `make` of the key.
///
/// It has the verbs of a [`Query`], without a place to run on: it always runs in the transaction of the key.
/// It can be restricted further, and joined with other rows upstream. A restriction by a table that is no ancestor is
/// taken, but what it read is not looked at again when the key is inserted.
#[must_use = "a query reads nothing before it is fetched from"]
pub struct Upstream<'cx, R> {
    scope: &'cx Scope,
    table: &'static str,
    /// What is wrong with it, found when it is fetched from.
    query: Result<Query<R>, Error>,
}

impl<'cx, R: QueryRow> Upstream<'cx, R> {
    pub(crate) fn new(scope: &'cx Scope, table: &'static str, query: Result<Query<R>, Error>) -> Self {
        Self { scope, table, query }
    }

    fn map<S>(self, change: impl FnOnce(Query<R>) -> Query<S>) -> Upstream<'cx, S> {
        Upstream { scope: self.scope, table: self.table, query: self.query.map(change) }
    }

    /// Of these the rows that meet a restriction.
    pub fn restrict(self, restriction: impl Restriction) -> Self {
        self.map(|query| query.restrict(restriction))
    }

    /// Of these the rows that don't meet a restriction.
    pub fn antijoin(self, restriction: impl Restriction) -> Self {
        self.map(|query| query.antijoin(restriction))
    }

    /// Every pair of these and other rows upstream that agree on the attributes both have.
    pub fn join<S: QueryRow>(self, other: Upstream<'cx, S>) -> Upstream<'cx, DynamicRow> {
        let query = self.query.and_then(|query| Ok(query.join(&other.query?)));
        Upstream { scope: self.scope, table: self.table, query }
    }

    /// Other attributes of the same rows: the primary key and what is asked for.
    pub fn proj(self, projection: impl IntoProjection) -> Upstream<'cx, DynamicRow> {
        self.map(|query| query.proj(projection))
    }

    /// The rows in an order.
    pub fn order_by(self, order: impl IntoOrder) -> Self {
        self.map(|query| query.order_by(order))
    }

    /// So many rows at most; the first ones in the order of the primary key, where no order is given.
    pub fn limit(self, limit: u64) -> Self {
        self.map(|query| query.limit(limit))
    }

    /// All rows.
    ///
    /// # Cancel safety
    ///
    /// Dropped within a `make`, it leaves a transaction that can't be committed: give the error back, and the key is undone.
    pub async fn fetch(self) -> Result<Vec<R>, Error> {
        self.fetch_as().await
    }

    /// All rows, read into another type.
    ///
    /// Fails when the rows don't have an attribute of the type.
    ///
    /// # Cancel safety
    ///
    /// Dropped within a `make`, it leaves a transaction that can't be committed: give the error back, and the key is undone.
    pub async fn fetch_as<S: QueryRow>(self) -> Result<Vec<S>, Error> {
        // Boxed here and in `Scope::insert`, as the layers below would be part of every `make`.
        let read: Boxed<'_, Vec<S>> = Box::pin(self.scope.read(self.table, self.query?));
        read.await
    }

    /// The one row there is.
    ///
    /// Fails when there is none, and when there are more.
    ///
    /// # Cancel safety
    ///
    /// Dropped within a `make`, it leaves a transaction that can't be committed: give the error back, and the key is undone.
    pub async fn fetch_one(self) -> Result<R, Error> {
        self.fetch_one_as().await
    }

    /// The one row there is, read into another type.
    ///
    /// Fails when there is none, and when there are more.
    ///
    /// # Cancel safety
    ///
    /// Dropped within a `make`, it leaves a transaction that can't be committed: give the error back, and the key is undone.
    pub async fn fetch_one_as<S: QueryRow>(self) -> Result<S, Error> {
        let table = self.table;
        self.fetch_optional_as().await?.ok_or(Error::NoUpstreamRow { table })
    }

    /// The one row, if there is one.
    ///
    /// Fails when there are more.
    ///
    /// # Cancel safety
    ///
    /// Dropped within a `make`, it leaves a transaction that can't be committed: give the error back, and the key is undone.
    pub async fn fetch_optional(self) -> Result<Option<R>, Error> {
        self.fetch_optional_as().await
    }

    async fn fetch_optional_as<S: QueryRow>(self) -> Result<Option<S>, Error> {
        let table = self.table;
        let mut rows: Vec<S> = self.fetch_as().await?;
        match (rows.pop(), rows.is_empty()) {
            (row, true) => Ok(row),
            (_, false) => Err(Error::ManyUpstreamRows { table }),
        }
    }

    /// The values of one column, in the order of the rows.
    ///
    /// Fails at a null, unless the column is asked for as an `Option`.
    ///
    /// # Cancel safety
    ///
    /// Dropped within a `make`, it leaves a transaction that can't be committed: give the error back, and the key is undone.
    pub async fn column<C: ColumnOf>(self, column: C) -> Result<Vec<C::Value>, Error> {
        let name = column.column_name().to_owned();
        let rows: Vec<DynamicRow> = self.proj([name.as_str()]).fetch().await?;
        rows.into_iter().map(|row| Ok(row.get(&name).map_err(datajoint_pipeline::Error::from)?)).collect()
    }

    /// How many rows there are.
    ///
    /// # Cancel safety
    ///
    /// Dropped within a `make`, it leaves a transaction that can't be committed: give the error back, and the key is undone.
    pub async fn count(self) -> Result<usize, Error> {
        Ok(self.proj(()).fetch().await?.len())
    }
}
