//! Where columns meet: the first to come lays down the column, later ones must agree with it.

use std::collections::HashMap;

use datajoint_definition::{AttributeLine, DefaultValue, Diagnostic, ForeignKeyLine, Span};

use super::message;
use crate::compatible::{Fit, fit};
use crate::{Attribute, ForeignKey, Index, Lineage, Parent, TableName};

/// Where a column comes from, for messages.
#[derive(Debug, Clone)]
pub(super) struct Origin<'a> {
    /// The reference; `None` for a line of the table's own.
    pub(super) reference: Option<Reference<'a>>,
    /// The line.
    pub(super) span: Span,
}

/// A reference that brings a column in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reference<'a> {
    pub(super) line: &'a ForeignKeyLine,
    pub(super) parent: &'a Parent,
    /// The name in the parent.
    pub(super) attribute: &'a str,
}

impl Origin<'_> {
    /// A line of the table's own.
    pub(super) const fn own(span: Span) -> Self {
        Self { reference: None, span }
    }
}

/// A table in the making.
pub(super) struct Merge<'a> {
    pub(super) name: TableName,
    pub(super) class_name: &'a str,
    pub(super) attributes: Vec<Attribute>,
    /// Where the attribute of a name stands.
    places: HashMap<String, usize>,
    pub(super) origins: Vec<Origin<'a>>,
    pub(super) foreign_keys: Vec<ForeignKey>,
    pub(super) indexes: Vec<Index>,
    pub(super) index_lines: Vec<(Span, usize)>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl<'a> Merge<'a> {
    pub(super) fn new(name: TableName, class_name: &'a str) -> Self {
        Self {
            name,
            class_name,
            attributes: Vec::new(),
            places: HashMap::new(),
            origins: Vec::new(),
            foreign_keys: Vec::new(),
            indexes: Vec::new(),
            index_lines: Vec::new(),
            diagnostics: Vec::new(),
        }
    }

    /// Adds an attribute of the table's own, unless a foreign key brought it already.
    pub(super) fn attribute(&mut self, line: &AttributeLine) {
        let own = |table: &TableName| Lineage { table: table.clone(), attribute: line.name.clone() };
        let attribute = Attribute {
            name: line.name.clone(),
            attribute_type: line.attribute_type.clone(),
            type_text: line.type_text.clone(),
            in_key: line.in_key,
            nullable: line.is_nullable(),
            default: line.default.clone(),
            comment: line.comment.clone(),
            lineage: line.in_key.then(|| own(&self.name)),
            inherited: false,
            column_type: None,
            missing_members: Vec::new(),
        };
        let origin = Origin::own(line.span);
        match self.place(&line.name) {
            None => self.push(attribute, origin),
            Some(place) if self.origins[place].reference.is_some() => {
                if self.meet(place, &attribute, &origin) {
                    self.require(place, line.is_nullable());
                }
            }
            // The parser speaks of a name that is declared twice; the first line holds.
            Some(_) => {}
        }
    }

    pub(super) fn push(&mut self, mut attribute: Attribute, origin: Origin<'a>) {
        if attribute.name == crate::tier_columns::SINGLETON {
            attribute.lineage = Some(Lineage { table: self.name.clone(), attribute: attribute.name.clone() });
        }
        self.places.entry(attribute.name.clone()).or_insert(self.attributes.len());
        self.attributes.push(attribute);
        self.origins.push(origin);
    }

    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// Compares the column at `place` with another that has its name; false when they can't be one.
    pub(super) fn meet(&mut self, place: usize, second: &Attribute, second_origin: &Origin<'_>) -> bool {
        let (first, first_origin) = (&self.attributes[place], &self.origins[place]);
        match fit(&first.attribute_type, &second.attribute_type) {
            Fit::Same => true,
            Fit::Length => {
                let warning = message::lengths((first, first_origin), (second, second_origin));
                self.diagnostics.push(warning);
                true
            }
            Fit::None => {
                let error = message::conflict((first, first_origin), (second, second_origin));
                self.diagnostics.push(error);
                false
            }
        }
    }

    /// Makes the column at `place` non-null unless what joins it may be null too.
    pub(super) fn require(&mut self, place: usize, second_nullable: bool) {
        let attribute = &mut self.attributes[place];
        if attribute.nullable && !second_nullable {
            attribute.nullable = false;
            attribute.default = DefaultValue::Required;
        }
    }
}
