//! What a delete begins with: the rows of one table.

use std::sync::Arc;

use datajoint_schema::{Table, TableName};
use datajoint_sql::{Condition as Plain, Expression};

use crate::query::{Leaf, Node};
use crate::{DynamicRow, Error, Instance, Query, Result, Target};

/// Rows of one table.
pub(crate) struct Seed {
    pub(crate) table: Arc<Table>,
    /// A condition that does not change while rows of other tables go.
    pub(crate) condition: Plain,
}

impl Seed {
    /// The rows of a query as rows of its table.
    pub(crate) async fn of(query: &Query<DynamicRow>, on: &mut Target<'_>) -> Result<Self> {
        let table = table_of(&query.node, on).await?;
        let Some(table) = table else {
            return Err(Error::NotATable { query: query.label(), operation: "delete" });
        };
        let lowered = query.lower(on).await?;
        let condition = match own_condition(&lowered.expression) {
            Some(condition) => condition,
            None => on.key_condition(&table, &lowered.expression).await?,
        };
        Ok(Self { table, condition })
    }
}

/// The name of the table whose rows a query gives, whole, where it is known.
pub(super) fn name_of(query: &Query<DynamicRow>, instance: &Instance) -> Option<TableName> {
    let mut node: &Node = &query.node;
    loop {
        match node {
            Node::Table(Leaf::Typed(spec)) => {
                return instance.resolve(spec).ok().map(|table| table.name.clone());
            }
            Node::Table(Leaf::Found(table)) => return Some(table.name.clone()),
            Node::Restrict { from, .. } | Node::Top { from, .. } => node = from,
            _ => return None,
        }
    }
}

/// The table whose rows a query gives, whole.
async fn table_of(node: &Node, on: &mut Target<'_>) -> Result<Option<Arc<Table>>> {
    let mut node = node;
    loop {
        match node {
            Node::Table(Leaf::Typed(spec)) => return on.ensure_one(spec).await.map(Some),
            Node::Table(Leaf::Found(table)) => return Ok(Some(Arc::clone(table))),
            Node::Restrict { from, .. } | Node::Top { from, .. } => node = from,
            _ => return Ok(None),
        }
    }
}

/// The condition on a table that stays the same while rows of other tables go; `None` when it needs the keys.
fn own_condition(expression: &Expression) -> Option<Plain> {
    match expression {
        Expression::Table(_) => Some(Plain::Constant(true)),
        Expression::Restrict { from, condition } => {
            let outer = is_own(condition).then(|| condition.clone())?;
            Some(match own_condition(from)? {
                Plain::Constant(true) => outer,
                Plain::All(mut all) => {
                    all.push(outer);
                    Plain::All(all)
                }
                inner => Plain::All(vec![inner, outer]),
            })
        }
        _ => None,
    }
}

/// True for conditions that give the same for a row however often they are asked: those of values alone. SQL may read
/// other rows, a clock or chance, and what it reads is the database's to know.
fn is_own(condition: &Plain) -> bool {
    match condition {
        Plain::All(parts) | Plain::Any(parts) => parts.iter().all(is_own),
        Plain::Not(inner) => is_own(inner),
        Plain::Matches(_) | Plain::MatchesByName(_) | Plain::Linked { .. } | Plain::Sql { .. } => false,
        Plain::Constant(_)
        | Plain::Compare { .. }
        | Plain::IsNull(_)
        | Plain::In { .. }
        | Plain::Between { .. }
        | Plain::Keys { .. } => true,
        Plain::Open(never) => match *never {},
    }
}
