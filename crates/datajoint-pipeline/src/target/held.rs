use datajoint_adapters::BulkInsert;
use datajoint_definition::Backend;
use datajoint_schema::Table;
use datajoint_sql::{Access, InsertMode, Value};
use futures_util::future::BoxFuture;

use super::{Place, Target};
use crate::{Result, Transaction};

/// A target on which a transaction can begin, unless it is one.
pub(crate) struct Held<'a> {
    on: Target<'a>,
    own: Option<Transaction>,
}

impl<'a> Held<'a> {
    pub(crate) const fn new(on: Target<'a>) -> Self {
        Self { on, own: None }
    }

    pub(crate) fn backend(&self) -> Backend {
        self.on.backend()
    }

    /// True when what was done can be undone as a whole.
    pub(crate) const fn is_transaction(&self) -> bool {
        self.own.is_some() || self.on.is_transaction()
    }

    /// True within a transaction that was there before.
    pub(crate) const fn is_within(&self) -> bool {
        self.on.is_transaction()
    }

    /// Begins a transaction, unless there is one.
    pub(crate) async fn begin(&mut self) -> Result<()> {
        self.begin_with(Access::Write).await
    }

    /// Begins a transaction of a kind, unless there is one.
    pub(crate) async fn begin_with(&mut self, access: Access) -> Result<()> {
        if !self.is_transaction() {
            self.own = Some(self.on.instance().begin_with(access).await?);
        }
        Ok(())
    }

    /// Ends the transaction that was begun here; one that was there before goes on.
    pub(crate) async fn commit(&mut self) -> Result<()> {
        match self.own.take() {
            Some(transaction) => transaction.commit().await,
            None => Ok(()),
        }
    }

    /// Undoes the transaction that was begun here.
    pub(crate) async fn roll_back(&mut self) -> Result<()> {
        match self.own.take() {
            Some(transaction) => transaction.rollback().await,
            None => Ok(()),
        }
    }

    /// The transaction, or else the pool.
    pub(crate) fn target(&mut self) -> Target<'_> {
        match &mut self.own {
            Some(transaction) => Target(Place::Transaction(transaction)),
            None => self.on.reborrow(),
        }
    }

    /// Inserts rows of bound values, all or none.
    pub(crate) fn insert<'b>(
        &'b mut self,
        table: &'b Table,
        columns: &'b [&str],
        values: &'b [Value],
        mode: InsertMode,
    ) -> BoxFuture<'b, Result<()>> {
        Box::pin(self.insert_values(table, columns, values, mode))
    }

    async fn insert_values(
        &mut self,
        table: &Table,
        columns: &[&str],
        values: &[Value],
        mode: InsertMode,
    ) -> Result<()> {
        let backend = self.backend();
        if super::insert::is_many(backend, columns, values) {
            self.begin().await?;
        }
        if values.contains(&Value::Default) {
            for statement in super::insert::with_defaults(backend, table, columns, values, mode)? {
                self.target().execute(&statement).await?;
            }
            return Ok(());
        }
        let copy = match (backend, mode) {
            (Backend::Postgresql, InsertMode::Plain) if super::insert::is_for_copy(values) => {
                Some(datajoint_sql::copy_in(table, columns)?)
            }
            _ => None,
        };
        let column_types = super::insert::column_types(table, columns);
        // What is wrong with the columns is found here, so that the closure can't fail.
        datajoint_sql::insert(backend, table, columns, 1, mode)?;
        let insert = |rows| datajoint_sql::insert(backend, table, columns, rows, mode).unwrap_or_default();
        let mut target = self.target();
        let mut lease = target.lease().await?;
        let bulk = BulkInsert { copy: copy.as_deref(), columns: &column_types, insert: &insert, values };
        lease.connection().bulk_insert(bulk).await?;
        Ok(())
    }
}
