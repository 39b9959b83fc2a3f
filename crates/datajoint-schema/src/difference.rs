//! What differs between a table as declared and as found in a database.

use std::fmt;

use crate::{Attribute, ForeignKey, Index, Table};

mod value;

/// What a [`Difference`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Aspect {
    /// The comment of the table.
    TableComment,
    /// The primary key.
    Key,
    /// An attribute that the database lacks.
    MissingAttribute,
    /// An attribute that only the database has.
    ExtraAttribute,
    /// The type of an attribute.
    Type,
    /// Whether an attribute may be null.
    Nullability,
    /// The default of an attribute.
    Default,
    /// The comment of an attribute.
    Comment,
    /// A foreign key that the database lacks.
    MissingForeignKey,
    /// A foreign key that only the database has.
    ExtraForeignKey,
    /// An index that the database lacks.
    MissingIndex,
    /// An index that only the database has.
    ExtraIndex,
}

impl Aspect {
    /// True for differences that only concern words: nothing behaves differently for them.
    pub const fn is_wording(self) -> bool {
        matches!(self, Self::TableComment | Self::Comment)
    }
}

/// One thing that is declared otherwise than the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it is about.
    pub aspect: Aspect,
    /// The attribute, where it is about one.
    pub attribute: Option<String>,
    /// The difference in words.
    pub message: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// What differs between a table as declared and as found in the database; nothing when they agree.
///
/// `same_default` says whether two attributes have the same value by default. The order of the columns, hidden columns that
/// only the database has, indexes that only support a
/// foreign key, and indexes on expressions, which databases write in their own way, are not compared.
pub fn difference(
    declared: &Table,
    found: &Table,
    same_default: impl Fn(&Attribute, &Attribute) -> bool,
) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut add = |aspect, attribute: Option<&str>, message: String| {
        differences.push(Difference { aspect, attribute: attribute.map(str::to_owned), message });
    };
    if declared.comment != found.comment {
        let message = format!(
            "the comment of the table is declared as `{}`; the database has `{}`",
            declared.comment, found.comment
        );
        add(Aspect::TableComment, None, message);
    }
    let keys = [declared, found].map(|table| table.key_names().collect::<Vec<_>>());
    if keys[0] != keys[1] {
        let [ours, theirs] = keys.map(|key| key.join(", "));
        let message = format!("the primary key is declared as ({ours}); the database has ({theirs})");
        add(Aspect::Key, None, message);
    }
    for attribute in declared.heading.all() {
        match found.heading.get(&attribute.name) {
            None => {
                let Attribute { name, type_text, .. } = &**attribute;
                let message = format!("`{name} : {type_text}` is declared; the database has no such column");
                add(Aspect::MissingAttribute, Some(name), message);
            }
            Some(column) => {
                attribute_differences(attribute, column, same_default(attribute, column), &mut add);
            }
        }
    }
    for column in found.heading.visible().filter(|column| declared.heading.get(&column.name).is_none()) {
        let Attribute { name, type_text, .. } = column;
        let message = format!("the database has the column `{name} : {type_text}`, which is not declared");
        add(Aspect::ExtraAttribute, Some(name), message);
    }
    for foreign_key in without(&declared.foreign_keys, &found.foreign_keys, same_reference) {
        let message =
            format!("the foreign key {} is declared; the database lacks it", reference(foreign_key));
        add(Aspect::MissingForeignKey, None, message);
    }
    for foreign_key in without(&found.foreign_keys, &declared.foreign_keys, same_reference) {
        let message =
            format!("the database has the foreign key {}, which is not declared", reference(foreign_key));
        add(Aspect::ExtraForeignKey, None, message);
    }
    for index in without(&declared.indexes, &found.indexes, same_index) {
        let message = format!("the {} is declared; the database lacks it", index_text(index));
        add(Aspect::MissingIndex, None, message);
    }
    for index in without(&found.indexes, &declared.indexes, same_index) {
        if !supports(index, declared) {
            let message = format!("the database has the {}, which is not declared", index_text(index));
            add(Aspect::ExtraIndex, None, message);
        }
    }
    differences
}

fn attribute_differences(
    attribute: &Attribute,
    column: &Attribute,
    is_same_default: bool,
    add: &mut impl FnMut(Aspect, Option<&str>, String),
) {
    let name = attribute.name.as_str();
    if !value::same_type(attribute, column) {
        let (ours, theirs) = (&attribute.type_text, &column.type_text);
        let message = format!("`{name}` is declared as `{ours}`; the database has `{theirs}`");
        add(Aspect::Type, Some(name), message);
    }
    if attribute.nullable != column.nullable {
        let message = if attribute.nullable {
            format!("`{name}` may be null as declared; the database refuses null")
        } else {
            format!("`{name}` must have a value as declared; the database admits null")
        };
        add(Aspect::Nullability, Some(name), message);
    } else if !attribute.inherited && !is_same_default {
        let (ours, theirs) = (value::words(&attribute.default), value::words(&column.default));
        let message = format!("`{name}` is declared with {ours}; the database has {theirs}");
        add(Aspect::Default, Some(name), message);
    }
    // Not every database keeps the comments of inherited columns, and no one can give a column of SQLite one by hand.
    if !attribute.inherited && value::stored_as(column).is_none() && attribute.comment != column.comment {
        let (ours, theirs) = (&attribute.comment, &column.comment);
        let message = format!("the comment of `{name}` is declared as `{ours}`; the database has `{theirs}`");
        add(Aspect::Comment, Some(name), message);
    }
}

/// What stands in `first` and not in `second`.
fn without<'a, T>(first: &'a [T], second: &[T], same: impl Fn(&T, &T) -> bool) -> Vec<&'a T> {
    first.iter().filter(|one| !second.iter().any(|other| same(one, other))).collect()
}

fn same_reference(first: &ForeignKey, second: &ForeignKey) -> bool {
    first.parent == second.parent
        && first.columns.len() == second.columns.len()
        && first.columns.iter().all(|pair| second.columns.contains(pair))
}

fn reference(foreign_key: &ForeignKey) -> String {
    let children: Vec<_> = foreign_key.child_columns().collect();
    let parents: Vec<_> = foreign_key.parent_columns().collect();
    format!("({}) -> {} ({})", children.join(", "), foreign_key.parent, parents.join(", "))
}

fn same_index(first: &Index, second: &Index) -> bool {
    let (Some(ours), Some(theirs)) = (first.plain_attributes(), second.plain_attributes()) else {
        return true;
    };
    first.unique == second.unique && ours == theirs
}

fn index_text(index: &Index) -> String {
    let kind = if index.unique { "unique index" } else { "index" };
    format!("{kind} on ({})", index.plain_attributes().unwrap_or_default().join(", "))
}

/// True for an index that only makes a foreign key of the table fast.
fn supports(index: &Index, table: &Table) -> bool {
    let Some(columns) = index.plain_attributes() else { return true };
    let is_reference = |foreign_key: &ForeignKey| foreign_key.child_columns().eq(columns.iter().copied());
    !index.unique && table.foreign_keys.iter().any(is_reference)
}
