//! What a reference brings into a table.

use datajoint_definition::{DefaultValue, ForeignKeyLine, IndexItem, Rename, Span};

use super::column::{Merge, Origin, Reference};
use super::message;
use crate::{Attribute, ColumnPair, ForeignKey, Index, Lineage, Parent};

impl<'a> Merge<'a> {
    /// Adds a reference with the columns that the table lacks for it.
    pub(super) fn foreign_key(&mut self, line: &'a ForeignKeyLine, parent: &'a Parent) {
        if parent.name == self.name {
            self.diagnostics.push(message::self_reference(line, self.class_name));
            return;
        }
        let key: Vec<&'a Attribute> = parent.key.iter().filter(|attribute| !attribute.is_hidden()).collect();
        if key.is_empty() {
            self.diagnostics.push(message::parent_without_key(line, parent));
            return;
        }
        let Some(pairs) = self.pairs(line, parent, &key) else { return };

        for (name, source) in &pairs {
            self.inherit(line, parent, name, source);
        }
        if line.nullable && !line.in_key && pairs.iter().all(|(name, _)| self.is_in_key(name)) {
            self.diagnostics.push(message::nullable_without_effect(line));
        }
        if line.unique {
            self.indexes.push(Index {
                items: pairs.iter().map(|(name, _)| IndexItem::Attribute(name.clone())).collect(),
                unique: true,
            });
        }
        self.foreign_keys.push(ForeignKey {
            parent: parent.name.clone(),
            columns: pairs
                .into_iter()
                .map(|(child, source)| ColumnPair { child, parent: source.name.clone() })
                .collect(),
            nullable: line.nullable,
            unique: line.unique,
            in_key: line.in_key,
        });
    }

    /// The name that each attribute of the parent's key has here; `None` when that can't be said.
    fn pairs<'k>(
        &mut self,
        line: &ForeignKeyLine,
        parent: &Parent,
        key: &[&'k Attribute],
    ) -> Option<Vec<(String, &'k Attribute)>> {
        let faults = self.diagnostics.len();
        for rename in &line.renames {
            if !key.iter().any(|attribute| attribute.name == source_of(rename)) {
                self.diagnostics.push(message::unknown_rename(rename, parent, key));
            }
        }
        let mut pairs: Vec<(String, &Attribute)> = Vec::new();
        for attribute in key {
            let renames = || line.renames.iter().filter(|rename| source_of(rename) == attribute.name);
            let kept = renames().all(is_copy).then(|| attribute.name.clone());
            // Python lists copies after renames.
            let renamed = renames().filter(|rename| !is_copy(rename));
            let names = renamed.chain(renames().filter(|rename| is_copy(rename)));
            for name in kept.into_iter().chain(names.map(|rename| rename.new.clone())) {
                if pairs.iter().any(|(taken, _)| *taken == name) {
                    self.diagnostics.push(message::name_taken(line, parent, &name));
                } else {
                    pairs.push((name, attribute));
                }
            }
        }
        (self.diagnostics.len() == faults).then_some(pairs)
    }

    fn inherit(&mut self, line: &'a ForeignKeyLine, parent: &'a Parent, name: &str, source: &'a Attribute) {
        let lineage = source
            .lineage
            .clone()
            .unwrap_or_else(|| Lineage { table: parent.name.clone(), attribute: source.name.clone() });
        let attribute = Attribute {
            name: name.to_owned(),
            in_key: line.in_key,
            nullable: line.nullable,
            default: if line.nullable { DefaultValue::Null } else { DefaultValue::Required },
            lineage: Some(lineage.clone()),
            inherited: true,
            ..source.clone()
        };
        let reference = Reference { line, parent, attribute: &source.name };
        let origin = Origin { reference: Some(reference), span: line.span };
        let Some(place) = self.place(name) else {
            self.push(attribute, origin);
            return;
        };
        if !self.meet(place, &attribute, &origin) {
            return;
        }
        if !line.nullable && self.attributes[place].nullable && self.origins[place].reference.is_none() {
            self.diagnostics.push(message::null_overruled(line, name));
        }
        self.require(place, line.nullable);
        // As in Python, the last reference says where the attribute comes from.
        self.attributes[place].lineage = Some(lineage);
    }

    /// Warns of a part whose key refers neither to its master nor to another part of it.
    pub(super) fn check_master(&mut self, master: &Parent, span: Span) {
        let sibling = format!("{}__", master.name.table);
        let is_kin = |foreign_key: &ForeignKey| {
            foreign_key.in_key
                && foreign_key.parent.schema == master.name.schema
                && (foreign_key.parent == master.name || foreign_key.parent.table.starts_with(&sibling))
        };
        if !self.foreign_keys.iter().any(is_kin) {
            self.diagnostics.push(message::part_beside_master(self.class_name, &master.class_name, span));
        }
    }

    fn is_in_key(&self, name: &str) -> bool {
        self.place(name).is_some_and(|place| self.attributes[place].in_key)
    }
}

/// True for `new='(old)'`, which takes the attribute a second time beside its first.
fn is_copy(rename: &Rename) -> bool {
    rename.old.trim_start().starts_with('(')
}

/// The attribute of the parent that a rename speaks of.
pub(super) fn source_of(rename: &Rename) -> &str {
    rename.old.trim_matches(|character: char| matches!(character, '(' | ')') || character.is_whitespace())
}
