//! What was looked at before it goes, and that nothing else goes.

use std::collections::HashMap;

use datajoint_guard::{Going, Keys, Plan, Verb};
use datajoint_schema::Table;
use datajoint_sql::{Access, Condition as Plain};

use super::DeleteReport;
use super::cascade::{self, Prepared};
use super::deletion::Kind;
use crate::executor::Held;
use crate::query::Node;
use crate::{DynamicRow, Error, Query, Result, Target};

/// How closely it is looked at what goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// How many rows and bytes, for limits.
    Amount,
    /// Also which rows, as a digest of all, for a confirmation.
    Digest,
    /// Also which rows, one by one, for a confirmation of what goes in chunks: 16 bytes of memory a row.
    EachKey,
}

/// What may go.
#[derive(Debug, Default)]
pub(super) struct Expected {
    /// `None` where anything may go.
    plan: Option<Plan>,
    /// The keys of each table, in order.
    keys: HashMap<String, Vec<Keys>>,
    has_keys: bool,
}

/// Looks at what would go with the rows of a query, all of it at one moment.
pub(super) async fn look(
    query: &Query<DynamicRow>,
    on: &mut Target<'_>,
    kind: Kind,
    detail: Detail,
) -> Result<Expected> {
    // Tables that weren't used before are activated outside the transaction.
    let lowered = query.lower(on).await?;
    let statement = datajoint_sql::select(on.backend(), &lowered.expression)?.statement;
    let mut held = Held::new(on.reborrow());
    held.begin_with(Access::Read).await?;
    let mut on = held.target();
    let prepared = cascade::prepare(query, &mut on, kind).await?;
    let (mut tables, mut keys) = (Vec::new(), HashMap::new());
    for (table, condition) in &prepared.tables {
        let (going, found) = weighed(&mut on, table, condition, detail).await?;
        keys.insert(going.table.clone(), found);
        tables.push(going);
    }
    let place = on.instance().place();
    held.roll_back().await?;
    let is_whole = matches!(&*query.node, Node::Table(_));
    let restriction = (!is_whole).then(|| query.label());
    let asked = [statement.canonical(), kind.canonical()];
    let plan = Plan::new(Verb::Delete, place, tables).of(restriction, asked);
    Ok(Expected { plan: Some(plan), keys, has_keys: detail != Detail::Amount })
}

/// What goes of a table, and its keys in order where each is wanted.
pub(super) async fn weighed(
    on: &mut Target<'_>,
    table: &Table,
    condition: &Plain,
    detail: Detail,
) -> Result<(Going, Vec<Keys>)> {
    let mut going = on.weigh(table, condition).await?;
    let mut all = Vec::new();
    if detail != Detail::Amount && going.rows > 0 {
        going.rows = 0;
        let each = &mut |key| {
            going.rows += 1;
            going.keys.add(key);
            if detail == Detail::EachKey {
                all.push(key);
            }
            Ok(())
        };
        on.each_key(table, condition, false, each).await?;
        all.sort_unstable();
    }
    Ok((going, all))
}

impl Expected {
    /// The plan.
    pub(super) fn into_plan(self) -> Plan {
        self.plan.unwrap_or_else(|| Plan::new(Verb::Delete, "", Vec::new()))
    }

    pub(super) fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    /// The hash of the plan, where somebody had to confirm it.
    pub(super) fn hash(&self) -> Option<String> {
        self.plan.as_ref().filter(|_| self.has_keys).map(Plan::hash)
    }

    /// True when it is known which rows may go.
    pub(super) const fn has_keys(&self) -> bool {
        self.has_keys
    }

    /// Locks what is to go, parents first, so that nobody adds to it or takes from it. Fails for other rows than those
    /// that are expected; of a chunk, for one that is not among them.
    pub(super) async fn lock(&self, prepared: &Prepared, on: &mut Target<'_>, is_chunk: bool) -> Result<()> {
        for (table, condition) in prepared.tables.iter().rev() {
            let name = table.name.to_string();
            let mut found = Going { table: name.clone(), ..Going::default() };
            let mut is_expected = true;
            let known = self.keys.get(&name).map(Vec::as_slice).unwrap_or_default();
            let each = &mut |key: Keys| {
                found.rows += 1;
                found.keys.add(key);
                is_expected &= !is_chunk || known.binary_search(&key).is_ok();
                Ok(())
            };
            on.each_key(table, condition, true, each).await?;
            let Some(plan) = self.plan.as_ref().filter(|_| self.has_keys) else { continue };
            if !is_chunk {
                let planned = plan.tables.iter().find(|going| going.table == name);
                let planned = planned.map(|going| (going.rows, going.keys)).unwrap_or_default();
                is_expected = planned == (found.rows, found.keys);
            }
            if !is_expected {
                return Err(Error::ChangedMeanwhile { verb: "deleted" });
            }
        }
        Ok(())
    }

    /// Fails when more or less went than was expected, or, in chunks, more together with what is gone.
    pub(super) fn check(&self, report: &DeleteReport, gone: Option<&DeleteReport>) -> Result<()> {
        let Some(plan) = &self.plan else { return Ok(()) };
        let mut together = gone.cloned().unwrap_or_default();
        together.add(report.clone());
        let planned =
            |table: &str| plan.tables.iter().find(|going| going.table == table).map_or(0, |going| going.rows);
        let is_expected = if gone.is_some() {
            together.tables.iter().all(|(table, rows)| *rows <= planned(&table.to_string()))
        } else {
            let went = together.tables.iter().filter(|(_, rows)| *rows > 0);
            went.map(|(table, rows)| (table.to_string(), *rows))
                .eq(plan.tables.iter().map(|going| (going.table.clone(), going.rows)))
        };
        if is_expected {
            return Ok(());
        }
        Err(Error::NotAsPlanned { planned: plan.rows(), found: together.total() })
    }
}
