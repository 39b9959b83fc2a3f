//! Where everything stands.
//!
//! Tables stand in ranks, every parent in a rank before its children. Within the layout a place has two
//! coordinates: *along* the flow from parents to children and *across* it. Only at the end do they
//! become x and y, as the direction wants.

use crate::Direction;
use crate::drawing::Drawing;

mod geometry;
mod item;
mod order;
mod place;
mod rank;
mod route;
mod unit;

pub(crate) use geometry::{Point, Rectangle, Segment};
pub(crate) use place::LABEL_SIZE;
pub(crate) use route::is_round;
pub(crate) use unit::font_size;

/// A laid out drawing, in the coordinates of the page.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) size: Point,
    /// One for each node.
    pub(crate) nodes: Vec<Rectangle>,
    /// The backgrounds of masters with their parts.
    pub(crate) entities: Vec<Rectangle>,
    /// One for each schema.
    pub(crate) frames: Vec<Rectangle>,
    /// One for each stroke.
    pub(crate) curves: Vec<Vec<Segment>>,
}

/// Lays out a drawing; the same drawing always the same way.
pub(crate) fn lay_out(drawing: &Drawing, direction: Direction) -> Layout {
    let units = unit::units(drawing, direction);
    let ranks = rank::ranks(drawing, &units);
    let mut items = item::Items::new(drawing, &units, &ranks, direction);
    order::order(&mut items);
    let across = place::across(&items, direction);
    let along = place::along(drawing, &units, &ranks, direction);
    route::finish(drawing, &units, &items, &across, &along, direction)
}
