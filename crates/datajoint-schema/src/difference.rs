//! What differs between a table as declared and as found in a database.

use std::fmt;

use datajoint_definition::{AttributeType, CoreType};

use crate::{Attribute, ForeignKey, Index, Table};

mod sides;
mod tables;
mod value;

pub use sides::Side;
pub use tables::{TableComparison, Verdict, compare_tables};

/// What a [`Difference`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Aspect {
    /// The comment of the table.
    TableComment,
    /// Who fills the table.
    Tier,
    /// The primary key.
    Key,
    /// An attribute that the second lacks.
    MissingAttribute,
    /// An attribute that only the second has.
    ExtraAttribute,
    /// A hidden attribute that only the second has, such as the columns of a table's jobs.
    ExtraHiddenAttribute,
    /// The order of the columns that both have.
    Order,
    /// The type of an attribute.
    Type,
    /// The members of an enum.
    Members,
    /// The order of the members of an enum, by which databases sort.
    MemberOrder,
    /// How the comment of a column names its type; the values are the same.
    Marker,
    /// Where an attribute was first declared: whether it is joined with others of its name.
    Lineage,
    /// Whether an attribute may be null.
    Nullability,
    /// The default of an attribute.
    Default,
    /// The comment of an attribute.
    Comment,
    /// A foreign key that the second lacks.
    MissingForeignKey,
    /// A foreign key that only the second has.
    ExtraForeignKey,
    /// An index that the second lacks.
    MissingIndex,
    /// An index that only the second has.
    ExtraIndex,
}

impl Aspect {
    /// Returns the word for it in documents: `missing-attribute`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::TableComment => "table-comment",
            Self::Tier => "tier",
            Self::Key => "key",
            Self::MissingAttribute => "missing-attribute",
            Self::ExtraAttribute => "extra-attribute",
            Self::ExtraHiddenAttribute => "extra-hidden-attribute",
            Self::Order => "order",
            Self::Type => "type",
            Self::Members => "members",
            Self::MemberOrder => "member-order",
            Self::Marker => "marker",
            Self::Lineage => "lineage",
            Self::Nullability => "nullability",
            Self::Default => "default",
            Self::Comment => "comment",
            Self::MissingForeignKey => "missing-foreign-key",
            Self::ExtraForeignKey => "extra-foreign-key",
            Self::MissingIndex => "missing-index",
            Self::ExtraIndex => "extra-index",
        }
    }

    /// True for differences that only concern words: nothing behaves differently for them.
    pub const fn is_wording(self) -> bool {
        matches!(self, Self::TableComment | Self::Comment)
    }

    /// True for differences that no program and no query meets: those of words, the order of columns, hidden columns that only
    /// the second has, and how a comment names a type whose values are the same.
    pub const fn is_harmless(self) -> bool {
        self.is_wording() || matches!(self, Self::Order | Self::ExtraHiddenAttribute | Self::Marker)
    }
}

/// One thing that the first of two tables has otherwise than the second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it is about.
    pub aspect: Aspect,
    /// The attribute, where it is about one.
    pub attribute: Option<String>,
    /// The foreign key or the index, where it is about one, by its place among those of the table that has it.
    pub place: Option<usize>,
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
/// `same_default` says whether two attributes have the same value by default. Indexes that only support a
/// foreign key, and indexes on expressions, which databases write in their own way, are not compared.
pub fn difference(
    declared: &Table,
    found: &Table,
    same_default: impl Fn(&Attribute, &Attribute) -> bool,
) -> Vec<Difference> {
    difference_between([Side::Code, Side::Database], declared, found, same_default)
}

/// What differs between a table of one side and the same one of another, in the words of these sides.
///
/// The rest is as for [`difference`].
pub fn difference_between(
    sides: [Side; 2],
    first: &Table,
    second: &Table,
    same_default: impl Fn(&Attribute, &Attribute) -> bool,
) -> Vec<Difference> {
    let mut comparison = Comparison { sides, differences: Vec::new() };
    comparison.table(first, second);
    for attribute in first.heading.all() {
        match second.heading.get(&attribute.name) {
            None => comparison.missing_attribute(attribute),
            Some(column) => comparison.attribute(attribute, column, same_default(attribute, column)),
        }
    }
    for column in second.heading.all().iter().filter(|column| first.heading.get(&column.name).is_none()) {
        comparison.extra_attribute(column);
    }
    comparison.foreign_keys(first, second);
    comparison.indexes(first, second);
    comparison.unsaid(first, second);
    if sides.contains(&Side::Lock) {
        // It keeps neither comments nor how types are spelt.
        let is_kept = |aspect: Aspect| !aspect.is_wording() && aspect != Aspect::Marker;
        comparison.differences.retain(|difference| is_kept(difference.aspect));
    }
    comparison.differences
}

