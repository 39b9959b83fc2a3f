//! Deletes that spread along foreign keys.

use std::collections::HashMap;
use std::sync::Arc;

use datajoint_guard::Action;
use datajoint_schema::{Edge, Graph, Table, TableName};
use datajoint_sql::{CarryingKey, Condition as Plain, Expression};

use super::deletion::Kind;
use super::{DeleteReport, PartIntegrity, Seed, integrity};
use crate::activation::with_missing_members_of;
use crate::error::Carried;
use crate::executor::carried;
use crate::reference::{below, restricted, together};
use crate::{Doing, DynamicRow, Query, Result, Target};

/// What a delete takes, before it does.
pub(super) struct Prepared {
    /// The rows of each table, children first.
    pub(super) tables: Vec<(Arc<Table>, Plain)>,
    /// The table that it begins with.
    seed: TableName,
    /// True where the database would take rows that come to refer to these meanwhile without a word.
    pub(super) is_carried_on: bool,
}

/// Finds what goes with the rows of a query. Fails where it must not.
pub(super) async fn prepare(
    query: &Query<DynamicRow>,
    on: &mut Target<'_>,
    Kind { part_integrity, is_quick }: Kind,
) -> Result<Prepared> {
    let seed = Seed::of(query, on).await?;
    let name = seed.table.name.clone();
    crate::audit::check_kept(&name)?;
    let tables =
        if is_quick { vec![(seed.table, seed.condition)] } else { of_seed(seed, on, part_integrity).await? };
    on.check_stamps(Action::Delete, tables.iter().map(|(table, _)| table.name.schema.as_str())).await?;
    let names: Vec<TableName> = tables.iter().map(|(table, _)| table.name.clone()).collect();
    let keys = on.carrying_deletes(&names).await?;
    let what = if is_quick { Carried::QuickDelete } else { Carried::Delete };
    let is_taken = |key: &&CarryingKey| {
        !is_quick && !key.inherits() && names.iter().any(|name| name.to_string() == key.child)
    };
    carried::check(&name, what, keys.iter().filter(|key| !is_taken(key)))?;
    Ok(Prepared { tables, seed: name, is_carried_on: !keys.is_empty() })
}

/// The rows of each table that depend on the rows of a query, children first.
pub(crate) async fn going(
    query: &Query<DynamicRow>,
    on: &mut Target<'_>,
    part_integrity: PartIntegrity,
) -> Result<Vec<(Arc<Table>, Plain)>> {
    let seed = Seed::of(query, on).await?;
    of_seed(seed, on, part_integrity).await
}

async fn of_seed(
    seed: Seed,
    on: &mut Target<'_>,
    part_integrity: PartIntegrity,
) -> Result<Vec<(Arc<Table>, Plain)>> {
    let name = &seed.table.name;
    let mut graph = on.dependents(name).await?;
    // The condition may name members of enums that the column lacks.
    if let Some(found) = graph.get(name).filter(|_| lacks_members(&seed.table)) {
        let known = Arc::new(with_missing_members_of(found, &seed.table));
        graph.replace(known);
    }
    let mut spread = Spread::new(&graph);
    spread.add(name, seed.condition);
    spread.spread(name)?;
    integrity::hold(&mut spread, on, part_integrity).await?;
    let going = |table: &Arc<Table>| Some((Arc::clone(table), spread.condition(&table.name)?));
    Ok(graph.tables().rev().filter_map(going).collect())
}

fn lacks_members(table: &Table) -> bool {
    table.heading.all().iter().any(|attribute| !attribute.missing_members.is_empty())
}

/// Deletes within a transaction.
pub(super) async fn delete(prepared: &Prepared, on: &mut Target<'_>) -> Result<DeleteReport> {
    let mut report = DeleteReport::default();
    for (table, condition) in &prepared.tables {
        let statement = datajoint_sql::delete(on.backend(), table, condition)?;
        let backend = on.backend();
        let unknown = || {
            datajoint_sql::unknown(
                backend,
                &restricted(Expression::Table(Arc::clone(table)), condition.clone()),
            )
        };
        let rows = on.execute(&table.name, &statement).await;
        let rows = rows.map_err(|error| on.named(error, unknown).of(Doing::Deleting, &table.name))?;
        if table.name == prepared.seed {
            report.rows = rows;
        }
        report.tables.push((table.name.clone(), rows));
    }
    Ok(report)
}

/// Which rows of which tables go.
pub(super) struct Spread<'a> {
    pub(super) graph: &'a Graph,
    /// Rows of a table go that meet any of its conditions.
    conditions: HashMap<TableName, Vec<Plain>>,
    /// The conditions that don't come from a parent.
    roots: Vec<(TableName, Plain)>,
}

impl<'a> Spread<'a> {
    fn new(graph: &'a Graph) -> Self {
        Self { graph, conditions: HashMap::new(), roots: Vec::new() }
    }

    /// Rows of a table that go, whatever their parents do.
    pub(super) fn add(&mut self, table: &TableName, condition: Plain) {
        self.roots.push((table.clone(), condition.clone()));
        self.conditions.entry(table.clone()).or_default().push(condition);
    }

    /// Adds what depends on the rows of a table.
    fn spread(&mut self, from: &TableName) -> Result<()> {
        for edge in self.graph.downstream(from)? {
            if let Some(condition) = self.through(edge)? {
                self.conditions.entry(edge.child.clone()).or_default().push(condition);
            }
        }
        Ok(())
    }

    /// Works out again what goes.
    pub(super) fn spread_again(&mut self) -> Result<()> {
        self.conditions.clear();
        for (table, condition) in &self.roots {
            self.conditions.entry(table.clone()).or_default().push(condition.clone());
        }
        // Parents come first, so that each table's own rows are complete when they spread.
        for table in self.graph.tables() {
            for edge in self.graph.edges_into(&table.name)? {
                if let Some(condition) = self.through(edge)? {
                    self.conditions.entry(edge.child.clone()).or_default().push(condition);
                }
            }
        }
        Ok(())
    }

    /// The rows of the child whose parent goes.
    fn through(&self, edge: &Edge) -> Result<Option<Plain>> {
        self.rows(&edge.parent).map(|parents| below(edge, parents)).transpose()
    }

    /// The rows of a table that go, as a query.
    pub(super) fn rows(&self, table: &TableName) -> Option<Expression> {
        let condition = self.condition(table)?;
        Some(restricted(Expression::Table(Arc::clone(self.table(table)?)), condition))
    }

    pub(super) fn table(&self, name: &TableName) -> Option<&'a Arc<Table>> {
        self.graph.get(name)
    }

    /// Which rows of a table go; `None` when no row does.
    pub(super) fn condition(&self, table: &TableName) -> Option<Plain> {
        let conditions = self.conditions.get(table)?;
        if conditions.contains(&Plain::Constant(true)) {
            return Some(Plain::Constant(true));
        }
        together(conditions, Plain::Any)
    }
}
