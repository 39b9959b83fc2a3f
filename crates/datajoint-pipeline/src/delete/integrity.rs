//! Masters and their parts stay together.

use std::sync::Arc;

use datajoint_schema::{Table, TableName};
use datajoint_sql::{Condition as Plain, Expression, Part};

use super::PartIntegrity;
use super::cascade::Spread;
use crate::reference::{keys_above, keys_below};
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
            let Some((master, orphans)) = orphans(spread, part) else { continue };
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
            masters.push((master.name.clone(), on.key_condition(&rows).await?));
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
fn orphans(spread: &Spread<'_>, part: &Arc<Table>) -> Option<(Arc<Table>, Expression)> {
    let rows = spread.rows(&part.name)?;
    let master = part.master.as_ref().and_then(|master| spread.table(master))?;
    let Some(going) = spread.rows(&master.name) else {
        return Some((Arc::clone(master), rows));
    };
    let reference = part.foreign_keys.iter().find(|foreign_key| foreign_key.parent == master.name)?;
    let keys = keys_below(going, &reference.columns);
    let stays = Plain::Not(Box::new(Plain::Matches(Part::new(keys))));
    Some((Arc::clone(master), Expression::Restrict { from: Part::new(rows), condition: stays }))
}

/// The rows of the master that rows of its part belong to.
fn masters_of(
    spread: &Spread<'_>,
    part: &Table,
    master: &Arc<Table>,
    rows: Expression,
) -> Result<Option<Expression>> {
    let Some(path) = spread.graph.path(&master.name, &part.name)? else { return Ok(None) };
    let mut rows = rows;
    for edge in path.into_iter().rev() {
        let Some(parent) = spread.table(&edge.parent) else { return Ok(None) };
        let keys = keys_above(rows, edge);
        rows = Expression::Restrict {
            from: Part::new(Expression::Table(Arc::clone(parent))),
            condition: Plain::Matches(Part::new(keys)),
        };
    }
    Ok(Some(rows))
}
