//! Deletes on their way.

use std::fmt;
use std::sync::Arc;

use datajoint_adapters::RetryPolicy;
use datajoint_guard::{Confirmation, Plan};
use datajoint_sql::{Access, Condition as Plain, Expression};
use futures_util::future::BoxFuture;

use super::expected::{Detail, Expected, look};
use super::seed::name_of;
use super::{DeleteReport, PartIntegrity, Seed, cascade};
use crate::audit::AuditEntry;
use crate::error::KeyValues;
use crate::executor::Held;
use crate::reference::restricted;
use crate::{
    AuditVerb, Doing, DynamicRow, DynamicTable, Error, Instance, Query, Relation as _, Result, Target,
};

/// A delete that has not begun: await it.
///
/// With `safemode` on, what would go is shown, and somebody at the terminal is asked. Where there is nobody, it fails
/// with the plan, unless it was [`confirmed`](Self::confirmed).
///
/// # Cancel safety
///
/// Dropped before its end, all of it lasts or nothing. Once it has begun to write within a transaction, that can't be committed any more.
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
    /// As what it is noted.
    verb: AuditVerb,
}

impl<'a> Deletion<'a> {
    pub(super) fn new(query: Query<DynamicRow>, on: Target<'a>, is_quick: bool) -> Self {
        Self {
            query,
            on,
            part_integrity: PartIntegrity::default(),
            confirmation: Confirmation::default(),
            is_quick,
            chunk: None,
            verb: AuditVerb::Delete,
        }
    }

    /// Deletes so many rows of the query at a time, or fewer where the keys of so many are too long for a statement, with all that depends on them, each time in a transaction of its own.
    ///
    /// For deletes that are too large for one transaction. What is interrupted has deleted whole chunks, and goes on
    /// where it ended when it is run again. A chunk with which more would go than was confirmed is undone, and is an
    /// error. 0 is taken for 1.
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

    /// The same, which is noted as something else than a delete. For the crates above this one.
    #[doc(hidden)]
    pub fn noted_as(mut self, verb: AuditVerb) -> Self {
        self.verb = verb;
        self
    }

