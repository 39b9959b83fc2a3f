//! What attributes a query has, which is the same on every backend.

use std::sync::Arc;

use datajoint_definition::{AttributeType, DefaultValue, NativeCategory, NativeType};
use datajoint_schema::Attribute;

use super::computed_type::{attribute_of, type_of};
pub(crate) use super::shared::Shared;
use crate::{Error, Matching, Place, Projected, Result};

/// The names that both sides have. Fails unless each means the same on both, where it must.
pub(super) fn common<'a>(left: &'a [Shared], right: &[Shared], matching: Matching) -> Result<Vec<&'a str>> {
    let mut names = Vec::new();
    for attribute in left {
        let Some(other) = right.iter().find(|other| other.name == attribute.name) else { continue };
        if matching == Matching::Name {
            names.push(attribute.name.as_str());
            continue;
        }
        match (&attribute.lineage, &other.lineage) {
            (Some(ours), Some(theirs)) if ours == theirs => names.push(attribute.name.as_str()),
            (Some(ours), Some(theirs)) => {
                return Err(Error::DifferentLineage {
                    attribute: attribute.name.clone(),
                    left: ours.clone(),
                    right: theirs.clone(),
                });
            }
            (ours, theirs) => {
                return Err(Error::MissingLineage {
                    attribute: attribute.name.clone(),
                    left: ours.clone().map(Box::new),
                    right: theirs.clone().map(Box::new),
                });
            }
        }
    }
    Ok(names)
}

/// An attribute of a join: its place on the left or on the right, and whether it is in the key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Joined {
    pub(super) side: Side,
    pub(super) place: usize,
    pub(super) in_key: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

impl Joined {
    pub(super) fn attribute(self, left: &[Shared], right: &[Shared]) -> Shared {
        let attributes = if self.side == Side::Left { left } else { right };
        let attribute = &attributes[self.place];
        if attribute.in_key == self.in_key {
            return Arc::clone(attribute);
        }
        Arc::new(Attribute { in_key: self.in_key, ..(**attribute).clone() })
    }
}

/// The attributes of a join, in order. When one side determines the other, its key is the key of the join.
pub(super) fn joined(left: &[Shared], right: &[Shared]) -> Vec<Joined> {
    let determines = |one: &[Shared], other: &[Shared]| {
        other
            .iter()
            .filter(|attribute| attribute.in_key)
            .all(|attribute| one.iter().any(|ours| ours.name == attribute.name))
    };
    if determines(left, right) {
        one_determines((left, Side::Left), (right, Side::Right))
    } else if determines(right, left) {
        one_determines((right, Side::Right), (left, Side::Left))
    } else {
        neither_determines(left, right)
    }
}

type Operand<'a> = (&'a [Shared], Side);

fn has(attributes: &[Shared], name: &str) -> bool {
    attributes.iter().any(|attribute| attribute.name == name)
}

fn places<'a>(
    (attributes, side): Operand<'a>,
    keep: impl Fn(&Shared) -> bool + 'a,
    in_key: bool,
) -> impl Iterator<Item = Joined> + 'a {
    let kept = attributes.iter().enumerate().filter(move |(_, attribute)| keep(attribute));
    kept.map(move |(place, _)| Joined { side, place, in_key })
}

fn one_determines(one: Operand<'_>, other: Operand<'_>) -> Vec<Joined> {
    let ours = one.0;
    places(one, |attribute| attribute.in_key, true)
        .chain(places(one, |attribute| !attribute.in_key, false))
        .chain(places(other, move |attribute| !has(ours, &attribute.name), false))
        .collect()
}

fn neither_determines(left: &[Shared], right: &[Shared]) -> Vec<Joined> {
    let in_key = |attributes: &[Shared], name: &str| {
        attributes.iter().any(|attribute| attribute.in_key && attribute.name == name)
    };
    places((left, Side::Left), |attribute| attribute.in_key, true)
        .chain(places(
            (right, Side::Right),
            |attribute| attribute.in_key && !in_key(left, &attribute.name),
            true,
        ))
        .chain(places(
            (left, Side::Left),
            |attribute| !attribute.in_key && !in_key(right, &attribute.name),
            false,
        ))
        .chain(places(
            (right, Side::Right),
            |attribute| !attribute.in_key && !has(left, &attribute.name),
            false,
        ))
        .collect()
}

