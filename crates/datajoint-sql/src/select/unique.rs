use std::sync::Arc;

use datajoint_schema::Attribute;

use super::headings::{Shared, Taken, computed};
use super::{Lower, Query};
use crate::{Error, Place, Projected, Result};

/// The attributes of these names as a key.
pub(super) fn attributes(from: &[Shared], names: &[String]) -> Result<Vec<Shared>> {
    let mut key: Vec<Shared> = Vec::with_capacity(names.len());
    for name in names {
        let attribute = from.iter().find(|attribute| attribute.name == *name).ok_or_else(|| {
            Error::unknown(name, Place::Query, from.iter().map(|attribute| attribute.name.as_str()))
        })?;
        if key.iter().any(|known| known.name == *name) {
            return Err(Error::DuplicateAttribute { attribute: name.clone() });
        }
        key.push(if attribute.in_key {
            Arc::clone(attribute)
        } else {
            Arc::new(Attribute { in_key: true, ..(**attribute).clone() })
        });
    }
    Ok(key)
}

/// These attributes as a key, and the values.
pub(super) fn grouped_attributes(
    from: &[Shared],
    by: &[String],
    projected: &[Projected],
) -> Result<Vec<Shared>> {
    let mut all = attributes(from, by)?;
    for part in projected {
        let Projected::Compute { new, text, .. } = part else {
            return Err(Error::Aggregate {
                attribute: part.name().unwrap_or("...").to_owned(),
                advice: "a universal set has the attributes it was made of, and computed ones".to_owned(),
            });
        };
        if all.iter().any(|known| known.name == *new) {
            return Err(Error::DuplicateAttribute { attribute: new.clone() });
        }
        all.push(computed(new, text, from));
    }
    if all.is_empty() {
        return Err(Error::Aggregate {
            attribute: "U()".to_owned(),
            advice: "give at least one value to compute".to_owned(),
        });
    }
    Ok(all)
}

impl Lower {
    /// The different values of some columns.
    pub(super) fn unique(&mut self, query: Query, names: &[String]) -> Result<Query> {
        let from: Vec<Shared> = query.attributes().cloned().collect();
        let key = attributes(&from, names)?;
        // A row of a key is there once, unless a part of it is null, which a union has from both of its sides.
        let is_kept = |attribute: &Shared| names.contains(&attribute.name) && !attribute.nullable;
        let is_unique = from.iter().filter(|attribute| attribute.in_key).all(is_kept);
        let must_wrap =
            (!is_unique && !query.is_flat()) || (query.is_cut() && query.is_ordered_beyond(names));
        let query = if must_wrap { query.wrap(self) } else { query };
        let mut query = query.without_order_unless_cut();
        let columns = key.into_iter().filter_map(|attribute| {
            let column = query.column(&attribute.name)?.clone();
            Some(super::query::Column { attribute, ..column })
        });
        query.columns = columns.collect();
        if names.is_empty() && !is_unique {
            // One row says that there are any; databases disagree on DISTINCT of nothing with a limit.
            query.limit = Some(1);
        } else {
            query.is_distinct |= !is_unique;
        }
        Ok(query)
    }

    pub(super) fn group_by(&mut self, query: Query, by: &[String], projected: &[Projected]) -> Result<Query> {
        let from: Vec<Shared> = query.attributes().cloned().collect();
        let key = grouped_attributes(&from, by, projected)?;
        let mut taken: Vec<Taken<'_>> =
            by.iter().enumerate().map(|(place, name)| Taken::From { place, name }).collect();
        taken.extend(projected.iter().filter_map(|part| match part {
            Projected::Compute { new, text, parameters } => {
                Some(Taken::Compute { name: new, text, parameters })
            }
            _ => None,
        }));
        let by: Vec<&str> = by.iter().map(String::as_str).collect();
        self.grouped(query, (&by, false), &key, &taken)
    }
}
