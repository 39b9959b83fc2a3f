use super::extend::optional;
use super::headings::{Shared, common};
use super::query::{Column, ColumnExpression, Relation};
use super::{Lower, Query};
use crate::fragment::Fragment;
use crate::{Condition, Error, Expression, Matching, Part, Result};

/// The key, and the other attributes of both sides.
pub(super) fn attributes(left: &[Shared], right: &[Shared]) -> Result<Vec<Shared>> {
    let in_key = |attributes: &[Shared], name: &str| {
        attributes.iter().any(|attribute| attribute.in_key && attribute.name == name)
    };
    let alone = |one: &[Shared], other: &[Shared]| -> Vec<String> {
        let key = one.iter().filter(|attribute| attribute.in_key && !in_key(other, &attribute.name));
        key.map(|attribute| attribute.name.clone()).collect()
    };
    let mut different = alone(left, right);
    different.extend(alone(right, left));
    if !different.is_empty() {
        let rule = "the same primary key on both sides (project or rename first), and one side alone has";
        return Err(Error::Union { rule, attributes: different });
    }
    let is_shared =
        |attribute: &&Shared| !attribute.in_key && right.iter().any(|other| other.name == attribute.name);
    let shared: Vec<String> = left.iter().filter(is_shared).map(|attribute| attribute.name.clone()).collect();
    if !shared.is_empty() {
        let rule =
            "other names for secondary attributes on each side (rename or project them away), and both have";
        return Err(Error::Union { rule, attributes: shared });
    }
    common(left, right, Matching::Lineage)?;
    let secondary = |attributes: &[Shared]| -> Vec<Shared> {
        attributes.iter().filter(|attribute| !attribute.in_key).map(optional).collect()
    };
    let mut all: Vec<Shared> = left.iter().filter(|attribute| attribute.in_key).cloned().collect();
    all.extend(secondary(left));
    all.extend(secondary(right));
    Ok(all)
}

impl Lower {
    /// The rows of the left side with what the right side adds to them, and the other rows of the right side.
    pub(super) fn union(&mut self, left: &Expression, right: &Expression) -> Result<Query> {
        let first = self.branch(left)?;
        let ours: Vec<Shared> = first.attributes().cloned().collect();
        let second = self.branch(right)?;
        let theirs: Vec<Shared> = second.attributes().cloned().collect();
        let all = attributes(&ours, &theirs)?;
        let is_key = |attributes: &[Shared]| attributes.iter().all(|attribute| attribute.in_key);
        // Rows of keys alone are there once, also with a null, which UNION takes for the same.
        let may_share_rows = is_key(&all);

        let first = if is_key(&theirs) { first } else { self.extend(first, second.clone())? };
        let second = if may_share_rows {
            second
        } else {
            let rest = Expression::Restrict {
                from: Part::new(right.clone()),
                condition: Condition::Not(Box::new(Condition::Matches(Part::new(left.clone())))),
            };
            self.branch(&rest)?
        };
        let queries = Box::new([aligned(first, &all), aligned(second, &all)]);
        let columns = queries[0].columns.clone();
        let columns: Vec<Column> =
            columns.into_iter().zip(all).map(|(column, attribute)| Column { attribute, ..column }).collect();
        Ok(Query::of_relation(self, Relation::Union { queries, may_share_rows }, &columns))
    }

    /// A query as one side of a union, which has no order or limit of its own.
    fn branch(&mut self, expression: &Expression) -> Result<Query> {
        let query = self.expression(expression)?.without_order_unless_cut();
        Ok(if query.is_cut() { query.wrap(self) } else { query })
    }
}

/// The query with these columns in this order; null where it has none.
fn aligned(mut query: Query, attributes: &[Shared]) -> Query {
    let columns = attributes.iter().map(|attribute| {
        query.column(&attribute.name).cloned().unwrap_or_else(|| Column {
            attribute: attribute.clone(),
            expression: ColumnExpression::Computed(Fragment::text("NULL")),
            table: None,
        })
    });
    query.columns = columns.collect();
    query
}
