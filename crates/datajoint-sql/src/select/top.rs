use super::query::{OrderBy, Ordered};
use super::unknown::unknown_in;
use super::{Lower, Query};
use crate::{Order, Result};

/// Stands for every attribute of the primary key, as in DataJoint for Python.
const KEY: &str = "KEY";

/// The largest number of rows that every backend takes in a limit or an offset.
const MOST_ROWS: u64 = i64::MAX.unsigned_abs();

impl Lower {
    pub(super) fn top(
        &mut self,
        query: Query,
        order: &[Order],
        limit: Option<u64>,
        offset: u64,
    ) -> Result<Query> {
        let mut order = ordering(&query, order)?;
        if limit.is_some() || offset > 0 || query.is_cut() {
            complete(&query, &mut order);
        }
        let mut query = query;
        if query.is_cut() && !same_order(&query.order, &order) {
            query = query.wrap(self);
        }
        // What is distinct can be ordered by its columns alone.
        if query.is_distinct && order.iter().any(|part| query.rank_of(self.backend, &part.by).is_some()) {
            query = query.wrap(self);
        }
        query.order = order;
        // What is left of the rows cut before, after those passed over now.
        let remaining = query.limit.map(|limit| limit.saturating_sub(offset));
        query.limit = match (remaining, limit) {
            (Some(remaining), Some(limit)) => Some(remaining.min(limit)),
            (one, other) => one.or(other),
        };
        // No database has so many rows, and none takes a larger number.
        query.offset = query.offset.saturating_add(offset).min(MOST_ROWS);
        query.limit = query.limit.map(|limit| limit.min(MOST_ROWS));
        Ok(query)
    }
}

fn ordering(query: &Query, order: &[Order]) -> Result<Vec<Ordered>> {
    if order.is_empty() {
        let key = query.attributes().filter(|attribute| attribute.in_key);
        return Ok(key.map(|attribute| ordered(&attribute.name, false)).collect());
    }
    let known = |name: &str| query.column(name).is_some();
    if let Some(part) = order.iter().find(|part| part.attribute != KEY && !known(&part.attribute)) {
        return Err(unknown_in(query, &part.attribute));
    }
    let mut all: Vec<Ordered> = Vec::new();
    for ordered in order.iter().flat_map(|part| parts(query, part)) {
        // A column that comes a second time decides nothing.
        if !all.iter().any(|known| known.by == ordered.by) {
            all.push(ordered);
        }
    }
    Ok(all)
}

/// Makes an order one that leaves no ties: pages of it have each row once.
fn complete(query: &Query, order: &mut Vec<Ordered>) {
    let has_key = query.attributes().any(|attribute| attribute.in_key);
    let missing: Vec<Ordered> = query
        .attributes()
        .filter(|attribute| attribute.in_key || !has_key)
        .map(|attribute| ordered(&attribute.name, false))
        .filter(|last| !order.iter().any(|known| known.by == last.by))
        .collect();
    order.extend(missing);
}

/// The columns of one part of an order.
fn parts(query: &Query, part: &Order) -> Vec<Ordered> {
    if part.attribute == KEY {
        let key = query.attributes().filter(|attribute| attribute.in_key);
        return key.map(|attribute| ordered(&attribute.name, part.descending)).collect();
    }
    vec![ordered(&part.attribute, part.descending)]
}

fn ordered(name: &str, descending: bool) -> Ordered {
    Ordered { by: OrderBy::Column(name.to_owned()), descending }
}

fn same_order(one: &[Ordered], other: &[Ordered]) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).all(|(one, other)| one.by == other.by && one.descending == other.descending)
}