    /// What would go. Nothing is deleted.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
    pub fn plan(self) -> BoxFuture<'a, Result<Plan>> {
        Box::pin(async move {
            let Self { query, mut on, part_integrity, is_quick, .. } = self;
            let kind = Kind { part_integrity, is_quick };
            let instance = on.instance().clone();
            let found = look(&query, &mut on, kind, Detail::Digest).await;
            let found = found.map_err(|error| of_table(error, Doing::PlanningDelete, &query, &instance));
            Ok(found?.into_plan())
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
    let (query, instance) = (deletion.query.clone(), deletion.on.instance().clone());
    carry_out(deletion).await.map_err(|error| of_table(error, Doing::Deleting, &query, &instance))
}

/// The error with what was done to which table, also where the database refused a look or a lock.
fn of_table(error: Error, doing: Doing, query: &Query<DynamicRow>, instance: &Instance) -> Error {
    match name_of(query, instance) {
        Some(table) => error.of(doing, &table),
        None => error,
    }
}

async fn carry_out(deletion: Deletion<'_>) -> Result<DeleteReport> {
    let Deletion { query, mut on, part_integrity, confirmation, is_quick, chunk, verb } = deletion;
    // Tables that weren't used before are activated outside the transaction.
    query.lower(&mut on).await?;
    let instance = on.instance().clone();
    let kind = Kind { part_integrity, is_quick };
    // What is noted is what was asked for, whichever chunk of it.
    let noted = Noted {
        verb,
        detail: if instance.is_audited() { query.label_without_values() } else { String::new() },
    };
    let mut expected = Expected::default();
    if instance.policy().needs_plan(&confirmation) {
        let detail = match (&confirmation, chunk) {
            (Confirmation::Given, _) => Detail::Amount,
            (_, None) => Detail::Digest,
            (_, Some(_)) => Detail::EachKey,
        };
        expected = look(&query, &mut on, kind, detail).await?;
        if let Some(plan) = expected.plan() {
            instance.confirm(plan.clone(), confirmation).await?;
        }
    }
    let Some(rows) = chunk else {
        return whole(&query, &mut on, kind, &expected, &noted, None).await;
    };
    let Seed { table, condition } = Seed::of(&query, &mut on).await?;
    let table = DynamicTable::from(table);
    let mut all = DeleteReport::default();
    if let Plain::Keys { attributes, rows: keys } = condition {
        // Which rows these are may depend on rows that go: they are the same to the end.
        for keys in on.lists(&keys, usize::try_from(rows).unwrap_or(usize::MAX)) {
            let condition = Plain::Keys { attributes: attributes.clone(), rows: keys.to_vec() };
            chunk_of(&table.restrict(condition), &mut on, kind, &expected, &noted, &mut all).await?;
        }
        return Ok(all);
    }
    let rest = table.restrict(condition);
    let mut last = Vec::new();
    loop {
        let some = rest.limit(rows).lower(&mut on).await?;
        let (attributes, keys) = match on.key_condition(table.table(), &some.expression).await? {
            Plain::Keys { attributes, rows } => (attributes, rows),
            // A table whose key is hidden has one row at most.
            is_there => {
                chunk_of(&rest.restrict(is_there), &mut on, kind, &expected, &noted, &mut all).await?;
                return Ok(all);
            }
        };
        let list = on.lists(&keys, usize::MAX).next().unwrap_or_default().to_vec();
        let condition = Plain::Keys { attributes, rows: list.clone() };
        let gone = chunk_of(&rest.restrict(condition), &mut on, kind, &expected, &noted, &mut all).await?;
        // Others may have taken them; what nobody takes stays.
        if gone == 0 && list == last {
            return Ok(all);
        }
        last = list;
    }
}

/// How rows go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    pub(super) part_integrity: PartIntegrity,
    pub(super) is_quick: bool,
}

impl Kind {
    /// Returns bytes that no other kind has.
    pub(super) fn canonical(self) -> Vec<u8> {
        let integrity = match self.part_integrity {
            PartIntegrity::Enforce => b'e',
            PartIntegrity::Ignore => b'i',
            PartIntegrity::Cascade => b'c',
        };
        vec![integrity, u8::from(self.is_quick)]
    }
}

/// Deletes a chunk, and adds it to what is gone; gives how many rows of the query it had.
async fn chunk_of(
    query: &Query<DynamicRow>,
    on: &mut Target<'_>,
    kind: Kind,
    expected: &Expected,
    noted: &Noted,
    all: &mut DeleteReport,
) -> Result<u64> {
    let report = whole(query, on, kind, expected, noted, Some(all)).await?;
    let rows = report.rows;
    all.add(report);
    tracing::debug!(rows = all.rows, "a chunk was deleted");
    Ok(rows)
}

/// As what a delete is noted.
struct Noted {
    verb: AuditVerb,
    /// The rows that were asked for.
    detail: String,
}

impl Noted {
    /// Notes what went, in the transaction in which it did.
    async fn note(&self, report: &DeleteReport, expected: &Expected, on: &mut Target<'_>) -> Result<()> {
        for (table, rows) in report.tables.iter().filter(|(_, rows)| *rows > 0) {
            let entry = AuditEntry::of_table(self.verb, table).rows(Some(*rows)).detail(&self.detail);
            on.note_audit(&entry.plan(expected.hash())).await?;
        }
        Ok(())
    }
}

/// What came of one try.
enum Tried {
    Done(DeleteReport),
    /// The database itself would delete: rows have to be locked first.
    CarriedOn,
    /// Nothing can be noted in these schemas yet.
    NotAudited(Vec<String>),
}

/// Deletes the rows of a query in one transaction, unless others go than are expected; `gone` is what went in chunks
/// before.
async fn whole(
    query: &Query<DynamicRow>,
    on: &mut Target<'_>,
    kind: Kind,
    expected: &Expected,
    noted: &Noted,
    gone: Option<&DeleteReport>,
) -> Result<DeleteReport> {
    on.check_writable()?;
    let mut backoff = RetryPolicy::CONFLICT.start();
    let mut is_carried_on = false;
    loop {
        let mut held = Held::new(on.reborrow());
        // Who locks must see what came before the lock, and nobody adds to it after.
        let locks = is_carried_on || backoff.tries() > 1 || expected.has_keys();
        held.begin_with(if locks { Access::Locking } else { Access::Write }).await?;
        let is_within = held.is_within();
        let outcome = async {
            let mut on = held.target();
            let prepared = cascade::prepare(query, &mut on, kind).await?;
            if prepared.is_carried_on && !locks && !is_within {
                return Ok(Tried::CarriedOn);
            }
            let lacking = lacking_audit(&prepared, &mut on).await?;
            if !lacking.is_empty() && !is_within {
                return Ok(Tried::NotAudited(lacking));
            }
            on.prepare_audit(&lacking).await?;
            if locks || prepared.is_carried_on {
                expected.lock(&prepared, &mut on, gone.is_some()).await?;
            }
            let report = cascade::delete(&prepared, &mut on).await?;
            expected.check(&report, gone)?;
            // Rows may have come since it was asked where some go.
            let late = on.instance().lacking_audit(with_rows(&report));
            if !late.is_empty() && !is_within {
                return Ok(Tried::NotAudited(late));
            }
            on.prepare_audit(&late).await?;
            noted.note(&report, expected, &mut on).await?;
            Ok::<_, Error>(Tried::Done(report))
        };
        let outcome = match outcome.await {
            Ok(Tried::Done(report)) => held.commit().await.map(|()| report),
            Ok(Tried::CarriedOn) => {
                held.roll_back().await?;
                is_carried_on = true;
                continue;
            }
            Ok(Tried::NotAudited(schemas)) => {
                held.roll_back().await?;
                drop(held);
                on.prepare_audit(&schemas).await?;
                continue;
            }
            Err(error) => {
                // The first error says more than that of a broken connection.
                let _ = held.roll_back().await;
                Err(error)
            }
        };
        match outcome {
            Ok(report) => return Ok(report),
            Err(error) => {
                drop(held);
                let came_between =
                    error.of_database().is_some_and(|error| error.is_foreign_key() && !kind.is_quick)
                        || error.is_retryable();
                if is_within || !came_between || !backoff.again().await {
                    return Err(if kind.is_quick { with_children(error, on).await } else { error });
                }
            }
        }
    }
}

/// The schemas in which rows go, and of which it is not known that it can be noted there.
async fn lacking_audit(prepared: &cascade::Prepared, on: &mut Target<'_>) -> Result<Vec<String>> {
    let schemas = prepared.tables.iter().map(|(table, _)| table.name.schema.as_str());
    let mut lacking = on.instance().lacking_audit(schemas);
    let mut found = Vec::new();
    // The rows that were asked for come last.
    for (table, condition) in prepared.tables.iter().rev() {
        let Some(place) = lacking.iter().position(|schema| *schema == table.name.schema) else { continue };
        let rows = restricted(Expression::Table(Arc::clone(table)), condition.clone());
        if on.exists(&rows).await? {
            found.push(lacking.swap_remove(place));
        }
    }
    Ok(found)
}

/// The schemas that lost rows.
fn with_rows(report: &DeleteReport) -> impl Iterator<Item = &str> {
    report.tables.iter().filter(|(_, rows)| *rows > 0).map(|(table, _)| table.schema.as_str())
}

/// The error of rows that others refer to, with the tables that these are in, where the database answers still.
async fn with_children(error: Error, on: &mut Target<'_>) -> Error {
    let Error::Refused { table, source, .. } = error else { return error };
    if !source.is_foreign_key() {
        let (verb, row) = (Doing::Deleting.words(), KeyValues::default());
        return Error::Refused { verb, table, row, too_long: None, source };
    }
    let can_ask = !on.is_transaction();
    let graph = if can_ask { on.dependents(&table).await.ok() } else { None };
    let children = graph.map(|graph| {
        let edges = graph.edges().filter(|edge| edge.parent == table);
        edges.map(|edge| edge.child.clone()).collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    });
    on.telling(Error::HasChildren { table, children: children.unwrap_or_default(), source })
}

impl fmt::Debug for Deletion<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Deletion({})", self.query.label())
    }
}
