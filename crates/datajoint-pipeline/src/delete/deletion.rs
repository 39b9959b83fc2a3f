//! Deletes on their way.

use std::fmt;

use datajoint_guard::{Confirmation, Plan, Verb};
use datajoint_sql::{Access, Condition as Plain};
use futures_util::future::BoxFuture;

use super::{DeleteReport, PartIntegrity, Seed, cascade};
use crate::target::Held;
use crate::{DynamicRow, DynamicTable, Error, Query, Relation as _, Result, Target};

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
    /// How many rows of the query go at a time.
    chunk: Option<u64>,
}

/// How often a delete begins again when others add to what goes.
const ATTEMPTS: u32 = 5;

impl<'a> Deletion<'a> {
    pub(super) fn new(query: Query<DynamicRow>, on: Target<'a>, is_quick: bool) -> Self {
        Self {
            query,
            on,
            part_integrity: PartIntegrity::default(),
            confirmation: Confirmation::default(),
            is_quick,
            chunk: None,
        }
    }

    /// Deletes so many rows of the query at a time, with all that depends on them, each time in a transaction of its own.
    ///
    /// For deletes that are too large for one transaction. What is interrupted has deleted whole chunks, and goes on
    /// where it ended when it is run again. A chunk with which more would go than was confirmed is undone, and is an
    /// error.
    pub fn in_chunks(mut self, rows: u64) -> Self {
        self.chunk = Some(rows.max(1));
        self
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
    let Deletion { query, mut on, part_integrity, confirmation, is_quick, chunk } = deletion;
    // Tables that weren't used before are activated outside the transaction.
    query.lower(&mut on).await?;
    let instance = on.instance().clone();
    let mut planned = None;
    if instance.policy().needs_plan(&confirmation) {
        let plan = look(&query, &mut on, part_integrity, is_quick).await?;
        planned = Some(instance.confirm(plan, confirmation).await?);
    }
    let Some(rows) = chunk else {
        let check = |report: &DeleteReport| planned.as_ref().map_or(Ok(()), |plan| as_planned(plan, report));
        return whole(&query, &mut on, Kind { part_integrity, is_quick }, &check).await;
    };
    let kind = Kind { part_integrity, is_quick };
    let Seed { table, condition } = Seed::of(&query, &mut on).await?;
    let table = DynamicTable::from(table);
    let mut all = DeleteReport::default();
    if let Plain::Keys { attributes, rows: keys } = condition {
        // Which rows these are may depend on rows that go: they are the same to the end.
        for keys in keys.chunks(usize::try_from(rows).unwrap_or(usize::MAX)) {
            let condition = Plain::Keys { attributes: attributes.clone(), rows: keys.to_vec() };
            chunk_of(&table.restrict(condition), &mut on, kind, planned.as_ref(), &mut all).await?;
        }
        return Ok(all);
    }
    let rest = table.restrict(condition).limit(rows);
    while chunk_of(&rest, &mut on, kind, planned.as_ref(), &mut all).await? > 0 {}
    Ok(all)
}

/// How rows go.
#[derive(Clone, Copy)]
struct Kind {
    part_integrity: PartIntegrity,
    is_quick: bool,
}

/// Deletes a chunk, and adds it to what is gone; gives how many rows of the query it had.
async fn chunk_of(
    query: &Query<DynamicRow>,
    on: &mut Target<'_>,
    kind: Kind,
    planned: Option<&Plan>,
    all: &mut DeleteReport,
) -> Result<u64> {
    let gone = all.clone();
    let check = |report: &DeleteReport| {
        let mut together = gone.clone();
        together.add(report.clone());
        planned.map_or(Ok(()), |plan| within_plan(plan, &together))
    };
    let report = whole(query, on, kind, &check).await?;
    let rows = report.rows;
    all.add(report);
    tracing::debug!(rows = all.rows, "a chunk was deleted");
    Ok(rows)
}

/// Deletes the rows of a query in one transaction, unless a check of what went fails.
async fn whole(
    query: &Query<DynamicRow>,
    on: &mut Target<'_>,
    Kind { part_integrity, is_quick }: Kind,
    check: &(dyn Fn(&DeleteReport) -> Result<()> + Sync),
) -> Result<DeleteReport> {
    let mut attempt = 0;
    loop {
        let mut held = Held::new(on.reborrow());
        // Who locks must see what came before the lock, and nobody adds to it after.
        held.begin_with(if attempt == 0 { Access::Write } else { Access::Locking }).await?;
        let is_within = held.is_within();
        let outcome = async {
            let mut on = held.target();
            let prepared = cascade::prepare(query, &mut on, part_integrity, is_quick).await?;
            if attempt > 0 {
                cascade::lock(&prepared, &mut on).await?;
            }
            let report = cascade::delete(&prepared, &mut on).await?;
            check(&report)?;
            Ok(report)
        };
        match outcome.await {
            Ok(report) => {
                held.commit().await?;
                return Ok(report);
            }
            Err(error) => {
                // The first error says more than that of a broken connection.
                let _ = held.roll_back().await;
                let came_between = matches!(&error, Error::Adapter(error) if error.is_foreign_key() && !is_quick)
                    || error.is_retryable();
                if is_within || !came_between || attempt >= ATTEMPTS {
                    return Err(error);
                }
                attempt += 1;
            }
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
        tables.push(on.weigh(table, condition).await?);
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

/// Fails when more went of a table than was confirmed.
fn within_plan(plan: &Plan, report: &DeleteReport) -> Result<()> {
    let planned =
        |table: &str| plan.tables.iter().find(|going| going.table == table).map_or(0, |going| going.rows);
    if report.tables.iter().all(|(table, rows)| *rows <= planned(&table.to_string())) {
        return Ok(());
    }
    Err(Error::NotAsPlanned { planned: plan.rows(), found: report.total() })
}

impl fmt::Debug for Deletion<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Deletion({})", self.query.label())
    }
}
