use std::sync::Arc;

use datajoint_definition::{AttributeType, DefaultValue, OfServer};

use crate::Lineage;

/// One attribute of a table or of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its type.
    pub attribute_type: AttributeType,
    /// The type as the definition writes it.
    pub type_text: String,
    /// True in the primary key.
    pub in_key: bool,
    /// True when it may be null.
    pub nullable: bool,
    /// Its default.
    pub default: DefaultValue,
    /// Its comment; empty when there is none.
    pub comment: String,
    /// Where it was first declared; `None` for secondary attributes and computed values.
    pub lineage: Option<Lineage>,
    /// True when a foreign key brings it in, so that its column carries no type marker.
    pub inherited: bool,
    /// The type of its column as the server names it, quoted, where only the database tells: enums of PostgreSQL.
    pub column_type: Option<String>,
    /// The members of an enum that are in its definition and that its column lacks: no row has one.
    pub missing_members: Vec<String>,
}

impl Attribute {
    /// True where the server computes the value of every row, so that none can be given.
    pub const fn is_generated(&self) -> bool {
        matches!(self.default, DefaultValue::OfServer(OfServer::Generated(_)))
    }

    /// True for names that begin with `_`: kept in the table, shown to nobody.
    pub fn is_hidden(&self) -> bool {
        is_hidden_name(&self.name)
    }
}

/// True for names of attributes that are kept in the table and shown to nobody.
pub fn is_hidden_name(attribute: &str) -> bool {
    attribute.starts_with('_')
}

/// The attributes of a table or of a query, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Heading {
    attributes: Vec<Arc<Attribute>>,
}

impl Heading {
    /// A heading of these attributes.
    pub fn new<A: Into<Arc<Attribute>>>(attributes: Vec<A>) -> Self {
        Self { attributes: attributes.into_iter().map(Into::into).collect() }
    }

    /// Every attribute, hidden ones included.
    pub fn all(&self) -> &[Arc<Attribute>] {
        &self.attributes
    }

    /// The attributes that users see, in order.
    pub fn visible(&self) -> impl Iterator<Item = &Attribute> {
        self.visible_shared().map(AsRef::as_ref)
    }

    /// The same, for queries that keep them.
    pub fn visible_shared(&self) -> impl Iterator<Item = &Arc<Attribute>> {
        self.attributes.iter().filter(|attribute| !attribute.is_hidden())
    }

    /// The attributes of the primary key, hidden ones included, in order.
    pub fn primary_key(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().map(AsRef::as_ref).filter(|attribute: &&Attribute| attribute.in_key)
    }

    /// The visible attributes outside the primary key.
    pub fn secondary(&self) -> impl Iterator<Item = &Attribute> {
        self.visible().filter(|attribute| !attribute.in_key)
    }

    /// The attribute of this name, hidden or not.
    pub fn get(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name).map(AsRef::as_ref)
    }

    /// Appends an attribute.
    pub fn push(&mut self, attribute: impl Into<Arc<Attribute>>) {
        self.attributes.push(attribute.into());
    }

    /// The place of the attribute of this name, hidden or not.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.attributes.iter().position(|attribute| attribute.name == name)
    }
}
