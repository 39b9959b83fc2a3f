//! Deletes that spread along foreign keys.

use std::collections::HashMap;
use std::sync::Arc;

use datajoint_schema::{Edge, Graph, Table, TableName};
use datajoint_sql::{Condition as Plain, Expression, Projected};
use futures_util::future::BoxFuture;

use super::{DeleteReport, PartIntegrity, integrity, seed};
use crate::target::Held;
use crate::{DynamicRow, Query, Result, Target};

/// Deletes the rows of a query and what depends on them.
pub(super) fn delete(
    query: Query<DynamicRow>,
    on: Target<'_>,
    part_integrity: PartIntegrity,
) -> BoxFuture<'_, Result<DeleteReport>> {
    Box::pin(delete_on(query, on, part_integrity))
}

async fn delete_on(
    query: Query<DynamicRow>,
    mut on: Target<'_>,
    part_integrity: PartIntegrity,
) -> Result<DeleteReport> {
    // Tables that weren't used before are activated outside the transaction.
    query.lower(&mut on).await?;
    let mut held = Held::new(on);
    held.begin().await?;
    let report = match delete_in(&query, &mut held, part_integrity).await {
        Ok(report) => report,
        Err(error) => {
            // The first error says more than that of a broken connection.
            let _ = held.roll_back().await;
            return Err(error);
        }
    };
    held.commit().await?;
    Ok(report)
}

/// Deletes within a transaction.
async fn delete_in(
    query: &Query<DynamicRow>,
    held: &mut Held<'_>,
    part_integrity: PartIntegrity,
) -> Result<DeleteReport> {
    let seed = seed::of(query, &mut held.target()).await?;
    let graph = held.target().dependents(&seed.table.name).await?;
    let mut plan = Plan::new(&graph);
    plan.add(&seed.table.name, seed.condition);
    plan.spread(&seed.table.name)?;
    integrity::hold(&mut plan, &mut held.target(), part_integrity).await?;

    let mut report = DeleteReport::default();
    for table in graph.tables().rev() {
        let Some(condition) = plan.condition(&table.name) else { continue };
        let statement = datajoint_sql::delete(held.backend(), table, &condition)?;
        let rows = held.target().execute(&statement).await?;
        if table.name == seed.table.name {
            report.rows = rows;
        }
        report.tables.push((table.name.clone(), rows));
    }
    Ok(report)
}

/// Which rows of which tables go.
pub(super) struct Plan<'a> {
    pub(super) graph: &'a Graph,
    /// Rows of a table go that meet any of its conditions.
    conditions: HashMap<TableName, Vec<Plain>>,
    /// The conditions that don't come from a parent.
    roots: Vec<(TableName, Plain)>,
}

impl<'a> Plan<'a> {
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
            if let Some(condition) = self.through(edge) {
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
                if let Some(condition) = self.through(edge) {
                    self.conditions.entry(edge.child.clone()).or_default().push(condition);
                }
            }
        }
        Ok(())
    }

    /// The rows of the child whose parent goes.
    fn through(&self, edge: &Edge) -> Option<Plain> {
        let parents = self.rows(&edge.parent)?;
        let renamed = edge.columns.iter().filter(|pair| pair.child != pair.parent);
        let keys = Expression::Project {
            from: Box::new(parents),
            attributes: renamed
                .map(|pair| Projected::Rename { new: pair.child.clone(), old: pair.parent.clone() })
                .collect(),
        };
        Some(Plain::Matches(Box::new(keys)))
    }

    /// The rows of a table that go, as a query.
    pub(super) fn rows(&self, table: &TableName) -> Option<Expression> {
        let condition = self.condition(table)?;
        let from = Box::new(Expression::Table(Arc::clone(self.table(table)?)));
        Some(match condition {
            Plain::Constant(true) => *from,
            condition => Expression::Restrict { from, condition },
        })
    }

    pub(super) fn table(&self, name: &TableName) -> Option<&'a Arc<Table>> {
        self.graph.get(name)
    }

    /// Which rows of a table go; `None` when no row does.
    pub(super) fn condition(&self, table: &TableName) -> Option<Plain> {
        match self.conditions.get(table)?.as_slice() {
            [] => None,
            [only] => Some(only.clone()),
            several if several.contains(&Plain::Constant(true)) => Some(Plain::Constant(true)),
            several => Some(Plain::Any(several.to_vec())),
        }
    }
}
