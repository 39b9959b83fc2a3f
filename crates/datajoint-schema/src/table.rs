use std::collections::HashSet;
use std::sync::Arc;

use datajoint_definition::{IndexItem, Tier};

use crate::tier_columns::SINGLETON;
use crate::{Attribute, Heading, Parent, TableName, Unsaid, UnsaidIndex, is_hidden_name};

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
    /// What it has in a database that no definition says, but for how servers fill its attributes, which their defaults tell.
    pub unsaid: Vec<Unsaid>,
}

impl Table {
    /// The names of the primary key, hidden ones included, in order.
    pub fn key_names(&self) -> impl Iterator<Item = &str> {
        self.heading.primary_key().map(|attribute| attribute.name.as_str())
    }

    /// True when the attributes of the primary key that users see tell its rows apart, or it has one row at most. Tables
    /// that other programs made may have no primary key, or hide a part of it.
    pub fn has_visible_key(&self) -> bool {
        let mut hidden = self.key_names().filter(|name| is_hidden_name(name));
        self.key_names().next().is_some() && hidden.all(|name| name == SINGLETON)
    }

    /// The indexes that no definition says.
    pub fn unsaid_indexes(&self) -> impl Iterator<Item = &UnsaidIndex> {
        self.unsaid.iter().filter_map(|unsaid| match unsaid {
            Unsaid::Index(index) => Some(index),
            _ => None,
        })
    }

    /// All that keeps rows apart besides the primary key, whether a definition says it or not.
    pub fn unique_indexes(&self) -> impl Iterator<Item = &Index> {
        let unsaid = self.unsaid_indexes().filter(|index| index.keeps_apart()).map(|unsaid| &unsaid.index);
        self.indexes.iter().filter(|index| index.unique).chain(unsaid)
    }

    /// The attributes of the primary key that no foreign key within the key supplies: what the table
    /// adds to the dimensions of the pipeline. The hidden key of a singleton doesn't count.
    pub fn own_key(&self) -> impl Iterator<Item = &Attribute> {
        let key: HashSet<&str> = self.key_names().collect();
        let supplied: HashSet<&str> = self
            .foreign_keys
            .iter()
            .filter(|foreign_key| foreign_key.child_columns().all(|column| key.contains(column)))
            .flat_map(ForeignKey::child_columns)
            .collect();
        self.heading
            .primary_key()
            .filter(move |attribute| !attribute.is_hidden() && !supplied.contains(attribute.name.as_str()))
    }

    /// Returns the same table in other schemas: its own, and those of all that it refers to.
    ///
    /// ```
    /// # use datajoint_definition::{Tier, parse};
    /// # use datajoint_schema::{Declaration, resolve};
    /// # let (definition, _) = parse("subject_id : int32");
    /// # let declaration = Declaration {
    /// #     schema: "lab", class_name: "Subject", tier: Tier::Manual, definition: &definition, parents: &[], master: None,
    /// # };
    /// let (subject, _) = resolve(&declaration);
    /// let moved = subject.in_schemas(|schema| format!("test_{schema}"));
    /// assert_eq!(moved.name.to_string(), "test_lab.subject");
    /// ```
    #[must_use]
    pub fn in_schemas(&self, schema: impl Fn(&str) -> String) -> Self {
        let moved = |name: &TableName| TableName::new(schema(&name.schema), &name.table);
        let attributes = self.heading.all().iter().map(|attribute| {
            let mut attribute = Arc::clone(attribute);
            if attribute.lineage.is_some() {
                let own = Arc::make_mut(&mut attribute);
                if let Some(lineage) = &mut own.lineage {
                    lineage.table = moved(&lineage.table);
                }
            }
            attribute
        });
        let heading = Heading::new(attributes.collect::<Vec<_>>());
        let mut foreign_keys = self.foreign_keys.clone();
        for foreign_key in &mut foreign_keys {
            foreign_key.parent = moved(&foreign_key.parent);
        }
        let mut unsaid = self.unsaid.clone();
        for fact in &mut unsaid {
            if let Unsaid::Reference(foreign_key) = fact {
                foreign_key.parent = moved(&foreign_key.parent);
            }
        }
        Self {
            name: moved(&self.name),
            master: self.master.as_ref().map(moved),
            heading,
            foreign_keys,
            unsaid,
            ..self.clone()
        }
    }

    /// What a child needs to know of this table.
    pub fn as_parent(&self) -> Parent {
        Parent {
            name: self.name.clone(),
            class_name: self.class_name.clone(),
            key: self.heading.primary_key().cloned().collect(),
        }
    }
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

    /// Its columns in the child, in order.
    pub fn child_columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|pair| pair.child.as_str())
    }

    /// True when it refers to the primary key of its parent, as definitions do.
    pub fn is_to_key(&self, parent: &Table) -> bool {
        let mut columns: Vec<&str> = self.parent_columns().collect();
        let mut key: Vec<&str> = parent.key_names().collect();
        columns.sort_unstable();
        key.sort_unstable();
        columns == key
    }

    /// The columns of the parent that it refers to, in order.
    pub fn parent_columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|pair| pair.parent.as_str())
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

impl Index {
    /// The attributes that it begins with, up to the first expression.
    pub fn leading_attributes(&self) -> impl Iterator<Item = &str> {
        self.items.iter().map_while(|item| match item {
            IndexItem::Attribute(name) => Some(name.as_str()),
            IndexItem::JsonPath { .. } | IndexItem::Expression(_) => None,
        })
    }

    /// Its attributes; `None` when it has a part that is no plain attribute.
    pub fn plain_attributes(&self) -> Option<Vec<&str>> {
        let names: Vec<&str> = self.leading_attributes().collect();
        (names.len() == self.items.len()).then_some(names)
    }
}
