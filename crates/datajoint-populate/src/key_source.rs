//! Which keys a table is made for.

use std::sync::Arc;

use datajoint_schema::{ForeignKey, Table};
use datajoint_sql::{Condition, Expression, Projected};

use crate::Error;

/// The keys that the parents of a table allow: the join of the primary keys of those that its own primary
/// key refers to, under the names they have in the table.
///
/// Fails when the key refers to no parent, and when it has attributes that no parent supplies.
pub(crate) fn key_source<E: From<Error>>(
    table: &Table,
    parent: impl Fn(&ForeignKey) -> Result<Arc<Table>, E>,
) -> Result<Expression, E> {
    let key: Vec<&str> = table.key_names().collect();
    let is_in_key = |foreign_key: &&ForeignKey| foreign_key.child_columns().all(|column| key.contains(&column));
    let mut source: Option<Expression> = None;
    for foreign_key in table.foreign_keys.iter().filter(is_in_key) {
        let keys = keys_of(parent(foreign_key)?, foreign_key);
        source = Some(match source {
            None => keys,
            Some(left) => Expression::Join { left: Box::new(left), right: Box::new(keys) },
        });
    }
    let source = source.ok_or_else(|| Error::NoKeySource { table: table.name.clone() })?;
    match table.own_key().next() {
        None => Ok(source),
        Some(attribute) => {
            Err(Error::OwnKey { table: table.name.clone(), attribute: attribute.name.clone() }.into())
        }
    }
}

/// The keys of a source that meet the conditions and that the table doesn't have yet.
pub(crate) fn missing(source: Expression, conditions: &[Condition], table: &Arc<Table>) -> Expression {
    let made = Expression::Project {
        from: Box::new(Expression::Table(Arc::clone(table))),
        attributes: Vec::new(),
    };
    Expression::Restrict {
        from: Box::new(restricted(source, conditions)),
        condition: Condition::Not(Box::new(Condition::Matches(Box::new(made)))),
    }
}

/// The keys of a source that meet the conditions.
pub(crate) fn restricted(source: Expression, conditions: &[Condition]) -> Expression {
    match conditions {
        [] => source,
        conditions => Expression::Restrict {
            from: Box::new(source),
            condition: Condition::All(conditions.to_vec()),
        },
    }
}

fn keys_of(parent: Arc<Table>, foreign_key: &ForeignKey) -> Expression {
    let renamed = foreign_key.columns.iter().filter(|pair| pair.child != pair.parent);
    Expression::Project {
        from: Box::new(Expression::Table(parent)),
        attributes: renamed
            .map(|pair| Projected::Rename { new: pair.child.clone(), old: pair.parent.clone() })
            .collect(),
    }
}
