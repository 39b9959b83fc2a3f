//! From rows to the rows that they refer to, and to those that refer to them.

use datajoint_schema::Edge;
use datajoint_sql::{Condition, Expression, Part};

use crate::Result;

/// The condition on rows of the child that they refer to one of these rows of the parent.
pub(crate) fn below(edge: &Edge, parents: Expression) -> Result<Condition> {
    Ok(Condition::refers_to(&edge.child, &edge.parent, &edge.columns, parents)?)
}

/// The condition on rows of the parent that one of these rows of the child refers to them.
pub(crate) fn above(edge: &Edge, children: Expression) -> Result<Condition> {
    Ok(Condition::referred_to_by(&edge.child, &edge.parent, &edge.columns, children)?)
}

/// Several conditions as one, put together as `All` or `Any`; `None` when there are none.
pub(crate) fn together(conditions: &[Condition], how: fn(Vec<Condition>) -> Condition) -> Option<Condition> {
    match conditions {
        [] => None,
        [only] => Some(only.clone()),
        several => Some(how(several.to_vec())),
    }
}

/// The rows that meet a condition.
pub(crate) fn restricted(rows: Expression, condition: Condition) -> Expression {
    match condition {
        Condition::Constant(true) => rows,
        condition => Expression::Restrict { from: Part::new(rows), condition },
    }
}
