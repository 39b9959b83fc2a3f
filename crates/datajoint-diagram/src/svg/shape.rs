//! The outlines of nodes.

use super::{number, sides};
use crate::drawing::Kind;
use crate::layout::{Point, Rectangle, is_round};

/// The outline of a node of this kind.
pub(super) fn outline(kind: Kind, place: Rectangle) -> String {
    match kind {
        kind if is_round(kind) => format!(
            "<ellipse cx=\"{}\" cy=\"{}\" rx=\"{}\" ry=\"{}\"/>",
            number(place.middle.x),
            number(place.middle.y),
            number(place.size.x / 2.0),
            number(place.size.y / 2.0)
        ),
        Kind::Collapsed => {
            let behind = |by: f64| format!("<rect {} rx=\"4\"/>", sides(place.moved(Point::new(by, -by))));
            format!("{}{}<rect {} rx=\"4\"/>", behind(6.0), behind(3.0), sides(place))
        }
        Kind::Part => format!("<rect {} rx=\"6\"/>", sides(place)),
        _ => format!("<rect {} rx=\"8\"/>", sides(place)),
    }
}
