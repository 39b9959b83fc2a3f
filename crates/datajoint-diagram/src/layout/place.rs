//! The places across and along the flow.

use super::geometry::Point;
use super::item::{Item, Items};
use super::unit::Units;
use crate::Direction;
use crate::drawing::Drawing;
use crate::text;

mod constraint;
mod straight;

use constraint::Constraints;

/// Between a frame and what it holds.
const PADDING: f64 = 14.0;
/// The same where the label stands.
const LABEL_PADDING: f64 = 30.0;
/// Between two frames.
const FRAME_GAP: f64 = 18.0;
/// How strongly a frame holds its tables together; a line to a neighbour holds with 1.
const COHESION: f64 = 0.08;
/// The font size of a frame's label.
pub(crate) const LABEL_SIZE: f64 = 13.0;

/// The room that the label of a frame needs.
pub(super) fn label_width(label: &str) -> f64 {
    text::width(label, LABEL_SIZE) + 24.0
}

/// The room between a frame and what it holds: left and above, right and below.
pub(super) const fn paddings() -> (Point, Point) {
    (Point::new(PADDING, LABEL_PADDING), Point::new(PADDING, PADDING))
}

/// The middle of each item across the flow.
///
/// Lines pull like springs, frames hold their tables together a little, and items push away what comes too
/// near. What is held by many springs gives way less, so that the whole stays where it is.
pub(super) fn across(items: &Items, direction: Direction) -> Vec<f64> {
    let constraints = Constraints::new(items, direction);
    let mut places = constraints.packed();
    let weights: Vec<f64> = items.all.iter().map(weight).collect();
    for _ in 0..400 {
        let middles = frame_middles(items, &places);
        let wanted: Vec<f64> = (0..places.len()).map(|item| wanted(items, &places, &middles, item)).collect();
        for (place, wanted) in places.iter_mut().zip(wanted) {
            *place += 0.7 * (wanted - *place);
        }
        constraints.relax(&mut places, &weights);
    }
    constraints.enforce(&mut places);
    for round in 0..60 {
        let count = places.len();
        let middles = frame_middles(items, &places);
        for step in 0..count {
            let item = if round % 2 == 0 { step } else { count - 1 - step };
            let wanted = wanted(items, &places, &middles, item);
            places[item] = constraints.clamp(&places, item, wanted);
        }
    }
    for _ in 0..3 {
        straight::straighten(items, &constraints, &mut places);
    }
    places
}

/// How strongly all springs together hold an item.
fn weight(item: &Item) -> f64 {
    item.before.iter().chain(&item.after).map(|link| link.weight).sum::<f64>() + COHESION
}

/// Where an item's springs would have it.
fn wanted(items: &Items, places: &[f64], middles: &[f64], place: usize) -> f64 {
    let item = &items.all[place];
    let links = item.before.iter().chain(&item.after);
    let sum: f64 = links.map(|link| link.weight * (places[link.other] - link.offset)).sum();
    let middle = item.schema.map_or(places[place], |schema| middles[schema]);
    (sum + COHESION * middle) / weight(item)
}

/// The mean place of what each frame holds.
fn frame_middles(items: &Items, places: &[f64]) -> Vec<f64> {
    let mut sums = vec![(0.0, 0.0); items.spans.len()];
    for (item, place) in items.all.iter().zip(places) {
        if let Some(schema) = item.schema {
            sums[schema].0 += place;
            sums[schema].1 += 1.0;
        }
    }
    sums.into_iter().map(|(sum, count): (f64, f64)| sum / count.max(1.0)).collect()
}

/// Where each rank begins and ends along the flow.
pub(super) fn along(
    drawing: &Drawing,
    units: &Units,
    ranks: &[usize],
    direction: Direction,
) -> Vec<(f64, f64)> {
    let count = ranks.iter().max().map_or(0, |&last| last + 1);
    let mut sizes = vec![0.0_f64; count];
    let mut spans = vec![(usize::MAX, 0); drawing.schemas.len()];
    for (unit, &rank) in units.units.iter().zip(ranks) {
        sizes[rank] = sizes[rank].max(unit.size.along(direction));
        let span = &mut spans[unit.schema];
        *span = (span.0.min(rank), span.1.max(rank));
    }
    let (low, high) = paddings();
    let base = match direction {
        Direction::TopToBottom => 44.0,
        Direction::LeftToRight => 62.0,
    };
    let mut bands = Vec::with_capacity(count);
    let mut at = 0.0;
    for (rank, &size) in sizes.iter().enumerate() {
        if rank > 0 {
            let ends = spans.iter().any(|span| span.1 == rank - 1);
            let starts = spans.iter().any(|span| span.0 == rank);
            at += base + if ends { high.along(direction) } else { 0.0 };
            at += if starts { low.along(direction) } else { 0.0 };
        }
        let mut end = at + size;
        if direction == Direction::LeftToRight {
            // A frame is never shorter than its label.
            for (span, frame) in spans.iter().zip(&drawing.schemas).filter(|(span, _)| span.1 == rank) {
                let start = bands.get(span.0).map_or(at, |band: &(f64, f64)| band.0);
                end = end.max(start + label_width(&frame.label) - low.x - high.x);
            }
        }
        bands.push((at, end));
        at = end;
    }
    bands
}