struct Comparison {
    sides: [Side; 2],
    differences: Vec<Difference>,
}

impl Comparison {
    fn add(&mut self, aspect: Aspect, attribute: Option<&str>, message: String) {
        self.differences.push(Difference {
            aspect,
            attribute: attribute.map(str::to_owned),
            place: None,
            message,
        });
    }

    /// The same of the foreign key or the index at this place.
    fn add_at(&mut self, aspect: Aspect, place: usize, message: String) {
        self.differences.push(Difference { aspect, attribute: None, place: Some(place), message });
    }

    /// How the first side has it, and the second by its name.
    fn words(&self) -> (&'static str, &'static str) {
        let [first, second] = self.sides;
        (first.participle(), second.name())
    }

    fn table(&mut self, first: &Table, second: &Table) {
        let (declared, database) = self.words();
        if first.comment != second.comment {
            let (ours, theirs) = (&first.comment, &second.comment);
            let message =
                format!("the comment of the table is {declared} as `{ours}`; {database} has `{theirs}`");
            self.add(Aspect::TableComment, None, message);
        }
        if let (Some(ours), Some(theirs)) = (first.tier, second.tier)
            && ours != theirs
        {
            let message = format!("the table is {declared} as {ours}; {database} has a {theirs} table");
            self.add(Aspect::Tier, None, message);
        }
        let keys = [first, second].map(|table| table.key_names().collect::<Vec<_>>());
        if keys[0] != keys[1] {
            let [ours, theirs] = keys.map(|key| key.join(", "));
            let message = format!("the primary key is {declared} as ({ours}); {database} has ({theirs})");
            self.add(Aspect::Key, None, message);
        }
        let orders = [(first, second), (second, first)].map(|(table, other)| {
            let names = table.heading.secondary().map(|attribute| attribute.name.as_str());
            let is_of_both = |name: &&str| other.heading.get(name).is_some_and(|attribute| !attribute.in_key);
            names.filter(is_of_both).collect::<Vec<_>>()
        });
        if orders[0] != orders[1] {
            let [ours, theirs] = orders.map(|names| names.join(", "));
            let message =
                format!("the columns are {declared} in the order ({ours}); {database} has ({theirs})");
            self.add(Aspect::Order, None, message);
        }
    }

    fn missing_attribute(&mut self, attribute: &Attribute) {
        let (declared, database) = self.words();
        let Attribute { name, type_text, .. } = attribute;
        let message = format!("`{name} : {type_text}` is {declared}; {database} has no such column");
        self.add(Aspect::MissingAttribute, Some(name), message);
    }

    fn extra_attribute(&mut self, column: &Attribute) {
        let (declared, database) = self.words();
        let Attribute { name, type_text, .. } = column;
        let message = format!("{database} has the column `{name} : {type_text}`, which is not {declared}");
        let is_hidden = column.is_hidden() && !column.in_key;
        let aspect = if is_hidden { Aspect::ExtraHiddenAttribute } else { Aspect::ExtraAttribute };
        self.add(aspect, Some(name), message);
    }

