use crate::Direction;

/// A place, or a size.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
}

impl Point {
    pub(crate) const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    /// The point at these places across and along the flow.
    pub(crate) const fn of(across: f64, along: f64, direction: Direction) -> Self {
        match direction {
            Direction::TopToBottom => Self::new(across, along),
            Direction::LeftToRight => Self::new(along, across),
        }
    }

    /// How far it is across the flow.
    pub(crate) const fn across(self, direction: Direction) -> f64 {
        match direction {
            Direction::TopToBottom => self.x,
            Direction::LeftToRight => self.y,
        }
    }

    /// How far it is along the flow.
    pub(crate) const fn along(self, direction: Direction) -> f64 {
        match direction {
            Direction::TopToBottom => self.y,
            Direction::LeftToRight => self.x,
        }
    }

    pub(crate) fn moved(self, by: Self) -> Self {
        Self::new(self.x + by.x, self.y + by.y)
    }
}

/// A box by its middle and its size.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Rectangle {
    pub(crate) middle: Point,
    pub(crate) size: Point,
}

impl Rectangle {
    /// The box between two corners.
    pub(crate) fn between(low: Point, high: Point) -> Self {
        Self {
            middle: Point::new(f64::midpoint(low.x, high.x), f64::midpoint(low.y, high.y)),
            size: Point::new(high.x - low.x, high.y - low.y),
        }
    }

    /// The corner with the smallest coordinates.
    pub(crate) fn low(&self) -> Point {
        Point::new(self.middle.x - self.size.x / 2.0, self.middle.y - self.size.y / 2.0)
    }

    /// The corner with the largest coordinates.
    pub(crate) fn high(&self) -> Point {
        Point::new(self.middle.x + self.size.x / 2.0, self.middle.y + self.size.y / 2.0)
    }

    /// The smallest box around both.
    pub(crate) fn around(self, other: Self) -> Self {
        let (low, high) = (self.low(), self.high());
        let (other_low, other_high) = (other.low(), other.high());
        Self::between(
            Point::new(low.x.min(other_low.x), low.y.min(other_low.y)),
            Point::new(high.x.max(other_high.x), high.y.max(other_high.y)),
        )
    }

    pub(crate) fn moved(self, by: Point) -> Self {
        Self { middle: self.middle.moved(by), ..self }
    }
}

/// A piece of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Segment {
    /// The start.
    Move(Point),
    /// Straight on.
    Line(Point),
    /// A cubic curve by its two controls and its end.
    Curve(Point, Point, Point),
}

impl Segment {
    pub(crate) fn moved(self, by: Point) -> Self {
        match self {
            Self::Move(point) => Self::Move(point.moved(by)),
            Self::Line(point) => Self::Line(point.moved(by)),
            Self::Curve(first, second, end) => Self::Curve(first.moved(by), second.moved(by), end.moved(by)),
        }
    }

    /// The points that bound it.
    pub(crate) fn points(self) -> Vec<Point> {
        match self {
            Self::Move(point) | Self::Line(point) => vec![point],
            Self::Curve(first, second, end) => vec![first, second, end],
        }
    }
}
