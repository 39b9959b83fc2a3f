//! Deletes on their way.

use std::fmt;

use datajoint_guard::{Confirmation, Going, Plan, Verb};
use futures_util::future::BoxFuture;

use super::{DeleteReport, PartIntegrity, cascade};
use crate::target::Held;
use crate::{DynamicRow, Error, Query, Result, Target};

/// A delete that has not begun: await it.
///
/// With `safemode` on, what would go is shown, and somebody at the terminal is asked. Where there is nobody, it fails
/// with the plan, unless it was [`confirmed`](Self::confirmed).
#[must_use = "nothing is deleted before it is awaited"]
pub struct Deletion<'a> {
    query: Query<DynamicRow>,
    on: Target<'a>,
    part_integrity: PartIntegrity,
    confirmation: Confirmation,
    /// True when nothing else goes with the rows.
    is_quick: bool,
}

impl<'a> Deletion<'a> {
    pub(super) fn new(query: Query<DynamicRow>, on: Target<'a>, is_quick: bool) -> Self {
        Self {
            query,
            on,
            part_integrity: PartIntegrity::default(),
            confirmation: Confirmation::default(),
            is_quick,
        }
    }

    /// What happens to parts whose master stays.
    pub fn part_integrity(mut self, part_integrity: PartIntegrity) -> Self {
        self.part_integrity = part_integrity;
        self
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

    /// What would go. Nothing is deleted.
    pub fn plan(self) -> BoxFuture<'a, Result<Plan>> {
        Box::pin(async move {
            let Self { query, mut on, part_integrity, is_quick, .. } = self;
            look(&query, &mut on, part_integrity, is_quick).await
        })
    }
}

impl<'a> IntoFuture for Deletion<'a> {
    type Output = Result<DeleteReport>;
    type IntoFuture = BoxFuture<'a, Result<DeleteReport>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(run(self))
    }
}

async fn run(deletion: Deletion<'_>) -> Result<DeleteReport> {
    let Deletion { query, mut on, part_integrity, confirmation, is_quick } = deletion;
    // Tables that weren't used before are activated outside the transaction.
    query.lower(&mut on).await?;
    let instance = on.instance().clone();
    let mut planned = None;
    if instance.policy().needs_plan(&confirmation) {
        let plan = look(&query, &mut on, part_integrity, is_quick).await?;
        planned = Some(instance.confirm(plan, confirmation).await?);
    }
    let mut held = Held::new(on);
    held.begin().await?;
    let outcome = async {
        let mut on = held.target();
        let prepared = cascade::prepare(&query, &mut on, part_integrity, is_quick).await?;
        let report = cascade::delete(&prepared, &mut on).await?;
        planned.map_or(Ok(()), |plan| as_planned(&plan, &report))?;
        Ok(report)
    };
    match outcome.await {
        Ok(report) => {
            held.commit().await?;
            Ok(report)
        }
        Err(error) => {
            // The first error says more than that of a broken connection.
            let _ = held.roll_back().await;
            Err(error)
        }
    }
}

/// What would go with the rows of a query.
async fn look(
    query: &Query<DynamicRow>,
    on: &mut Target<'_>,
    part_integrity: PartIntegrity,
    is_quick: bool,
) -> Result<Plan> {
    query.lower(on).await?;
    let prepared = cascade::prepare(query, on, part_integrity, is_quick).await?;
    let mut tables = Vec::new();
    for (table, condition) in &prepared.tables {
        let (rows, bytes) = on.weigh(table, condition).await?;
        tables.push(Going { table: table.name.to_string(), rows, bytes });
    }
    Ok(Plan::new(Verb::Delete, on.instance().place(), tables))
}

/// Fails when more or less went than was confirmed.
fn as_planned(plan: &Plan, report: &DeleteReport) -> Result<()> {
    let went = report.tables.iter().filter(|(_, rows)| *rows > 0);
    let planned = plan.tables.iter().map(|going| (going.table.clone(), going.rows));
    if went.map(|(table, rows)| (table.to_string(), *rows)).eq(planned) {
        return Ok(());
    }
    Err(Error::NotAsPlanned { planned: plan.rows(), found: report.total() })
}

impl fmt::Debug for Deletion<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Deletion({})", self.query.label())
    }
}
