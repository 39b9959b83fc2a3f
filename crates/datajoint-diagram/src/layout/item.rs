//! What stands in the ranks: units, and bends of the lines that pass through a rank.

use super::geometry::Point;
use super::unit::Units;
use crate::Direction;
use crate::drawing::Drawing;

/// Room around a unit across the flow.
const UNIT_MARGIN: f64 = 9.0;
/// Half the room for a line that passes.
const BEND_MARGIN: f64 = 5.0;

/// A unit or a bend in a rank.
#[derive(Debug)]
pub(super) struct Item {
    /// The unit; `None` for a bend.
    pub(super) unit: Option<usize>,
    pub(super) rank: usize,
    /// The schema in whose frame it stands; `None` for a bend between frames.
    pub(super) schema: Option<usize>,
    /// Its room across the flow, half of it.
    pub(super) half: f64,
    /// Lines to the rank before: the other item, and how far the ends are from the two middles.
    pub(super) before: Vec<Link>,
    /// Lines to the rank after.
    pub(super) after: Vec<Link>,
}

/// One end of a piece of a line between two ranks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    pub(super) other: usize,
    /// Where this end is, in the room of the item: from -0.5 to 0.5.
    pub(super) at: f64,
    /// The same of the other end.
    pub(super) far: f64,
    /// Where the other end should be, seen from this item's middle to the other's.
    pub(super) offset: f64,
    pub(super) weight: f64,
}

/// All items, and their order in each rank.
#[derive(Debug)]
pub(super) struct Items {
    pub(super) all: Vec<Item>,
    /// The items of each rank, in order across the flow.
    pub(super) ranks: Vec<Vec<usize>>,
    /// For each stroke between two units, its items from the parent's to the child's.
    pub(super) chains: Vec<Vec<usize>>,
    /// For each schema its first and its last rank.
    pub(super) spans: Vec<(usize, usize)>,
    /// The order of the frames: for each schema its place.
    pub(super) frame_order: Vec<usize>,
    /// For each item the schemas of the line's two ends; the same twice for units.
    pub(super) ends: Vec<(usize, usize)>,
}

impl Items {
    pub(super) fn new(drawing: &Drawing, units: &Units, ranks: &[usize], direction: Direction) -> Self {
        let rank_count = ranks.iter().max().map_or(0, |&last| last + 1);
        let mut spans = vec![(usize::MAX, 0); drawing.schemas.len()];
        for (unit, &rank) in units.units.iter().zip(ranks) {
            let span = &mut spans[unit.schema];
            *span = (span.0.min(rank), span.1.max(rank));
        }
        let mut items = Self {
            all: Vec::new(),
            ranks: vec![Vec::new(); rank_count],
            chains: Vec::new(),
            spans,
            frame_order: (0..drawing.schemas.len()).collect(),
            ends: Vec::new(),
        };
        for (place, unit) in units.units.iter().enumerate() {
            let half = unit.size.across(direction) / 2.0 + UNIT_MARGIN;
            items.push(Some(place), ranks[place], Some(unit.schema), half, (unit.schema, unit.schema));
        }
        items.make_room_for_labels(drawing, direction);
        for stroke in &drawing.strokes {
            let chain = items.chain(units, ranks, (stroke.parent, stroke.child), direction);
            items.chains.push(chain);
        }
        items
    }

    fn push(
        &mut self,
        unit: Option<usize>,
        rank: usize,
        schema: Option<usize>,
        half: f64,
        ends: (usize, usize),
    ) -> usize {
        let place = self.all.len();
        self.all.push(Item { unit, rank, schema, half, before: Vec::new(), after: Vec::new() });
        self.ranks[rank].push(place);
        self.ends.push(ends);
        place
    }

    /// Widens the widest unit of a schema whose label would not fit over it.
    fn make_room_for_labels(&mut self, drawing: &Drawing, direction: Direction) {
        if direction == Direction::LeftToRight {
            return;
        }
        for (schema, frame) in drawing.schemas.iter().enumerate() {
            let wanted = super::place::label_width(&frame.label) / 2.0;
            let own = self.all.iter_mut().filter(|item| item.schema == Some(schema));
            if let Some(widest) = own.max_by(|first, second| first.half.total_cmp(&second.half)) {
                widest.half = widest.half.max(wanted - UNIT_MARGIN);
            }
        }
    }

    /// Lays a chain of bends from the unit of a parent to that of a child.
    fn chain(
        &mut self,
        units: &Units,
        ranks: &[usize],
        (parent, child): (usize, usize),
        direction: Direction,
    ) -> Vec<usize> {
        let ends = [parent, child].map(|node| units.of_node[node]);
        let [from, to] = ends;
        if from == to || ranks[from] >= ranks[to] {
            return Vec::new();
        }
        let schemas = (units.units[from].schema, units.units[to].schema);
        let mut chain = vec![from];
        for rank in ranks[from] + 1..ranks[to] {
            let within = |schema: &usize| (self.spans[*schema].0..=self.spans[*schema].1).contains(&rank);
            let schema = [schemas.1, schemas.0].into_iter().find(within);
            chain.push(self.push(None, rank, schema, BEND_MARGIN, schemas));
        }
        chain.push(to);
        let offset = |node: usize| {
            let unit = &units.units[units.of_node[node]];
            let member = unit.members.iter().find(|(member, _)| *member == node);
            member.map_or(0.0, |(_, place)| Point::across(place.middle, direction))
        };
        let last = chain.len() - 1;
        for place in 0..last {
            let (first, second) = (chain[place], chain[place + 1]);
            let start = if place == 0 { offset(parent) } else { 0.0 };
            let end = if place + 1 == last { offset(child) } else { 0.0 };
            let bends = [first, second].iter().filter(|&&item| self.all[item].unit.is_none()).count();
            let weight = [1.0, 2.0, 8.0][bends];
            let at = |item: usize, end: f64| end / (2.0 * self.all[item].half);
            let (start_at, end_at) = (at(first, start), at(second, end));
            self.all[first].after.push(Link {
                other: second,
                at: start_at,
                far: end_at,
                offset: start - end,
                weight,
            });
            self.all[second].before.push(Link {
                other: first,
                at: end_at,
                far: start_at,
                offset: end - start,
                weight,
            });
        }
        chain
    }

    /// The place of an item's frame or corridor in the order across the flow.
    pub(super) fn group(&self, item: usize) -> f64 {
        let at = |schema: usize| f64::from(u32::try_from(self.frame_order[schema]).unwrap_or(u32::MAX));
        if let Some(schema) = self.all[item].schema {
            return at(schema);
        }
        let middle = f64::midpoint(at(self.ends[item].0), at(self.ends[item].1));
        // Beside the frame in the middle, not in it.
        if middle.fract() == 0.0 { middle - 0.5 } else { middle }
    }
}
