use crate::{ColumnPair, ForeignKey, Table, TableName};

/// A foreign key as an edge of the [`Graph`](crate::Graph).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The table referred to.
    pub parent: TableName,
    /// The table that refers.
    pub child: TableName,
    /// Pairs of columns, in the order of the parent's primary key.
    pub columns: Vec<ColumnPair>,
    /// True when all its columns stand in the child's primary key.
    pub primary: bool,
    /// True when many rows of the child may share a parent: its columns are not the child's whole key.
    pub multi: bool,
    /// True when a row of the child may have no parent.
    pub nullable: bool,
}

impl Edge {
    pub(super) fn new(child: &Table, foreign_key: &ForeignKey) -> Self {
        let mut key: Vec<&str> = child.key_names().collect();
        let mut columns: Vec<&str> = foreign_key.child_columns().collect();
        key.sort_unstable();
        columns.sort_unstable();
        Self {
            parent: foreign_key.parent.clone(),
            child: child.name.clone(),
            columns: foreign_key.columns.clone(),
            primary: columns.iter().all(|column| key.contains(column)),
            multi: columns != key,
            nullable: foreign_key.nullable,
        }
    }

    /// True when a column is named differently in child and parent.
    pub fn is_renamed(&self) -> bool {
        self.columns.iter().any(|pair| pair.child != pair.parent)
    }

    /// The column of the child that refers to this one of the parent, or the first of them.
    pub fn child_of(&self, parent_column: &str) -> Option<&str> {
        self.columns.iter().find(|pair| pair.parent == parent_column).map(|pair| pair.child.as_str())
    }
}
