//! The heading of a query, which is the same on every backend.

use super::headings::{common, joined, projection};
use super::shared::Shared;
use super::{aggregate, extend, union, unique};
use crate::{Expression, Result};

/// The visible attributes of a query, in order.
pub(super) fn attributes(expression: &Expression) -> Result<Vec<Shared>> {
    match expression {
        Expression::Table(table) => Ok(table.heading.visible_shared().cloned().collect()),
        Expression::Restrict { from, .. } | Expression::Top { from, .. } => attributes(from),
        Expression::Join { left, right, matching } => {
            let (left, right) = (attributes(left)?, attributes(right)?);
            common(&left, &right, *matching)?;
            let places = joined(&left, &right);
            Ok(places.into_iter().map(|place| place.attribute(&left, &right)).collect())
        }
        Expression::Project { from, attributes: projected } => {
            let all = attributes(from)?;
            let taken = projection(&all, projected).map_err(|error| error.within(from))?;
            Ok(taken.into_iter().map(|taken| taken.attribute(&all)).collect())
        }
        Expression::Extend { left, right } => extend::attributes(&attributes(left)?, &attributes(right)?),
        Expression::Aggregate { groups, of, attributes: projected, .. } => {
            aggregate::attributes(&attributes(groups)?, &attributes(of)?, projected)
                .map_err(|error| error.within(groups))
        }
        Expression::Union { left, right } => union::attributes(&attributes(left)?, &attributes(right)?),
        Expression::Unique { from, attributes: names } => {
            unique::attributes(&attributes(from)?, names).map_err(|error| error.within(from))
        }
        Expression::GroupBy { of, by, attributes: projected } => {
            unique::grouped_attributes(&attributes(of)?, by, projected).map_err(|error| error.within(of))
        }
    }
}
