//! What moves as one: a table alone, or a master with its parts.

use super::geometry::{Point, Rectangle};
use crate::Direction;
use crate::drawing::{Drawing, Kind, Node};
use crate::text;

/// Between the edge of an entity and its tables.
const PADDING: f64 = 9.0;
/// Between two parts.
const PART_GAP: f64 = 7.0;
/// Between a master and its parts beside it.
const MASTER_GAP: f64 = 24.0;
/// How far parts below a master are moved in.
pub(super) const INDENT: f64 = 22.0;

/// Tables that move as one.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) schema: usize,
    /// The nodes, the master first, each with its box around the middle of the unit.
    pub(super) members: Vec<(usize, Rectangle)>,
    pub(super) size: Point,
}

impl Unit {
    pub(super) fn is_entity(&self) -> bool {
        self.members.len() > 1
    }
}

/// The units in the order of their first nodes, and for each node the place of its unit.
#[derive(Debug)]
pub(super) struct Units {
    pub(super) units: Vec<Unit>,
    pub(super) of_node: Vec<usize>,
}

pub(super) fn units(drawing: &Drawing, direction: Direction) -> Units {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut of_node = Vec::with_capacity(drawing.nodes.len());
    for (place, node) in drawing.nodes.iter().enumerate() {
        // A part that can't stand beside its master doesn't follow it directly in the drawing either.
        match groups.last_mut() {
            Some(group) if node.master.is_some() && node.master == group.first().copied() => {
                group.push(place);
            }
            _ => groups.push(vec![place]),
        }
        of_node.push(groups.len() - 1);
    }
    let units = groups.into_iter().map(|group| unit(drawing, &group, direction)).collect();
    Units { units, of_node }
}

fn unit(drawing: &Drawing, nodes: &[usize], direction: Direction) -> Unit {
    let sizes: Vec<Point> = nodes.iter().map(|&node| node_size(&drawing.nodes[node])).collect();
    let corners = match (sizes.len(), direction) {
        (1, _) => vec![Point::default()],
        (_, Direction::TopToBottom) => beside(&sizes),
        (_, Direction::LeftToRight) => below(&sizes),
    };
    let boxes: Vec<Rectangle> = corners
        .iter()
        .zip(&sizes)
        .map(|(&corner, &size)| Rectangle::between(corner, corner.moved(size)))
        .collect();
    let whole = boxes.iter().copied().reduce(Rectangle::around).unwrap_or_default();
    let padding = if nodes.len() > 1 { 2.0 * PADDING } else { 0.0 };
    let centre = Point::new(-whole.middle.x, -whole.middle.y);
    Unit {
        schema: nodes.first().map_or(0, |&node| drawing.nodes[node].schema),
        members: nodes.iter().copied().zip(boxes.into_iter().map(|each| each.moved(centre))).collect(),
        size: Point::new(whole.size.x + padding, whole.size.y + padding),
    }
}

/// The corners of a master with its parts in a column at its right.
fn beside(sizes: &[Point]) -> Vec<Point> {
    let master = sizes[0];
    let parts = &sizes[1..];
    let height: f64 = parts.iter().map(|size| size.y + PART_GAP).sum::<f64>() - PART_GAP;
    let mut corners = vec![Point::new(0.0, -master.y / 2.0)];
    let mut y = -height / 2.0;
    for size in parts {
        corners.push(Point::new(master.x + MASTER_GAP, y));
        y += size.y + PART_GAP;
    }
    corners
}

/// The corners of a master with its parts in a column below it.
fn below(sizes: &[Point]) -> Vec<Point> {
    let mut corners = Vec::with_capacity(sizes.len());
    let mut y = 0.0;
    for size in sizes {
        let x = if corners.is_empty() { 0.0 } else { INDENT };
        corners.push(Point::new(x, y));
        y += size.y + PART_GAP;
    }
    corners
}

/// The font size of a node's text.
pub(crate) const fn font_size(kind: Kind) -> f64 {
    match kind {
        Kind::Part | Kind::Other => 10.0,
        _ => 12.0,
    }
}

fn node_size(node: &Node) -> Point {
    let text = text::width(&node.text, font_size(node.kind)).ceil();
    match node.kind {
        Kind::Manual | Kind::Lookup => Point::new((text + 20.0).max(46.0), 34.0),
        Kind::Computed | Kind::Imported => Point::new((text * 1.14 + 32.0).max(56.0).ceil(), 38.0),
        Kind::Part => Point::new((text + 16.0).max(34.0), 22.0),
        Kind::Other => Point::new((text + 24.0).max(34.0), 34.0),
        Kind::Collapsed => Point::new((text + 28.0).max(58.0), 44.0),
    }
}
