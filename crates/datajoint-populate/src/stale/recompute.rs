//! Stale rows made anew.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use datajoint_guard::{Confirmation, Plan};
use datajoint_jobs::{Jobs, Refresh};
use datajoint_pipeline::{
    Action, Condition, Delete as _, DeleteReport, DynamicRow, DynamicTable, Instance, Query, Relation as _,
    Transaction,
};
use datajoint_schema::Table;
use datajoint_sql::key_bytes;

use super::records::{self, Made};
use crate::{Error, source};

/// Rows that are to be made anew: they are deleted, with all that depends on them, by the rules of every delete, and are then
/// among the keys that are to be made.
///
/// With `safemode` on, what would go is shown, and somebody at the terminal is asked.
#[must_use = "nothing is deleted before `run`"]
pub struct Recompute<'dj> {
    instance: &'dj Instance,
    table: DynamicTable,
    records: Vec<Made>,
    confirmation: Confirmation,
}

impl<'dj> Recompute<'dj> {
    pub(super) fn new(instance: &'dj Instance, table: DynamicTable, records: Vec<Made>) -> Self {
        Self { instance, table, records, confirmation: Confirmation::default() }
    }

    /// Asks nobody: whatever goes may go. The limits of the settings hold all the same.
    pub fn confirmed(mut self) -> Self {
        self.confirmation = Confirmation::Given;
        self
    }

    /// Asks nobody if what goes is the plan of this [hash](Plan::hash), and fails if it is another.
    pub fn confirmed_plan(mut self, hash: impl Into<String>) -> Self {
        self.confirmation = Confirmation::Plan(hash.into());
        self
    }

    /// Returns what would go. Nothing is deleted.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing.
    pub async fn plan(&self) -> Result<Plan, Error> {
        Ok(self.rows().delete(self.instance).plan().await?)
    }

    /// Deletes the rows, and tells the queue of the table's jobs, where there is one, that their keys are to be made.
    ///
    /// Fails, before anything is deleted, when one of the rows was made anew, or is gone, since it was found: then somebody
    /// else has acted, and a row is made anew once.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing. The queue may not be told then, which the next refresh does.
    pub async fn run(self) -> Result<DeleteReport, Error> {
        if self.records.is_empty() {
            return Ok(DeleteReport::default());
        }
        let plan = self.instance.confirm(self.plan().await?, self.confirmation.clone()).await?;
        let hash = plan.hash();
        let keys = self.keys();
        self.prepare_audit(&plan).await?;
        let report = self
            .instance
            .transaction(async |transaction: &mut Transaction| {
                let found = records::locked(&self.table, &keys, transaction).await?;
                self.check(&found)?;
                Ok::<_, Error>(self.rows().delete(transaction).confirmed_plan(hash).await?)
            })
            .await?;
        self.tell().await?;
        Ok(report)
    }

    /// Sees to it that what goes can be noted: no transaction declares anything.
    async fn prepare_audit(&self, plan: &Plan) -> Result<(), Error> {
        if !self.instance.is_audited() {
            return Ok(());
        }
        let goes = |table: &&Arc<Table>| {
            let name = table.name.to_string();
            plan.tables.iter().any(|going| going.rows > 0 && going.table == name)
        };
        let below = self.instance.cascade(&self.rows()).await?;
        let schemas: BTreeSet<String> =
            below.tables().filter(goes).map(|table| table.name.schema.clone()).collect();
        let schemas: Vec<String> = schemas.into_iter().collect();
        self.instance.check_may_change(Action::Delete, &schemas).await?;
        Ok(self.instance.prepare_audit(&schemas).await?)
    }

    /// The condition for the rows.
    fn keys(&self) -> datajoint_sql::Condition {
        let names = self.names().map(str::to_owned).collect();
        let rows = self.records.iter().map(|made| made.key.clone()).collect();
        datajoint_sql::Condition::Keys { attributes: names, rows }
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.table.table().key_names().filter(|name| !datajoint_schema::is_hidden_name(name))
    }

    fn rows(&self) -> Query<DynamicRow> {
        self.table.restrict(Condition::from(self.keys()))
    }

    /// Fails when a row is not the one that was found stale.
    fn check(&self, found: &[Made]) -> Result<(), Error> {
        let found: HashMap<Vec<u8>, &Made> = found.iter().map(|made| (key_bytes(&made.key), made)).collect();
        let is_other = |made: &&Made| found.get(&key_bytes(&made.key)).is_none_or(|now| *now != *made);
        match self.records.iter().find(is_other) {
            None => Ok(()),
            Some(made) => Err(Error::RemadeMeanwhile {
                table: self.table.name().clone(),
                key: crate::describe::row(self.names().zip(&made.key)),
            }),
        }
    }

    /// Tells the queue that the keys are to be made.
    async fn tell(&self) -> Result<(), Error> {
        let Some(jobs) = Jobs::find(self.instance, self.table.table()).await? else { return Ok(()) };
        let source = source::source_of(self.instance, &self.table).await?;
        let restrictions = vec![Condition::from(self.keys())];
        jobs.refresh(&source, &Refresh { restrictions, ..Refresh::default() }).await?;
        Ok(())
    }
}

impl fmt::Debug for Recompute<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (table, rows) = (self.table.name(), self.records.len());
        formatter.debug_struct("Recompute").field("table", table).field("rows", &rows).finish_non_exhaustive()
    }
}
