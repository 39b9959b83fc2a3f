use std::sync::Arc;

use datajoint_schema::Attribute;

use super::headings::{Shared, common};
use super::query::Column;
use super::{Lower, Query};
use crate::backends::dialect;
use crate::{Error, Matching, Result};

/// The attributes of the left side, and those that the right side adds. Fails unless a row of the left side has one
/// match at most.
pub(super) fn attributes(left: &[Shared], right: &[Shared]) -> Result<Vec<Shared>> {
    common(left, right, Matching::Lineage)?;
    let lacks = |attribute: &&Shared| attribute.in_key && !has(left, &attribute.name);
    let missing: Vec<String> = right.iter().filter(lacks).map(|attribute| attribute.name.clone()).collect();
    if missing.is_empty() {
        return Ok(with_optional(left, right));
    }
    Err(Error::MissingKey {
        operation: "to extend",
        side: "left",
        missing,
        advice: "one row could have many matches; join or aggregate instead",
    })
}

fn has(attributes: &[Shared], name: &str) -> bool {
    attributes.iter().any(|attribute| attribute.name == name)
}

/// Those of the left side, and those that the right side adds, which may be null.
fn with_optional(left: &[Shared], right: &[Shared]) -> Vec<Shared> {
    let added = right.iter().filter(|attribute| !has(left, &attribute.name));
    left.iter().cloned().chain(added.map(optional)).collect()
}

pub(super) fn optional(attribute: &Shared) -> Shared {
    if !attribute.in_key && attribute.nullable {
        return Arc::clone(attribute);
    }
    Arc::new(Attribute { in_key: false, nullable: true, ..(**attribute).clone() })
}

impl Lower {
    pub(super) fn extend(&mut self, left: Query, right: Query) -> Result<Query> {
        let [ours, theirs] = [&left, &right].map(|query| query.attributes().cloned().collect::<Vec<_>>());
        attributes(&ours, &theirs)?;
        self.left_join(left, right)
    }

    /// Every row of the left side with each of its matches on the right side, or with nulls.
    pub(super) fn left_join(&mut self, left: Query, right: Query) -> Result<Query> {
        let (left, right) = (left.without_order_unless_cut(), right.without_order_unless_cut());
        let [ours, theirs] = [&left, &right].map(|query| query.attributes().cloned().collect::<Vec<_>>());
        let common = common(&ours, &theirs, Matching::Lineage)?;
        // Its own conditions come before the match, and what it computes is null where there is none.
        let must_wrap = right.sources.len() > 1
            || !right.conditions.is_empty()
            || right.columns.iter().any(Column::is_computed);
        let mut right = right;
        if right.has_computed() && !right.is_cut() {
            right.limit = dialect(self.backend).limit_of_computed();
        }
        let right = if must_wrap { right.wrap(self) } else { right };
        let (left, mut right) = self.side_by_side(left, right, &common);

        let mut query = left;
        for column in right.columns {
            if !has(&ours, &column.attribute.name) {
                query.columns.push(Column { attribute: optional(&column.attribute), ..column });
            }
        }
        for source in &mut right.sources {
            source.is_optional = true;
            source.using = common.iter().map(|name| (*name).to_owned()).collect();
        }
        query.sources.append(&mut right.sources);
        self.check_sources(&query.sources)?;
        query.names_sources |= right.names_sources;
        query.order.clear();
        Ok(query)
    }
}
