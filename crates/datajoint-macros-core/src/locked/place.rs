//! Where in a definition a difference stands.

use datajoint_definition::{Definition, Line, Span};
use datajoint_schema::{Aspect, Difference, Table};

/// The place of what differs; `None` for what the definition lacks.
pub(super) fn place(definition: &Definition, table: &Table, difference: &Difference) -> Option<Span> {
    match difference.aspect {
        Aspect::Key => definition.lines.iter().map(Line::span).next(),
        Aspect::MissingForeignKey => foreign_key(definition, difference.place?),
        Aspect::MissingIndex => indexes(definition).nth(difference.place?),
        Aspect::ExtraAttribute | Aspect::ExtraForeignKey | Aspect::ExtraIndex => None,
        _ => attribute(definition, table, difference.attribute.as_deref()?),
    }
}

/// The line of an attribute's own, else that of the foreign key that brings it in.
fn attribute(definition: &Definition, table: &Table, name: &str) -> Option<Span> {
    let own = definition.attributes().find(|line| line.name == name).map(|line| line.span);
    own.or_else(|| {
        let mut keys = table.foreign_keys.iter();
        foreign_key(definition, keys.position(|key| key.child_columns().any(|column| column == name))?)
    })
}

fn foreign_key(definition: &Definition, place: usize) -> Option<Span> {
    definition.foreign_keys().nth(place).map(|line| line.span)
}

/// The lines that make an index, in the order in which the table has them.
fn indexes(definition: &Definition) -> impl Iterator<Item = Span> {
    definition.lines.iter().filter_map(|line| match line {
        Line::Index(line) => Some(line.span),
        Line::ForeignKey(line) if line.unique => Some(line.span),
        Line::ForeignKey(_) | Line::Attribute(_) => None,
    })
}