/// An attribute of a projection.
#[derive(Debug, Clone, Copy)]
pub(super) enum Taken<'a> {
    /// The attribute at this place, under a name.
    From { place: usize, name: &'a str },
    /// A new value.
    Compute { name: &'a str, text: &'a str, parameters: &'a [crate::Value] },
}

impl Taken<'_> {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::From { name, .. } | Self::Compute { name, .. } => name,
        }
    }

    pub(super) fn attribute(&self, from: &[Shared]) -> Shared {
        match self {
            Self::From { place, name } if from[*place].name == *name => Arc::clone(&from[*place]),
            Self::From { place, name } => {
                Arc::new(Attribute { name: (*name).to_owned(), ..(*from[*place]).clone() })
            }
            Self::Compute { name, text, .. } => computed(name, text, from),
        }
    }
}

/// A value that the database computes: an attribute under another name, of the type of one that it is one of, else of a type
/// not known before.
pub(super) fn computed(name: &str, text: &str, from: &[Shared]) -> Shared {
    let alone = attribute_of(text);
    let itself =
        |attribute: &&Shared| alone.as_ref().is_some_and(|name| attribute.name.eq_ignore_ascii_case(name));
    if let Some(attribute) = from.iter().find(itself) {
        return Arc::new(Attribute {
            name: name.to_owned(),
            in_key: false,
            nullable: true,
            default: DefaultValue::Null,
            comment: text.to_owned(),
            lineage: None,
            ..(**attribute).clone()
        });
    }
    let expression = crate::kind::UNKNOWN_TYPE.to_owned();
    let (attribute_type, type_text) = type_of(text, from).unwrap_or_else(|| {
        let category = NativeCategory::Numeric;
        (AttributeType::Native(NativeType { text: expression.clone(), category }), expression)
    });
    Arc::new(Attribute {
        name: name.to_owned(),
        attribute_type,
        type_text,
        in_key: false,
        nullable: true,
        default: DefaultValue::Null,
        comment: text.to_owned(),
        lineage: None,
        inherited: false,
        column_type: None,
        missing_members: Vec::new(),
    })
}

/// The attributes of a projection, in order: those of the query in their order, then the computed ones.
pub(super) fn projection<'a>(from: &'a [Shared], projected: &'a [Projected]) -> Result<Vec<Taken<'a>>> {
    check_names(from, projected)?;
    let all = projected.iter().any(|part| matches!(part, Projected::All));
    let kept =
        |name: &str| projected.iter().any(|part| matches!(part, Projected::Keep(kept) if kept == name));
    let dropped =
        |name: &str| projected.iter().any(|part| matches!(part, Projected::Drop(drop) if drop == name));
    let mut taken: Vec<Taken<'a>> = Vec::new();
    for (place, attribute) in from.iter().enumerate() {
        let renames: Vec<&'a str> = projected
            .iter()
            .filter_map(|part| match part {
                Projected::Rename { new, old } if *old == attribute.name => Some(new.as_str()),
                _ => None,
            })
            .collect();
        let name = attribute.name.as_str();
        let stays = kept(name) || (renames.is_empty() && (attribute.in_key || (all && !dropped(name))));
        if stays {
            taken.push(Taken::From { place, name });
        }
        taken.extend(renames.into_iter().map(|name| Taken::From { place, name }));
    }
    taken.extend(projected.iter().filter_map(|part| match part {
        Projected::Compute { new, text, parameters } => Some(Taken::Compute { name: new, text, parameters }),
        _ => None,
    }));
    for (place, one) in taken.iter().enumerate() {
        if taken[..place].iter().any(|other| other.name() == one.name()) {
            return Err(Error::DuplicateAttribute { attribute: one.name().to_owned() });
        }
    }
    Ok(taken)
}

fn check_names(from: &[Shared], projected: &[Projected]) -> Result<()> {
    for part in projected {
        let name = match part {
            Projected::Keep(name) | Projected::Drop(name) | Projected::Rename { old: name, .. } => name,
            Projected::All | Projected::Compute { .. } => continue,
        };
        let Some(attribute) = from.iter().find(|attribute| attribute.name == *name) else {
            return Err(Error::unknown(
                name,
                Place::Query,
                from.iter().map(|attribute| attribute.name.as_str()),
            ));
        };
        if matches!(part, Projected::Drop(_)) && attribute.in_key {
            return Err(Error::KeyAttributeDropped { attribute: name.clone() });
        }
    }
    Ok(())
}
