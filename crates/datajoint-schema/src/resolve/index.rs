//! Indexes, checked once all attributes are known.

use datajoint_definition::{AttributeType, CoreType, IndexItem, IndexLine, Span};

use super::column::Merge;
use super::message;
use crate::Index;

impl Merge<'_> {
    /// Adds an index; its attributes may still be to come.
    pub(super) fn index(&mut self, line: &IndexLine) {
        self.index_lines.push((line.span, self.indexes.len()));
        self.indexes.push(Index { items: line.items.clone(), unique: line.unique });
    }

    /// Says which indexes are on attributes that don't exist or can't be indexed that way.
    pub(super) fn check_indexes(&mut self) {
        let faults: Vec<_> = self
            .index_lines
            .iter()
            .filter_map(|&(span, place)| Some((span, self.indexes.get(place)?)))
            .flat_map(|(span, index)| index.items.iter().map(move |item| (span, item)))
            .filter_map(|(span, item)| self.index_fault(span, item))
            .collect();
        self.diagnostics.extend(faults);
    }

    fn index_fault(&self, span: Span, item: &IndexItem) -> Option<datajoint_definition::Diagnostic> {
        let (name, is_path) = match item {
            IndexItem::Attribute(name) => (name.as_str(), false),
            IndexItem::JsonPath { attribute, .. } => (attribute.as_str(), true),
            IndexItem::Expression(text) => (plain_expression(text)?, false),
        };
        let Some(place) = self.place(name) else {
            let names = self.attributes.iter().map(|attribute| attribute.name.as_str());
            return Some(message::unknown_in_index(span, name, names));
        };
        let attribute = &self.attributes[place];
        let is_json = attribute.attribute_type == AttributeType::Core(CoreType::Json);
        (is_path && !is_json).then(|| message::path_into_plain(span, attribute))
    }
}

/// The attribute of `name(10)`, `name desc` and `name asc`; other expressions are the database's affair.
fn plain_expression(text: &str) -> Option<&str> {
    let end = text.find(|character: char| !(character.is_ascii_alphanumeric() || character == '_'))?;
    let (name, rest) = text.split_at(end);
    let rest = rest.trim();
    let is_order = ["asc", "desc"].iter().any(|order| rest.eq_ignore_ascii_case(order));
    let is_prefix = rest
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
        .is_some_and(|length| !length.is_empty() && length.trim().bytes().all(|byte| byte.is_ascii_digit()));
    (!name.is_empty() && (is_order || is_prefix)).then_some(name)
}