    fn attribute(&mut self, attribute: &Attribute, column: &Attribute, is_same_default: bool) {
        let (declared, database) = self.words();
        let name = attribute.name.as_str();
        if let Some(aspect) = type_aspect(attribute, column) {
            let (ours, theirs) = (&attribute.type_text, &column.type_text);
            let message = format!("`{name}` is {declared} as `{ours}`; {database} has `{theirs}`");
            self.add(aspect, Some(name), message);
        }
        if attribute.nullable != column.nullable {
            let message = if attribute.nullable {
                format!("`{name}` may be null as {declared}; {database} refuses null")
            } else {
                format!("`{name}` must have a value as {declared}; {database} admits null")
            };
            self.add(Aspect::Nullability, Some(name), message);
        } else if !attribute.inherited && !is_same_default {
            let (ours, theirs) = (value::words(&attribute.default), value::words(&column.default));
            let message = format!("`{name}` is {declared} with {ours}; {database} has {theirs}");
            self.add(Aspect::Default, Some(name), message);
        }
        // Not every database keeps the comments of inherited columns, and no one can give a column of SQLite one by hand.
        if !attribute.inherited && value::stored_as(column).is_none() && attribute.comment != column.comment {
            let (ours, theirs) = (&attribute.comment, &column.comment);
            let message =
                format!("the comment of `{name}` is {declared} as `{ours}`; {database} has `{theirs}`");
            self.add(Aspect::Comment, Some(name), message);
        }
        if attribute.lineage != column.lineage {
            let words = |attribute: &Attribute| {
                attribute
                    .lineage
                    .as_ref()
                    .map_or_else(|| "no lineage".to_owned(), |from| format!("the lineage `{from}`"))
            };
            let (ours, theirs) = (words(attribute), words(column));
            let message = format!("`{name}` is {declared} with {ours}; {database} has {theirs}");
            self.add(Aspect::Lineage, Some(name), message);
        }
    }

    fn foreign_keys(&mut self, first: &Table, second: &Table) {
        let (declared, database) = self.words();
        for (place, foreign_key) in without(&first.foreign_keys, &second.foreign_keys, same_reference) {
            let key = reference(foreign_key);
            let message = format!("the foreign key {key} is {declared}; {database} lacks it");
            self.add_at(Aspect::MissingForeignKey, place, message);
        }
        for (place, foreign_key) in without(&second.foreign_keys, &first.foreign_keys, same_reference) {
            let key = reference(foreign_key);
            let message = format!("{database} has the foreign key {key}, which is not {declared}");
            self.add_at(Aspect::ExtraForeignKey, place, message);
        }
    }

    fn indexes(&mut self, first: &Table, second: &Table) {
        let (declared, database) = self.words();
        for (place, index) in without(&first.indexes, &second.indexes, same_index) {
            let message = format!("the {} is {declared}; {database} lacks it", index_text(index));
            self.add_at(Aspect::MissingIndex, place, message);
        }
        for (place, index) in without(&second.indexes, &first.indexes, same_index) {
            if !supports(index, first) {
                let message = format!("{database} has the {}, which is not {declared}", index_text(index));
                self.add_at(Aspect::ExtraIndex, place, message);
            }
        }
    }

    /// Indexes that no definition says.
    fn unsaid(&mut self, first: &Table, second: &Table) {
        let (declared, database) = self.words();
        for index in second.unsaid_indexes().filter(|index| !first.unsaid_indexes().any(|one| one == *index))
        {
            let message = format!("{database} has the {index}, which is not {declared}");
            self.add(Aspect::ExtraIndex, None, message);
        }
    }
}

/// What about the types of two columns differs, if anything does.
fn type_aspect(first: &Attribute, second: &Attribute) -> Option<Aspect> {
    if value::same_type(first, second) {
        // Columns of foreign keys have no marker of their own.
        let is_marked = !first.inherited && !second.inherited && value::stored_as(second).is_none();
        return (is_marked && !value::same_spelling(first, second)).then_some(Aspect::Marker);
    }
    let members = |attribute: &'_ Attribute| match &attribute.attribute_type {
        AttributeType::Core(CoreType::Enum(members)) => {
            let mut sorted = members.clone();
            sorted.sort();
            Some(sorted)
        }
        _ => None,
    };
    Some(match (members(first), members(second)) {
        (Some(ours), Some(theirs)) if ours == theirs => Aspect::MemberOrder,
        (Some(_), Some(_)) => Aspect::Members,
        _ => Aspect::Type,
    })
}

/// What stands in `first` and not in `second`.
fn without<'a, T>(first: &'a [T], second: &[T], same: impl Fn(&T, &T) -> bool) -> Vec<(usize, &'a T)> {
    first.iter().enumerate().filter(|(_, one)| !second.iter().any(|other| same(one, other))).collect()
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
