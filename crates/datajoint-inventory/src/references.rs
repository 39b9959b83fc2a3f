//! What rows refer to.

use datajoint_codec::{Codecs, Reference};
use datajoint_definition::{AttributeType, CodecType, Store as Place};
use datajoint_schema::Heading;
use datajoint_sql::{Value, show_value};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// An attribute whose objects lie in stores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAttribute {
    /// Its name.
    pub name: String,
    /// Its codec.
    pub codec: CodecType,
}

/// The attributes of a table whose objects lie in stores.
pub fn attributes(heading: &Heading) -> Vec<StoredAttribute> {
    let of_store = |attribute: &datajoint_schema::Attribute| match &attribute.attribute_type {
        AttributeType::Codec(codec) if codec.store != Place::Table => {
            Some(StoredAttribute { name: attribute.name.clone(), codec: codec.clone() })
        }
        _ => None,
    };
    heading.visible().filter_map(of_store).collect()
}

/// What a value of an attribute refers to; nothing for null.
///
/// Fails, with the reason, when that can't be told: the codec is not known, or did not write the value. Nothing may be taken
/// for a leftover then.
pub fn references_of(
    codecs: &Codecs,
    attribute: &StoredAttribute,
    value: &Value,
) -> Result<Vec<Reference>, String> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Json(document) => document_references(codecs, attribute, document),
        other => Err(format!("{} is no JSON", show_value(other))),
    }
}

fn document_references(
    codecs: &Codecs,
    attribute: &StoredAttribute,
    document: &Json,
) -> Result<Vec<Reference>, String> {
    codecs.referenced_paths(&attribute.codec, document).map_err(|error| error.to_string())
}

/// A reference of a row, as the list of them has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referred {
    /// The table: `lab.__scan`.
    pub table: String,
    /// The attribute.
    pub attribute: String,
    /// The primary key of its row, for people; empty where nobody is told.
    pub key: String,
    /// The store, as the row names it.
    pub store: Option<String>,
    /// The path in the store.
    pub path: String,
    /// The size that the row says.
    pub size: Option<u64>,
    /// True for a folder: all that lies below it is referred to.
    pub is_folder: bool,
    /// How many files of a folder the row says.
    pub file_count: Option<u64>,
    /// True when it belongs to the rows that speak of it.
    pub is_owned: bool,
}

impl Referred {
    /// The reference, as the codec gave it.
    pub fn reference(&self) -> Reference {
        let Self { store, path, size, is_folder, file_count, is_owned, .. } = self.clone();
        Reference { store, path, size, is_folder, file_count, is_owned }
    }
}
