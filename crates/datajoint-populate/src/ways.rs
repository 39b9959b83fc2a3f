//! The ways from a key up to the rows of an ancestor that it comes from.

use std::sync::Arc;

use datajoint_schema::{ColumnPair, ForeignKey, Table, TableName};
use datajoint_sql::{Comparison, Condition, Expression, Part, Result, Value};

/// All ways from a table up to one of its ancestors.
///
/// A row of the ancestor belongs to a key when some way leads to it. Where foreign keys meet again in
/// one and the same attributes there is one way; where a table refers to an ancestor in two roles
/// (`-> Session` and `-> Session.proj(other='session')`) there are two, and the rows of either role belong.
#[derive(Debug)]
pub(crate) struct Ways {
    ways: Vec<Way>,
}

/// One way: equalities with attributes of the key, then foreign keys outside of primary keys.
#[derive(Debug, Clone, PartialEq)]
struct Way {
    table: Arc<Table>,
    /// Attributes of `table`, and for each the place in the key of its value.
    known: Vec<(String, usize)>,
    hops: Vec<Hop>,
}

/// A step from a child to a parent that the values of the key don't tell.
#[derive(Debug, Clone, PartialEq)]
struct Hop {
    parent: Arc<Table>,
    columns: Vec<ColumnPair>,
}

impl Ways {
    /// The ways from `target` to `ancestor`, over tables that `known_as` has.
    pub(crate) fn find(
        target: &Arc<Table>,
        key: &[String],
        ancestor: &TableName,
        known_as: impl Fn(&TableName) -> Option<Arc<Table>>,
    ) -> Self {
        let known = key.iter().enumerate().map(|(place, name)| (name.clone(), place)).collect();
        let start = Way { table: Arc::clone(target), known, hops: Vec::new() };
        let mut ways: Vec<Way> = Vec::new();
        let mut seen = Vec::new();
        let mut open = vec![start];
        while let Some(way) = open.pop() {
            let child = Arc::clone(way.end());
            for foreign_key in &child.foreign_keys {
                let Some(parent) = known_as(&foreign_key.parent) else { continue };
                let next = way.step(foreign_key, parent, child.name == target.name);
                if next.end().name == *ancestor && !ways.contains(&next) {
                    ways.push(next.clone());
                }
                if !seen.contains(&next) {
                    seen.push(next.clone());
                    open.push(next);
                }
            }
        }
        Self { ways }
    }

    /// The attributes of the ancestor that tell which of its rows belong to a key, each with the place in the key of its value;
    /// none where that takes more to tell.
    pub(crate) fn places(&self) -> Option<&[(String, usize)]> {
        match self.ways.as_slice() {
            [Way { known, hops, .. }] if hops.is_empty() && !known.is_empty() => Some(known),
            _ => None,
        }
    }

    /// The condition on the ancestor's rows for a key of these values.
    pub(crate) fn condition(&self, key: &[Value]) -> Result<Condition> {
        let mut conditions = self.ways.iter().map(|way| way.condition(key)).collect::<Result<Vec<_>>>()?;
        Ok(match (conditions.pop(), conditions.is_empty()) {
            (None, _) => Condition::Constant(false),
            (Some(only), true) => only,
            (Some(last), false) => {
                conditions.push(last);
                Condition::Any(conditions)
            }
        })
    }
}

impl Way {
    /// The table it has come to.
    fn end(&self) -> &Arc<Table> {
        self.hops.last().map_or(&self.table, |hop| &hop.parent)
    }

    /// The way one foreign key further up.
    ///
    /// From the table that is being made, whose row isn't there yet, only values of the key lead on.
    fn step(&self, foreign_key: &ForeignKey, parent: Arc<Table>, from_target: bool) -> Self {
        let value_of =
            |column: &str| self.known.iter().find(|(name, _)| name == column).map(|(_, place)| *place);
        let pairs = foreign_key.columns.iter();
        let known: Vec<_> =
            pairs.filter_map(|pair| Some((pair.parent.clone(), value_of(&pair.child)?))).collect();
        let is_visible = |pair: &&ColumnPair| !datajoint_schema::is_hidden_name(&pair.parent);
        let all_known = known.len() == foreign_key.columns.iter().filter(is_visible).count();
        if self.hops.is_empty() && (all_known || from_target) {
            return Self { table: parent, known, hops: Vec::new() };
        }
        let mut way = self.clone();
        way.hops.push(Hop { parent, columns: foreign_key.columns.clone() });
        way
    }

    fn condition(&self, key: &[Value]) -> Result<Condition> {
        let mut condition = equalities(&self.known, key);
        let mut table = &self.table;
        for Hop { parent, columns } in &self.hops {
            let rows = restricted(table, condition);
            condition = Condition::referred_to_by(&table.name, &parent.name, columns, rows)?;
            table = parent;
        }
        Ok(condition)
    }
}

/// The condition that attributes have the values of the key in these places.
pub(crate) fn equalities(known: &[(String, usize)], key: &[Value]) -> Condition {
    let equal = |(attribute, place): &(String, usize)| Condition::Compare {
        attribute: attribute.clone(),
        operator: Comparison::Equal,
        value: key.get(*place).cloned().unwrap_or_default(),
    };
    Condition::All(known.iter().map(equal).collect())
}

fn restricted(table: &Arc<Table>, condition: Condition) -> Expression {
    let from = Part::new(Expression::Table(Arc::clone(table)));
    match condition {
        Condition::All(all) if all.is_empty() => from.into_inner(),
        condition => Expression::Restrict { from, condition },
    }
}

#[cfg(test)]
mod tests;
