use futures_util::future::BoxFuture;

use crate::typed::Table;
use crate::{DynamicTable, Result, WriteTarget};

/// Tables that can be used without their types: a typed one, or a [`DynamicTable`] as it is.
pub trait AsDynamic {
    /// The table as it is on a target. One that was not used before is activated.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing.
    fn dynamic<'a>(&'a self, on: &'a mut WriteTarget<'_>) -> BoxFuture<'a, Result<DynamicTable>>;
}

impl<T: Table> AsDynamic for T {
    fn dynamic<'a>(&'a self, on: &'a mut WriteTarget<'_>) -> BoxFuture<'a, Result<DynamicTable>> {
        Box::pin(async move { on.0.ensure_one(T::spec()).await.map(DynamicTable::new) })
    }
}

impl AsDynamic for DynamicTable {
    fn dynamic<'a>(&'a self, _: &'a mut WriteTarget<'_>) -> BoxFuture<'a, Result<DynamicTable>> {
        Box::pin(std::future::ready(Ok(self.clone())))
    }
}
