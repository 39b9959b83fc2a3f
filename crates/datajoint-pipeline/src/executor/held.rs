use std::ops::Range;

use datajoint_adapters::{BulkInsert, FailedInsert, Purpose};
use datajoint_definition::Backend;
use datajoint_guard::Action;
use datajoint_sql::{Access, InsertMode};
use futures_util::future::BoxFuture;

use super::{Place, Target};
use crate::{Error, Instance, Result, Transaction};

/// A target on which a transaction can begin, unless it is one.
///
/// A transaction that was there before is left failed when this is dropped, without [`commit`](Self::commit), after it
/// has written: a part of what was to be done alone must not last.
pub(crate) struct Held<'a> {
    on: Target<'a>,
    own: Option<Transaction>,
    /// How much was written before in the transaction that was there.
    written: u64,
    is_done: bool,
}

impl<'a> Held<'a> {
    pub(crate) fn new(on: Target<'a>) -> Self {
        let written = on.written();
        Self::since(on, written)
    }

    /// The same, where what was written after so much is to be undone with what follows.
    pub(crate) const fn since(on: Target<'a>, written: u64) -> Self {
        Self { on, own: None, written, is_done: false }
    }

    pub(crate) fn instance(&self) -> &Instance {
        self.on.instance()
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
            self.own = Some(self.on.instance().begin_for(access, Purpose::Statement).await?);
        }
        Ok(())
    }

    /// Ends the transaction that was begun here; one that was there before goes on.
    pub(crate) async fn commit(&mut self) -> Result<()> {
        self.is_done = true;
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

    /// Inserts rows of bound values, all or none. Gives how many the database changed.
    ///
    /// An error comes with the rows, counted from 0, one of which is the reason, where that is known.
    pub(crate) fn insert<'b>(&'b mut self, rows: BulkInsert<'b>) -> BoxFuture<'b, Result<u64, Refused>> {
        Box::pin(async move {
            self.target().check_writable().map_err(without_rows)?;
            if rows.mode == InsertMode::Replace {
                let stamps =
                    self.target().check_stamps(Action::Replace, [rows.table.name.schema.as_str()]).await;
                stamps.map_err(without_rows)?;
                let carried = self.target().check_carried_updates(rows.table, rows.columns).await;
                carried.map_err(without_rows)?;
            }
            let table = datajoint_sql::table_reference(self.backend(), &rows.table.name);
            let plan = self.on.instance().database().plan_insert(rows).map_err(without_rows)?;
            if plan.needs_transaction() {
                self.begin().await.map_err(without_rows)?;
            }
            let instance = self.on.instance().clone();
            let mut target = self.target();
            let news = target.inserts_into(&rows.table.name);
            let mut lease = target.lease().await.map_err(without_rows)?;
            match lease.connection().bulk_insert(&plan).await {
                Ok(changed) => {
                    if let Some(news) = news {
                        lease.connection().announce(news).await;
                    }
                    Ok(changed)
                }
                Err(FailedInsert { rows, error }) => Err((instance.told(error.into(), &table), Some(rows))),
            }
        })
    }
}

/// An error with the rows, counted from 0, one of which is the reason, where that is known.
type Refused = (Error, Option<Range<usize>>);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if let Place::Transaction(transaction) = &self.on.0
            && !self.is_done
            && self.on.written() > self.written
        {
            transaction.inner.fail("a verb failed, or was cancelled, after it had begun to write".to_owned());
        }
    }
}

fn without_rows(error: impl Into<Error>) -> Refused {
    (error.into(), None)
}
