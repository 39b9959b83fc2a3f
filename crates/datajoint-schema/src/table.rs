use datajoint_definition::{IndexItem, Tier};

use crate::{Heading, TableName};

/// A table with all that its definition and its ancestors say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its full name in the database.
    pub name: TableName,
    /// Its class: `Spikes`; of a part only its own: `Unit`.
    pub class_name: String,
    /// Its tier; `None` for a table that follows no naming rule of DataJoint.
    pub tier: Option<Tier>,
    /// For a part, the full name of its master.
    pub master: Option<TableName>,
    /// Its comment; empty when there is none.
    pub comment: String,
    /// Its attributes, inherited and hidden ones included, in column order.
    pub heading: Heading,
    /// Its foreign keys, in the order of the definition.
    pub foreign_keys: Vec<ForeignKey>,
    /// Its secondary indexes, in the order of the definition.
    pub indexes: Vec<Index>,
}

/// A reference from a table to a parent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// The parent.
    pub parent: TableName,
    /// Pairs of columns, in the order of the parent's primary key.
    pub columns: Vec<ColumnPair>,
    /// True with the option `nullable`.
    pub nullable: bool,
    /// True with the option `unique`.
    pub unique: bool,
    /// True when the reference stands above `---`.
    pub in_key: bool,
}

impl ForeignKey {
    /// True when a column is named differently in child and parent.
    pub fn is_renamed(&self) -> bool {
        self.columns.iter().any(|pair| pair.child != pair.parent)
    }
}

/// A column of a child and the one it refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnPair {
    /// The name in the child.
    pub child: String,
    /// The name in the parent.
    pub parent: String,
}

/// A secondary index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Its parts, in order.
    pub items: Vec<IndexItem>,
    /// True for a unique index.
    pub unique: bool,
}
