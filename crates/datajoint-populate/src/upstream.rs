use datajoint_pipeline::{
    ColumnOf, DynamicRow, IntoOrder, IntoProjection, Query, QueryRow, Relation, Restriction,
};

use crate::Error;
use crate::above::Source;
use crate::scope::{Boxed, Scope};

/// The rows of an ancestor that a key comes from, as a query within the `make` of the key.
///
/// It has the verbs of a [`Query`], without a place to run on: it always runs in the transaction of the key.
/// It can be restricted further, and joined with other rows upstream. A restriction by a table that is no ancestor is
/// taken, but what it read is not looked at again when the key is inserted.
#[must_use = "a query reads nothing before it is fetched from"]
pub struct Upstream<'cx, R> {
    scope: &'cx Scope,
    /// What is wrong with it is found when it is fetched from.
    asked: Result<Asked<R>, Error>,
}

/// A query on what is upstream.
pub(crate) struct Asked<R> {
    /// The table that it began with.
    pub(crate) table: &'static str,
    pub(crate) query: Query<R>,
    pub(crate) origin: Origin,
}

/// What is known of where the rows of a query come from.
pub(crate) struct Origin {
    pub(crate) sources: Vec<Source>,
    /// True when it has all rows of its one source that the key comes from.
    pub(crate) is_whole: bool,
    /// True when attributes may have names that its sources don't give them.
    pub(crate) has_own_names: bool,
}

impl<R> Asked<R> {
    /// All rows of a source that the key comes from.
    pub(crate) fn new(table: &'static str, query: Query<R>, source: Source) -> Self {
        let origin = Origin { sources: vec![source], is_whole: true, has_own_names: false };
        Self { table, query, origin }
    }

    fn map<S>(self, change: impl FnOnce(Query<R>) -> Query<S>) -> Asked<S> {
        let Self { table, query, origin } = self;
        Asked { table, query: change(query), origin }
    }

    /// The same with some of the rows alone.
    fn some(self, change: impl FnOnce(Query<R>) -> Query<R>) -> Self {
        let mut some = self.map(change);
        some.origin.is_whole = false;
        some
    }
}

impl<'cx, R: QueryRow> Upstream<'cx, R> {
    pub(crate) fn new(scope: &'cx Scope, asked: Result<Asked<R>, Error>) -> Self {
        Self { scope, asked }
    }

    fn map<S>(self, change: impl FnOnce(Asked<R>) -> Asked<S>) -> Upstream<'cx, S> {
        Upstream { scope: self.scope, asked: self.asked.map(change) }
    }

    /// Of these the rows that meet a restriction.
    pub fn restrict(self, restriction: impl Restriction) -> Self {
        self.map(|asked| asked.some(|query| query.restrict(restriction)))
    }

    /// Of these the rows that don't meet a restriction.
    pub fn antijoin(self, restriction: impl Restriction) -> Self {
        self.map(|asked| asked.some(|query| query.antijoin(restriction)))
    }

    /// Every pair of these and other rows upstream that agree on the attributes both have.
    pub fn join<S: QueryRow>(self, other: Upstream<'cx, S>) -> Upstream<'cx, DynamicRow> {
        let asked = self.asked.and_then(|asked| {
            let other = other.asked?;
            let mut both = asked.map(|query| query.join(&other.query));
            both.origin.sources.extend(other.origin.sources);
            both.origin.is_whole = false;
            both.origin.has_own_names |= other.origin.has_own_names;
            Ok(both)
        });
        Upstream { scope: self.scope, asked }
    }

    /// Other attributes of the same rows: the primary key and what is asked for.
    pub fn proj(self, projection: impl IntoProjection) -> Upstream<'cx, DynamicRow> {
        let projection = projection.into_projection();
        let gives_names = projection.gives_names();
        self.map(|asked| {
            let mut asked = asked.map(|query| query.proj(projection));
            asked.origin.has_own_names |= gives_names;
            asked
        })
    }

    /// The rows in an order.
    pub fn order_by(self, order: impl IntoOrder) -> Self {
        self.map(|asked| asked.map(|query| query.order_by(order)))
    }

    /// So many rows at most; the first ones in the order of the primary key, where no order is given.
    pub fn limit(self, limit: u64) -> Self {
        self.map(|asked| asked.some(|query| query.limit(limit)))
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
        let read: Boxed<'_, Vec<S>> = Box::pin(self.scope.read(self.asked?));
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
        let asked = self.asked?;
        let table = asked.table;
        let one = Self { scope: self.scope, asked: Ok(asked) };
        one.fetch_optional_as().await?.ok_or(Error::NoUpstreamRow { table })
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
        let asked = self.asked?;
        let table = asked.table;
        let mut rows: Vec<S> = Self { scope: self.scope, asked: Ok(asked) }.fetch_as().await?;
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
