//! What rows say of objects in stores.

use std::collections::{BTreeMap, HashSet};

use datajoint_codec::{Codecs, Reference};
use datajoint_definition::{AttributeType, CodecType, Store as Place, parse};
use datajoint_schema::{Table, TableName};
use datajoint_sql::Value;
use datajoint_store::Stores;
use serde_json::Value as Json;

use crate::{Error, Object, Result, Transferred};

/// An attribute whose values are kept in a store, by its place in a row.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    place: usize,
    name: String,
    codec: CodecType,
}

/// The codec of a type whose values are kept in a store.
fn stored(attribute_type: &AttributeType) -> Option<&CodecType> {
    match attribute_type {
        AttributeType::Codec(codec) if codec.store != Place::Table => Some(codec),
        _ => None,
    }
}

/// The attributes of a table, in the order of its rows.
pub(crate) fn of_table(table: &Table) -> Vec<Stored> {
    let attributes = table.heading.visible().enumerate();
    let found = attributes.filter_map(|(place, attribute)| {
        let codec = stored(&attribute.attribute_type)?.clone();
        Some(Stored { place, name: attribute.name.clone(), codec })
    });
    found.collect()
}

/// The attributes that an export says of a table. No key has such a one, so that each has a line of its own.
pub(crate) fn of_export(transferred: &Transferred) -> Vec<Stored> {
    let (definition, _) = parse(&transferred.definition);
    let found = definition.attributes().filter_map(|attribute| {
        let codec = stored(&attribute.attribute_type)?.clone();
        let place = transferred.attributes.iter().position(|name| *name == attribute.name)?;
        Some(Stored { place, name: attribute.name.clone(), codec })
    });
    found.collect()
}

/// Fails for a table that has its objects at other attributes, or by other codecs, than an export says: what its rows speak of
/// was looked for by what the export says.
pub(crate) fn check_same(transferred: &Transferred, table: &Table) -> Result<()> {
    let exported = of_export(transferred);
    for name in &transferred.attributes {
        let here = table.heading.get(name).and_then(|attribute| stored(&attribute.attribute_type));
        let there = exported.iter().find(|stored| stored.name == *name).map(|stored| &stored.codec);
        let [here, there] = [here, there].map(|codec| codec.map(|codec| codec.name.as_str()));
        if here != there {
            let shown =
                |codec: Option<&str>| codec.map_or_else(|| "none".to_owned(), |name| format!("<{name}@>"));
            let (table, attribute) = (table.name.clone(), name.clone());
            return Err(Error::OtherCodec { table, attribute, here: shown(here), exported: shown(there) });
        }
    }
    Ok(())
}

/// An object by its store, none for the default one, and its path there.
pub(crate) type Address = (Option<String>, String);

/// Who speaks of an object first, and what is said of it, where that is known.
#[derive(Debug)]
struct Spoken {
    table: TableName,
    attribute: String,
    reference: Option<Reference>,
}

/// The objects that rows speak of.
#[derive(Debug, Default)]
pub(crate) struct SpokenOf(BTreeMap<Address, Spoken>);

impl SpokenOf {
    /// Notes what a row speaks of.
    ///
    /// Fails for metadata that name no object: an export without it would look whole.
    pub(crate) fn note(
        &mut self,
        codecs: &Codecs,
        table: &TableName,
        attributes: &[Stored],
        row: &[Value],
    ) -> Result<()> {
        for Stored { place, name, codec } in attributes {
            let Some(value) = row.get(*place).filter(|value| **value != Value::Null) else { continue };
            let found = match value {
                Value::Json(document) => addresses(codecs, codec, document),
                _ => None,
            };
            let found = found.ok_or_else(|| Error::NoObject {
                table: table.clone(),
                attribute: name.clone(),
                found: match value {
                    Value::Json(document) => document.to_string().chars().take(200).collect(),
                    _ => "no JSON object".to_owned(),
                },
            })?;
            for (address, reference) in found {
                let (table, attribute) = (table.clone(), name.clone());
                self.0.entry(address).or_insert(Spoken { table, attribute, reference });
            }
        }
        Ok(())
    }

    /// Each object with the table that speaks of it.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = (&TableName, Option<&str>, &str)> {
        self.0.iter().map(|((store, path), spoken)| (&spoken.table, store.as_deref(), path.as_str()))
    }

    /// Fails for an object that is not there as its row says.
    pub(crate) async fn check(&self, stores: &Stores) -> Result<()> {
        for Spoken { table, attribute, reference } in self.0.values() {
            let Some(reference) = reference else { continue };
            reference.check(stores).await.map_err(|error| Error::Damaged {
                table: table.clone(),
                attribute: attribute.clone(),
                source: Box::new(error),
            })?;
        }
        Ok(())
    }

    /// Each object of an export with the table that speaks of it.
    ///
    /// Fails for an object that no row speaks of, and for a row that speaks of one that is not among them.
    pub(crate) fn tables_of<'o>(
        &self,
        objects: &'o [Object],
        path: &str,
    ) -> Result<Vec<(&TableName, &'o Object)>> {
        let (mut met, mut found) = (HashSet::new(), Vec::new());
        for object in objects {
            let mut table = None;
            for path in places(&object.path) {
                if let Some((address, Spoken { table: name, .. })) =
                    self.0.get_key_value(&(object.store.clone(), path.to_owned()))
                {
                    met.insert(address);
                    table = Some(name);
                }
            }
            let stray = || Error::Stray {
                path: path.to_owned(),
                object: object.path.clone(),
                store: object.store.clone(),
            };
            found.push((table.ok_or_else(stray)?, object));
        }
        match self.0.iter().find(|(address, _)| !met.contains(address)) {
            None => Ok(found),
            Some(((store, object), Spoken { table, attribute, .. })) => Err(Error::Lacking {
                path: path.to_owned(),
                table: table.clone(),
                attribute: attribute.clone(),
                object: object.clone(),
                store: store.clone(),
            }),
        }
    }
}

/// What a row may speak of that means an object at a path: itself, a folder above it, the folder of which it is the manifest.
fn places(path: &str) -> impl Iterator<Item = &str> {
    let above = path.match_indices('/').map(|(end, _)| &path[..end]);
    [path].into_iter().chain(above).chain(path.strip_suffix(".manifest.json"))
}

/// The objects that a document speaks of; none where it names no object. One of a codec that this program has not is read as
/// those of DataJoint are.
fn addresses(
    codecs: &Codecs,
    codec: &CodecType,
    document: &Json,
) -> Option<Vec<(Address, Option<Reference>)>> {
    if let Ok(references) = codecs.referenced_paths(codec, document) {
        let found = |found: Reference| ((found.store.clone(), found.path.clone()), Some(found));
        return Some(references.into_iter().map(found).collect());
    }
    match (&document["store"], &document["path"]) {
        (Json::Null, Json::String(path)) => Some(vec![((None, path.clone()), None)]),
        (Json::String(store), Json::String(path)) => Some(vec![((Some(store.clone()), path.clone()), None)]),
        _ => None,
    }
}
