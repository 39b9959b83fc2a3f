use datajoint_pipeline::typed::{AutoPopulated, TableRow, WrittenBy};

use crate::MakeResult;
use crate::scope::Scope;

/// What [`Make::insert`](crate::Make::insert) can reach: the key, and the table and its parts to write to.
///
/// All that is inserted lasts together, or not at all.
pub struct InsertContext<'run, T: AutoPopulated> {
    key: &'run T::Key,
    pub(super) scope: &'run mut Scope,
}

impl<'run, T: AutoPopulated> InsertContext<'run, T> {
    pub(crate) fn new(key: &'run T::Key, scope: &'run mut Scope) -> Self {
        Self { key, scope }
    }

    /// The key that is being made.
    pub fn key(&self) -> &'run T::Key {
        self.key
    }

    /// Inserts a row of the key into the table or one of its parts.
    ///
    /// Fails when a value does not fit, when the row belongs to another key, and when it is there already.
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

    /// Inserts rows of the key into the table or one of its parts.
    ///
    /// Fails when a value does not fit, when a row belongs to another key, and when one is there already.
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
