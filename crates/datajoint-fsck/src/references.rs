//! What rows refer to.

use datajoint_codec::Reference;
use datajoint_definition::{AttributeType, CodecType, Store as Place};
use datajoint_pipeline::{DynamicRow, DynamicTable, Instance, Relation as _, RowStream, StoredRow};
use datajoint_schema::TableName;
use datajoint_sql::{Value, show_value};
use serde_json::Value as Json;

use crate::Error;

/// An attribute whose values are described by JSON of a codec.
pub(crate) struct Attribute {
    pub(crate) name: String,
    pub(crate) codec: CodecType,
}

/// The attributes of a table whose objects lie in stores.
pub(crate) fn attributes(table: &DynamicTable) -> Vec<Attribute> {
    let of_store = |attribute: &datajoint_schema::Attribute| match &attribute.attribute_type {
        AttributeType::Codec(codec) if codec.store != Place::Table => {
            Some(Attribute { name: attribute.name.clone(), codec: codec.clone() })
        }
        _ => None,
    };
    table.table().heading.visible().filter_map(of_store).collect()
}

/// A value of a row, and what it refers to.
pub(crate) struct Found<'a> {
    pub(crate) attribute: &'a Attribute,
    /// The primary key of its row.
    pub(crate) key: String,
    pub(crate) stored: Json,
    /// What it refers to, or why that can't be told.
    pub(crate) references: Result<Vec<Reference>, String>,
}

/// The rows of a table with these attributes and the primary key, as they stand in the table.
pub(crate) fn rows<'a>(
    dj: &'a Instance,
    table: &DynamicTable,
    attributes: &[Attribute],
) -> RowStream<'a, StoredRow> {
    let names: Vec<&str> = attributes.iter().map(|attribute| attribute.name.as_str()).collect();
    table.proj(&*names).stream_as::<StoredRow>(dj)
}

/// What the values of a row refer to.
pub(crate) fn of_row<'a>(
    dj: &Instance,
    table: &DynamicTable,
    attributes: &'a [Attribute],
    row: &DynamicRow,
) -> Result<Vec<Found<'a>>, Error> {
    let mut found = Vec::new();
    for attribute in attributes {
        let value = row.value(&attribute.name).map_err(datajoint_pipeline::Error::from)?;
        if *value == Value::Null {
            continue;
        }
        let (stored, references) = match value {
            Value::Json(document) => {
                let references = dj.codecs().referenced_paths(&attribute.codec, document);
                ((**document).clone(), references.map_err(|error| error.to_string()))
            }
            other => (Json::Null, Err(format!("{} is no JSON", show_value(other)))),
        };
        found.push(Found { attribute, key: key_of(table, row), stored, references });
    }
    Ok(found)
}

fn key_of(table: &DynamicTable, row: &DynamicRow) -> String {
    let part = |attribute: &datajoint_schema::Attribute| {
        let value = row.value(&attribute.name).ok()?;
        Some(format!("{} = {}", attribute.name, show_value(value)))
    };
    let parts: Vec<String> = table.table().heading.primary_key().filter_map(part).collect();
    format!("({})", parts.join(", "))
}

/// Why it can't be told what an attribute of a table refers to.
pub(crate) fn untold(table: &TableName, attribute: &str, why: &str) -> String {
    format!("`{attribute}` of `{table}`: {why}")
}
