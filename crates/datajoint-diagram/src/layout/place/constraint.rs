//! Which items must stand how far apart across the flow.

use super::{FRAME_GAP, paddings};
use crate::Direction;
use crate::layout::item::Items;

/// `second` stands at least `distance` after `first`.
#[derive(Debug, Clone, Copy)]
struct Constraint {
    first: usize,
    second: usize,
    distance: f64,
}

pub(super) struct Constraints {
    all: Vec<Constraint>,
    /// For each item the constraints that it is the second of.
    before: Vec<Vec<usize>>,
    /// For each item the constraints that it is the first of.
    after: Vec<Vec<usize>>,
    /// The items in an order in which every `first` comes before its `second`.
    order: Vec<usize>,
}

impl Constraints {
    pub(super) fn new(items: &Items, direction: Direction) -> Self {
        let mut all = Vec::new();
        for row in &items.ranks {
            for pair in row.windows(2) {
                let distance = items.all[pair[0]].half + items.all[pair[1]].half;
                all.push(Constraint { first: pair[0], second: pair[1], distance });
            }
        }
        let ends = Ends::new(items);
        for left in 0..items.spans.len() {
            for right in 0..items.spans.len() {
                let (low, high) = paddings();
                let gap = low.across(direction) + high.across(direction) + FRAME_GAP;
                if items.frame_order[left] < items.frame_order[right] && overlap(items, left, right) {
                    Ends::keep_apart(items, &ends.last[left], &ends.first[right], gap, &mut all);
                }
            }
            corridor(items, &ends, left, direction, &mut all);
        }
        let count = items.all.len();
        let (mut before, mut after) = (vec![Vec::new(); count], vec![Vec::new(); count]);
        for (place, constraint) in all.iter().enumerate() {
            before[constraint.second].push(place);
            after[constraint.first].push(place);
        }
        let mut order: Vec<(f64, usize, usize)> = Vec::with_capacity(count);
        for row in &items.ranks {
            order.extend(row.iter().enumerate().map(|(place, &item)| (items.group(item), place, item)));
        }
        order.sort_by(|first, second| {
            first.0.total_cmp(&second.0).then(first.1.cmp(&second.1)).then(first.2.cmp(&second.2))
        });
        Self { all, before, after, order: order.into_iter().map(|(_, _, item)| item).collect() }
    }

    /// Every item as near to the start as the constraints allow.
    pub(super) fn packed(&self) -> Vec<f64> {
        let mut places = vec![0.0; self.before.len()];
        self.enforce(&mut places);
        places
    }

    /// Moves items forward until every constraint holds.
    pub(super) fn enforce(&self, places: &mut [f64]) {
        for &item in &self.order {
            for &place in &self.before[item] {
                let constraint = self.all[place];
                places[item] = places[item].max(places[constraint.first] + constraint.distance);
            }
        }
    }

    /// Pushes items apart that stand too near to each other, the lighter one farther.
    pub(super) fn relax(&self, places: &mut [f64], weights: &[f64]) {
        for round in 0..6 {
            let count = self.all.len();
            for step in 0..count {
                let constraint = self.all[if round % 2 == 0 { step } else { count - 1 - step }];
                let missing = constraint.distance - (places[constraint.second] - places[constraint.first]);
                if missing > 0.0 {
                    let (first, second) = (weights[constraint.first], weights[constraint.second]);
                    places[constraint.first] -= missing * second / (first + second);
                    places[constraint.second] += missing * first / (first + second);
                }
            }
        }
    }

    /// The place nearest to `wanted` that keeps the item's constraints.
    pub(super) fn clamp(&self, places: &[f64], item: usize, wanted: f64) -> f64 {
        let (low, high) = self.room(places, item);
        wanted.min(high).max(low)
    }

    /// Between which places the item's constraints hold.
    pub(super) fn room(&self, places: &[f64], item: usize) -> (f64, f64) {
        let low = self.before[item].iter().map(|&place| {
            let constraint = self.all[place];
            places[constraint.first] + constraint.distance
        });
        let high = self.after[item].iter().map(|&place| {
            let constraint = self.all[place];
            places[constraint.second] - constraint.distance
        });
        (low.fold(f64::NEG_INFINITY, f64::max), high.fold(f64::INFINITY, f64::min))
    }

    /// True when the item's constraints hold.
    pub(super) fn hold(&self, places: &[f64], item: usize) -> bool {
        let (low, high) = self.room(places, item);
        low - 0.01 <= places[item] && places[item] <= high + 0.01
    }
}

/// The first and the last item of each frame in each of its ranks.
struct Ends {
    first: Vec<Vec<usize>>,
    last: Vec<Vec<usize>>,
}

impl Ends {
    fn new(items: &Items) -> Self {
        let (mut first, mut last) =
            (vec![Vec::new(); items.spans.len()], vec![Vec::new(); items.spans.len()]);
        for row in &items.ranks {
            for schema in 0..items.spans.len() {
                let is_own = |item: &&usize| items.all[**item].schema == Some(schema);
                first[schema].extend(row.iter().find(is_own));
                last[schema].extend(row.iter().rev().find(is_own));
            }
        }
        Self { first, last }
    }

    fn keep_apart(items: &Items, left: &[usize], right: &[usize], gap: f64, all: &mut Vec<Constraint>) {
        for &first in left {
            for &second in right {
                let distance = items.all[first].half + items.all[second].half + gap;
                all.push(Constraint { first, second, distance });
            }
        }
    }
}

fn overlap(items: &Items, first: usize, second: usize) -> bool {
    let (first, second) = (items.spans[first], items.spans[second]);
    first.0 <= second.1 && second.0 <= first.1
}

/// Keeps the lines that pass beside a frame out of it.
fn corridor(items: &Items, ends: &Ends, schema: usize, direction: Direction, all: &mut Vec<Constraint>) {
    let (low, high) = paddings();
    let span = items.spans[schema];
    let at = ends.first[schema].first().map(|&item| items.group(item));
    for (rank, row) in items.ranks.iter().enumerate().filter(|(rank, _)| (span.0..=span.1).contains(rank)) {
        for &bend in row.iter().filter(|&&item| items.all[item].schema.is_none()) {
            debug_assert_eq!(items.all[bend].rank, rank);
            if at.is_some_and(|at| items.group(bend) < at) {
                Ends::keep_apart(items, &[bend], &ends.first[schema], low.across(direction), all);
            } else {
                Ends::keep_apart(items, &ends.last[schema], &[bend], high.across(direction), all);
            }
        }
    }
}
