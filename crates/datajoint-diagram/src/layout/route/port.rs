//! Where lines leave and reach the outlines of nodes.

use super::is_round;
use crate::Direction;
use crate::drawing::{Drawing, Kind, Stroke};
use crate::layout::geometry::Rectangle;
use crate::layout::item::Items;

/// The widest distance between two lines at one node.
const SPACING: f64 = 12.0;

/// The end of a line at a node.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Port {
    pub(super) across: f64,
    pub(super) along: f64,
    /// True at the side of a part that stands between other parts.
    pub(super) is_sideways: bool,
}

/// The two ends of every stroke.
pub(super) struct Ports {
    pub(super) start: Vec<Port>,
    pub(super) end: Vec<Port>,
}

impl Ports {
    pub(super) fn new(
        drawing: &Drawing,
        items: &Items,
        nodes: &[Rectangle],
        across: &[f64],
        direction: Direction,
    ) -> Self {
        let count = drawing.strokes.len();
        let mut ports = Self { start: vec![Port::default(); count], end: vec![Port::default(); count] };
        for node in 0..nodes.len() {
            for is_start in [true, false] {
                let own = |stroke: &usize| {
                    let ends = &drawing.strokes[*stroke];
                    let end = if is_start { ends.parent } else { ends.child };
                    end == node && !items.chains[*stroke].is_empty()
                };
                // In the order in which the lines go on, so that they don't cross at the node.
                let toward = |stroke: usize| {
                    let chain = &items.chains[stroke];
                    let ends = &drawing.strokes[stroke];
                    let (next, far) =
                        if is_start { (chain[1], ends.child) } else { (chain[chain.len() - 2], ends.parent) };
                    match items.all[next].unit {
                        Some(_) => nodes[far].middle.across(direction),
                        None => across[next],
                    }
                };
                let mut strokes: Vec<usize> = (0..count).filter(own).collect();
                strokes.sort_by(|&first, &second| {
                    toward(first).total_cmp(&toward(second)).then(first.cmp(&second))
                });
                let ends = if is_start { &mut ports.start } else { &mut ports.end };
                let last = strokes.len().saturating_sub(1);
                let is_sideways = blocked(drawing, node, is_start, direction);
                for (place, &stroke) in strokes.iter().enumerate() {
                    let share = real(2 * place) - real(last);
                    ends[stroke] = port(
                        nodes[node],
                        drawing.nodes[node].kind,
                        (share, last),
                        is_start,
                        is_sideways,
                        direction,
                    );
                }
            }
        }
        ports.straighten(drawing, items, nodes, direction);
        ports
    }

    /// Moves the only line at a node so that it arrives straight, where it nearly does.
    fn straighten(&mut self, drawing: &Drawing, items: &Items, nodes: &[Rectangle], direction: Direction) {
        for (stroke, ends) in drawing.strokes.iter().enumerate() {
            let (start, end) = (self.start[stroke], self.end[stroke]);
            let gap = (start.across - end.across).abs();
            if items.chains[stroke].len() != 2 || start.is_sideways || end.is_sideways || gap > 2.0 * SPACING
            {
                continue;
            }
            let is_only = |node: usize, of: fn(&Stroke) -> usize| {
                drawing.strokes.iter().filter(|stroke| of(stroke) == node).count() == 1
            };
            let moved = |node: usize, across: f64, is_start: bool| {
                let place = nodes[node];
                let offset = across - place.middle.across(direction);
                on_outline(place, drawing.nodes[node].kind, offset, is_start, direction)
            };
            if is_only(ends.parent, |stroke| stroke.parent) {
                self.start[stroke] = moved(ends.parent, end.across, true).unwrap_or(start);
            } else if is_only(ends.child, |stroke| stroke.child) {
                self.end[stroke] = moved(ends.child, start.across, false).unwrap_or(end);
            }
        }
    }
}

fn port(
    node: Rectangle,
    kind: Kind,
    (share, last): (f64, usize),
    is_start: bool,
    is_sideways: bool,
    direction: Direction,
) -> Port {
    let half_across = node.size.across(direction) / 2.0;
    let middle = (node.middle.across(direction), node.middle.along(direction));
    if is_sideways {
        return Port { across: middle.0 + half_across, along: middle.1, is_sideways };
    }
    let room = half_across * share_of_side(kind);
    let spacing = if last == 0 { 0.0 } else { (2.0 * room / real(last)).min(SPACING) };
    on_outline(node, kind, share / 2.0 * spacing, is_start, direction).unwrap_or_default()
}

/// How much of the side of a node takes lines.
const fn share_of_side(kind: Kind) -> f64 {
    if is_round(kind) { 0.55 } else { 0.7 }
}

/// The port so far from the middle of the side; `None` beyond the part that takes lines.
fn on_outline(
    node: Rectangle,
    kind: Kind,
    offset: f64,
    is_start: bool,
    direction: Direction,
) -> Option<Port> {
    let (half_across, half_along) = (node.size.across(direction) / 2.0, node.size.along(direction) / 2.0);
    if offset.abs() > half_across * share_of_side(kind) + 0.01 {
        return None;
    }
    let reach = if is_round(kind) {
        half_along * (1.0 - (offset / half_across) * (offset / half_across)).max(0.0).sqrt()
    } else {
        half_along
    };
    let middle = (node.middle.across(direction), node.middle.along(direction));
    let along = if is_start { middle.1 + reach } else { middle.1 - reach };
    Some(Port { across: middle.0 + offset, along, is_sideways: false })
}

/// True when another part of the column stands between this one and the edge of the entity.
fn blocked(drawing: &Drawing, node: usize, is_start: bool, direction: Direction) -> bool {
    if direction == Direction::LeftToRight {
        return false;
    }
    let Some(master) = drawing.nodes[node].master else { return false };
    let mut between = drawing.parts(master);
    if is_start { between.any(|part| part > node) } else { between.any(|part| part < node) }
}

fn real(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
