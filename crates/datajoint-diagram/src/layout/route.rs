//! The ways of the lines, and everything in the coordinates of the page.

use super::geometry::{Point, Rectangle, Segment};
use super::item::Items;
use super::unit::Units;
use super::{Layout, place};
use crate::Direction;
use crate::drawing::{Drawing, Kind};

mod port;

use port::Ports;

/// Around everything.
const MARGIN: f64 = 16.0;

/// Brings the places of items and ranks together.
pub(super) fn finish(
    drawing: &Drawing,
    units: &Units,
    items: &Items,
    across: &[f64],
    bands: &[(f64, f64)],
    direction: Direction,
) -> Layout {
    let mut nodes = vec![Rectangle::default(); drawing.nodes.len()];
    let mut entities = Vec::new();
    let mut frames: Vec<Option<Rectangle>> = vec![None; drawing.schemas.len()];
    for (place, unit) in units.units.iter().enumerate() {
        let (start, end) = bands[items.all[place].rank];
        let middle = Point::of(across[place], f64::midpoint(start, end), direction);
        for &(node, member) in &unit.members {
            nodes[node] = member.moved(middle);
        }
        let whole = Rectangle { middle, size: unit.size };
        if unit.is_entity() {
            entities.push(whole);
        }
        // A frame covers its ranks in full.
        let size = Point::of(unit.size.across(direction), end - start, direction);
        let frame = &mut frames[unit.schema];
        let covered = Rectangle { middle, size };
        *frame = Some(frame.map_or(covered, |frame| frame.around(covered)));
    }
    let frames: Vec<Rectangle> = frames
        .into_iter()
        .zip(&drawing.schemas)
        .map(|(frame, schema)| padded(frame.unwrap_or_default(), &schema.label))
        .collect();
    let ports = Ports::new(drawing, items, &nodes, across, direction);
    let curves: Vec<Vec<Segment>> = (0..drawing.strokes.len())
        .map(|stroke| curve(drawing, units, items, (across, bands), &ports, &nodes, stroke, direction))
        .collect();
    on_page(Layout { size: Point::default(), nodes, entities, frames, curves })
}

/// A frame around what it holds, wide enough for its label.
fn padded(held: Rectangle, label: &str) -> Rectangle {
    let (low, high) = place::paddings();
    let (start, end) = (held.low(), held.high());
    let frame = Rectangle::between(
        Point::new(start.x - low.x, start.y - low.y),
        Point::new(end.x + high.x, end.y + high.y),
    );
    let width = frame.size.x.max(place::label_width(label));
    Rectangle { size: Point::new(width, frame.size.y), ..frame }
}

/// Moves everything so that it begins at the margin.
fn on_page(layout: Layout) -> Layout {
    let curve_points = layout.curves.iter().flatten().flat_map(|segment| segment.points());
    let points = curve_points.map(|point| Rectangle { middle: point, size: Point::default() });
    let whole = layout
        .frames
        .iter()
        .chain(&layout.nodes)
        .copied()
        .chain(points)
        .reduce(Rectangle::around)
        .unwrap_or_default();
    let low = whole.low();
    let by = Point::new((MARGIN - low.x).round(), (MARGIN - low.y).round());
    let moved = |boxes: Vec<Rectangle>| boxes.into_iter().map(|each| each.moved(by)).collect();
    Layout {
        size: Point::new((whole.size.x + 2.0 * MARGIN).ceil(), (whole.size.y + 2.0 * MARGIN).ceil()),
        nodes: moved(layout.nodes),
        entities: moved(layout.entities),
        frames: moved(layout.frames),
        curves: layout
            .curves
            .into_iter()
            .map(|curve| curve.into_iter().map(|segment| segment.moved(by)).collect())
            .collect(),
    }
}

