//! From rows to the rows that they refer to, and to those that refer to them.

use datajoint_schema::{ColumnPair, Edge};
use datajoint_sql::{Condition, Expression, Part, Projected};

/// The keys of rows, under the names that a foreign key to them has.
pub(crate) fn keys_below(parents: Expression, columns: &[ColumnPair]) -> Expression {
    let renamed = columns.iter().filter(|pair| pair.child != pair.parent);
    let attributes =
        renamed.map(|pair| Projected::Rename { new: pair.child.clone(), old: pair.parent.clone() });
    Expression::Project { from: Part::new(parents), attributes: attributes.collect() }
}

/// The references of rows, under the names that their parent has, and nothing else.
pub(crate) fn keys_above(children: Expression, edge: &Edge) -> Expression {
    let unique = Expression::Unique {
        from: Part::new(children),
        attributes: edge.columns.iter().map(|pair| pair.child.clone()).collect(),
    };
    let renamed = edge.columns.iter().filter(|pair| pair.child != pair.parent);
    let attributes =
        renamed.map(|pair| Projected::Rename { new: pair.parent.clone(), old: pair.child.clone() });
    Expression::Project { from: Part::new(unique), attributes: attributes.collect() }
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
