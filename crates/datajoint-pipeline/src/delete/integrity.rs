//! Masters and their parts stay together.

use std::sync::Arc;

use datajoint_schema::{Edge, Table, TableName};
use datajoint_sql::{Condition as Plain, Expression};

use super::PartIntegrity;
use super::cascade::Spread;
use crate::reference::{above, below, restricted};
use crate::{Error, Result, Target};

/// Sees to it that no part loses rows whose master stays.
pub(super) async fn hold(
    spread: &mut Spread<'_>,
    on: &mut Target<'_>,
    part_integrity: PartIntegrity,
) -> Result<()> {
    if part_integrity == PartIntegrity::Ignore {
        return Ok(());
    }
    loop {
        let mut masters: Vec<(TableName, Plain)> = Vec::new();
        for part in spread.graph.tables().filter(|table| table.master.is_some()) {
            let Some((master, orphans)) = orphans(spread, part)? else { continue };
            if !on.exists(&orphans).await? {
                continue;
            }
            if part_integrity == PartIntegrity::Enforce {
                return Err(Error::PartWithoutMaster {
                    part: part.name.clone(),
                    master: master.name.clone(),
                    verb: "lose rows",
                });
            }
            let Some(rows) = masters_of(spread, part, &master, orphans)? else { continue };
            masters.push((master.name.clone(), on.key_condition(&master, &rows).await?));
        }
        if masters.is_empty() {
            return Ok(());
        }
        for (master, condition) in masters {
            spread.add(&master, condition);
        }
        spread.spread_again()?;
    }
}

/// The master of a part, and those rows of the part that go although their master stays.
fn orphans(spread: &Spread<'_>, part: &Table) -> Result<Option<(Arc<Table>, Expression)>> {
    let Some(rows) = spread.rows(&part.name) else { return Ok(None) };
    let Some(master) = part.master.as_ref().and_then(|master| spread.table(master)) else { return Ok(None) };
    let Some(going) = spread.rows(&master.name) else {
        return Ok(Some((Arc::clone(master), rows)));
    };
    let Some(edge) = own_edge(spread, part, &master.name)? else { return Ok(None) };
    let stays = Plain::Not(Box::new(below(edge, going)?));
    Ok(Some((Arc::clone(master), restricted(rows, stays))))
}

/// The foreign key by which a part belongs to its master: the one in its key, where it has several.
fn own_edge<'a>(spread: &Spread<'a>, part: &Table, master: &TableName) -> Result<Option<&'a Edge>> {
    let edges = spread.graph.edges_into(&part.name)?;
    let mut of_master = edges.into_iter().filter(|edge| edge.parent == *master);
    let first = of_master.next();
    Ok(first.into_iter().chain(of_master).find(|edge| edge.primary).or(first))
}

/// The rows of the master that rows of its part belong to.
fn masters_of(
    spread: &Spread<'_>,
    part: &Table,
    master: &Arc<Table>,
    rows: Expression,
) -> Result<Option<Expression>> {
    let path = match own_edge(spread, part, &master.name)? {
        Some(edge) => vec![edge],
        None => match spread.graph.path(&master.name, &part.name)? {
            Some(path) => path,
            None => return Ok(None),
        },
    };
    let mut rows = rows;
    for edge in path.into_iter().rev() {
        let Some(parent) = spread.table(&edge.parent) else { return Ok(None) };
        rows = restricted(Expression::Table(Arc::clone(parent)), above(edge, rows)?);
    }
    Ok(Some(rows))
}