#[expect(clippy::too_many_arguments, reason = "all of them are the layout")]
fn curve(
    drawing: &Drawing,
    units: &Units,
    items: &Items,
    (across, bands): (&[f64], &[(f64, f64)]),
    ports: &Ports,
    nodes: &[Rectangle],
    stroke: usize,
    direction: Direction,
) -> Vec<Segment> {
    let ends = &drawing.strokes[stroke];
    let chain = &items.chains[stroke];
    if chain.is_empty() {
        let is_within = units.of_node[ends.parent] == units.of_node[ends.child];
        let is_master = drawing.nodes[ends.child].master == Some(ends.parent);
        return if is_within {
            within(nodes[ends.parent], nodes[ends.child], is_master, direction)
        } else {
            direct(nodes[ends.parent], nodes[ends.child], direction)
        };
    }
    let (start, end) = (ports.start[stroke], ports.end[stroke]);
    let point = |across: f64, along: f64| Point::of(across, along, direction);
    let mut path = vec![Segment::Move(point(start.across, start.along))];
    let mut at = (start.across, start.along);
    let first_band = bands[items.all[chain[0]].rank];
    if start.is_sideways {
        // Around the parts below: out to the side, then along.
        let side = start.across + 14.0;
        path.push(Segment::Curve(
            point(side, start.along),
            point(side, start.along),
            point(side, (start.along + 14.0).min(first_band.1)),
        ));
        at = (side, (start.along + 14.0).min(first_band.1));
    }
    let straight_to = |path: &mut Vec<Segment>, at: &mut (f64, f64), along: f64| {
        if (along - at.1).abs() > 0.05 {
            path.push(Segment::Line(point(at.0, along)));
            at.1 = along;
        }
    };
    straight_to(&mut path, &mut at, first_band.1);
    for &bend in &chain[1..chain.len() - 1] {
        let band = bands[items.all[bend].rank];
        bow(&mut path, &mut at, (across[bend], band.0), direction);
        straight_to(&mut path, &mut at, band.1);
    }
    let last_band = bands[items.all[chain[chain.len() - 1]].rank];
    if end.is_sideways {
        let side = end.across + 14.0;
        let turn = (end.along - 14.0).max(last_band.0);
        bow(&mut path, &mut at, (side, last_band.0), direction);
        straight_to(&mut path, &mut at, turn);
        path.push(Segment::Curve(
            point(side, end.along),
            point(side, end.along),
            point(end.across, end.along),
        ));
    } else {
        bow(&mut path, &mut at, (end.across, last_band.0), direction);
        straight_to(&mut path, &mut at, end.along);
    }
    path
}

/// A curve that leaves and arrives along the flow.
fn bow(path: &mut Vec<Segment>, at: &mut (f64, f64), to: (f64, f64), direction: Direction) {
    let point = |across: f64, along: f64| Point::of(across, along, direction);
    if (at.0 - to.0).abs() < 0.05 {
        path.push(Segment::Line(point(to.0, to.1)));
    } else {
        let reach = (to.1 - at.1) * 0.55;
        path.push(Segment::Curve(point(at.0, at.1 + reach), point(to.0, to.1 - reach), point(to.0, to.1)));
    }
    *at = to;
}

/// A line between two tables of one entity.
fn within(parent: Rectangle, child: Rectangle, is_master: bool, direction: Direction) -> Vec<Segment> {
    match (direction, is_master) {
        (Direction::TopToBottom, true) => {
            let start = Point::new(parent.high().x, parent.middle.y);
            let end = Point::new(child.low().x, child.middle.y);
            let middle = f64::midpoint(start.x, end.x);
            vec![
                Segment::Move(start),
                Segment::Curve(Point::new(middle, start.y), Point::new(middle, end.y), end),
            ]
        }
        (Direction::LeftToRight, true) => {
            let x = parent.low().x + super::unit::INDENT / 2.0;
            let end = Point::new(child.low().x, child.middle.y);
            let turn = 6.0;
            vec![
                // The node hides the start.
                Segment::Move(Point::new(x, parent.middle.y)),
                Segment::Line(Point::new(x, end.y - turn)),
                Segment::Curve(
                    Point::new(x, end.y - turn / 2.0),
                    Point::new(x + turn / 2.0, end.y),
                    Point::new(x + turn, end.y),
                ),
                Segment::Line(end),
            ]
        }
        // Between two parts, at their right.
        (_, false) => {
            let start = Point::new(parent.high().x, parent.middle.y);
            let end = Point::new(child.high().x, child.middle.y);
            let side = start.x.max(end.x) + 9.0;
            vec![
                Segment::Move(start),
                Segment::Curve(Point::new(side, start.y), Point::new(side, end.y), end),
            ]
        }
    }
}

/// A line against the flow, between collapsed schemas that refer to each other.
fn direct(parent: Rectangle, child: Rectangle, direction: Direction) -> Vec<Segment> {
    let (start, end) = (parent.middle, child.middle);
    let bend = 0.5 * (end.along(direction) - start.along(direction));
    let control = |point: Point, along: f64| Point::of(point.across(direction) + 30.0, along, direction);
    vec![
        Segment::Move(start),
        Segment::Curve(
            control(start, start.along(direction) + bend),
            control(end, end.along(direction) - bend),
            end,
        ),
    ]
}

/// True for nodes drawn with a round outline.
pub(crate) const fn is_round(kind: Kind) -> bool {
    matches!(kind, Kind::Computed | Kind::Imported | Kind::Other)
}
