//! The file as it is written.

use datajoint_definition::{DefaultValue, IndexLine, Span};
use datajoint_schema::{Attribute, ForeignKey, Index, Table};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Hash;

/// The version of the file that this release writes and reads.
pub(crate) const VERSION: u64 = 1;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableShape {
    pub(crate) hash: String,
    pub(crate) class: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tier: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) master: Option<String>,
    pub(crate) attributes: Vec<AttributeShape>,
    #[serde(default)]
    pub(crate) foreign_keys: Vec<ForeignKeyShape>,
    #[serde(default)]
    pub(crate) indexes: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools, reason = "each is a word of the file that stands there or not")]
pub(crate) struct AttributeShape {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) type_text: String,
    #[serde(default, skip_serializing_if = "is_not")]
    pub(crate) key: bool,
    #[serde(default, skip_serializing_if = "is_not")]
    pub(crate) nullable: bool,
    /// The default, where it is a value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) default: Option<String>,
    /// True where the default is the moment of the insert.
    #[serde(default, skip_serializing_if = "is_not")]
    pub(crate) now: bool,
    #[serde(default, skip_serializing_if = "is_not")]
    pub(crate) inherited: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) lineage: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ForeignKeyShape {
    pub(crate) parent: String,
    /// The name in the child, and that in the parent.
    pub(crate) columns: Map<String, Value>,
    #[serde(default, skip_serializing_if = "is_not")]
    pub(crate) key: bool,
    #[serde(default, skip_serializing_if = "is_not")]
    pub(crate) nullable: bool,
    #[serde(default, skip_serializing_if = "is_not")]
    pub(crate) unique: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_not(truth: &bool) -> bool {
    !truth
}

impl TableShape {
    pub(crate) fn of(table: &Table, hash: Option<Hash>) -> Self {
        Self {
            hash: hash.map(|hash| hash.to_string()).unwrap_or_default(),
            class: table.class_name.clone(),
            tier: table.tier.map(|tier| tier.name().to_owned()),
            master: table.master.as_ref().map(ToString::to_string),
            attributes: table.heading.all().iter().map(|attribute| attribute_shape(attribute)).collect(),
            foreign_keys: table.foreign_keys.iter().map(foreign_key_shape).collect(),
            indexes: table.indexes.iter().map(index_text).collect(),
        }
    }
}

fn attribute_shape(attribute: &Attribute) -> AttributeShape {
    let default = match &attribute.default {
        DefaultValue::Value(text) => Some(text.clone()),
        DefaultValue::Required
        | DefaultValue::Null
        | DefaultValue::CurrentTimestamp { .. }
        | DefaultValue::OfServer(_) => None,
    };
    AttributeShape {
        name: attribute.name.clone(),
        type_text: attribute.type_text.clone(),
        key: attribute.in_key,
        nullable: attribute.nullable,
        default,
        now: matches!(attribute.default, DefaultValue::CurrentTimestamp { .. }),
        inherited: attribute.inherited,
        lineage: attribute.lineage.as_ref().map(ToString::to_string),
    }
}

fn foreign_key_shape(foreign_key: &ForeignKey) -> ForeignKeyShape {
    let pairs = foreign_key.columns.iter().map(|pair| (pair.child.clone(), pair.parent.clone().into()));
    ForeignKeyShape {
        parent: foreign_key.parent.to_string(),
        columns: pairs.collect(),
        key: foreign_key.in_key,
        nullable: foreign_key.nullable,
        unique: foreign_key.unique,
    }
}

/// An index as a definition writes it.
fn index_text(index: &Index) -> String {
    IndexLine { unique: index.unique, items: index.items.clone(), span: Span::default() }.to_string()
}
