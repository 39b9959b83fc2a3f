use datajoint_pipeline::typed::{AutoPopulated, HasAncestor, Part, Table, TableRow, WrittenBy};

use crate::scope::Scope;
use crate::{InsertContext, MakeResult, Upstream};

/// What [`PlainMake::make`](crate::PlainMake::make) can reach: the key, what is upstream of it, and the
/// table and its parts to write to.
///
/// It is a [`FetchContext`](crate::FetchContext) and an [`InsertContext`] in one.
pub struct MakeContext<'run, T: AutoPopulated> {
    key: &'run T::Key,
    scope: &'run mut Scope,
}

impl<'run, T: AutoPopulated> MakeContext<'run, T> {
    pub(crate) fn new(insert: &'run mut InsertContext<'_, T>) -> Self {
        Self { key: insert.key(), scope: insert.scope }
    }

    /// The key that is being made.
    pub fn key(&self) -> &'run T::Key {
        self.key
    }

    /// The rows of an ancestor that the key comes from;
    /// see [`FetchContext::upstream`](crate::FetchContext::upstream).
    pub fn upstream<A: Table>(&self) -> Upstream<'_, A::Row>
    where
        T: HasAncestor<A>,
    {
        super::upstream::<T, A>(self.scope)
    }

    /// The rows of a part whose masters the key comes from;
    /// see [`FetchContext::upstream_part`](crate::FetchContext::upstream_part).
    pub fn upstream_part<P: Part>(&self) -> Upstream<'_, P::Row>
    where
        T: HasAncestor<P::Master>,
    {
        super::upstream_part::<T, P>(self.scope)
    }

    /// Inserts a row of the key into the table or one of its parts; see [`InsertContext::insert`].
    ///
    /// # Cancel safety
    ///
    /// Dropped within a `make`, it leaves a transaction that can't be committed: give the error back, and the key is undone.
    pub async fn insert<R>(&mut self, row: R) -> MakeResult<()>
    where
        R: TableRow,
        R::Table: WrittenBy<T>,
    {
        super::insert::<T, R>(self.scope, std::iter::once(row)).await
    }

    /// Inserts rows of the key into the table or one of its parts; see [`InsertContext::insert_many`].
    ///
    /// # Cancel safety
    ///
    /// Dropped within a `make`, it leaves a transaction that can't be committed: give the error back, and the key is undone.
    pub async fn insert_many<R>(
        &mut self,
        rows: impl IntoIterator<Item = R, IntoIter: Send>,
    ) -> MakeResult<()>
    where
        R: TableRow,
        R::Table: WrittenBy<T>,
    {
        super::insert::<T, R>(self.scope, rows.into_iter()).await
    }
}
