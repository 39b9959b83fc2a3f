//! Mappings.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    hash::{BuildHasher, Hash},
};

use crate::{
    Error, FromBlob, Item, Result, ToBlob, Value, Writer, code,
    reader::{Reader, least_item},
};

impl<K: ToBlob, V: ToBlob> ToBlob for BTreeMap<K, V> {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        writer.pairs(self.iter())
    }
}

impl<K: FromBlob + Ord, V: FromBlob> FromBlob for BTreeMap<K, V> {
    fn read_blob(item: Item<'_>) -> Result<Self> {
        let mut map = Self::new();
        each(item, |key, value| map.insert(key, value).is_none())?;
        Ok(map)
    }
}

impl<K: ToBlob, V: ToBlob, H> ToBlob for HashMap<K, V, H> {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        writer.code(code::MAP);
        writer.size(self.len());
        for (key, value) in sorted(self.iter(), writer)? {
            writer.counted(&key);
            writer.item(value)?;
        }
        Ok(())
    }
}

impl<K: FromBlob + Eq + Hash, V: FromBlob, H: BuildHasher + Default> FromBlob for HashMap<K, V, H> {
    fn read_blob(item: Item<'_>) -> Result<Self> {
        let mut map = Self::default();
        each(item, |key, value| map.insert(key, value).is_none())?;
        Ok(map)
    }
}

/// Packs the keys and sorts by them, so that the same map always makes the same blob.
pub(crate) fn sorted<K: ToBlob, V>(
    pairs: impl Iterator<Item = (K, V)>,
    writer: &Writer,
) -> Result<Vec<(Vec<u8>, V)>> {
    let packed = pairs.map(|(key, value)| writer.apart(&key).map(|key| (key, value)));
    let mut packed = packed.collect::<Result<Vec<_>>>()?;
    packed.sort_by(|(left, _), (right, _)| left.cmp(right));
    Ok(packed)
}

fn each<K: FromBlob, V: FromBlob>(item: Item<'_>, mut insert: impl FnMut(K, V) -> bool) -> Result<()> {
    if let (code::STRUCT, _) = item.open()? {
        for (name, value) in entries(item)? {
            insert(Value::from(name).to()?, value.read().map_err(|fault: Error| inside(fault, name))?);
        }
        return Ok(());
    }
    for (index, (key, value)) in pairs(item)?.into_iter().enumerate() {
        let inside = |fault: Error| match key.read::<String>() {
            Ok(name) => inside(fault, &name),
            Err(_) => fault.at(&format_args!("[key {index}]")),
        };
        if !insert(key.read().map_err(inside)?, value.read().map_err(inside)?) {
            return Err(inside(Error::invalid("mapping", "a key that stands twice")));
        }
    }
    Ok(())
}

fn inside(fault: Error, name: &str) -> Error {
    fault.at(&format_args!("[{name:?}]"))
}

fn pairs(item: Item<'_>) -> Result<Vec<(Item<'_>, Item<'_>)>> {
    item.only("a mapping", code::MAP, |reader| {
        let count = reader.count(2 * least_item(reader.options))?;
        (0..count).map(|_| Ok((reader.item()?, reader.item()?))).collect()
    })
}

/// The values of a mapping from names, or of a MATLAB struct of one element.
pub(crate) fn entries(item: Item<'_>) -> Result<Vec<(&str, Item<'_>)>> {
    let entries: Vec<_> = match item.open()? {
        (code::STRUCT, mut reader) => {
            let (_, count) = reader.shape()?;
            let names = reader.names()?;
            if count != 1 {
                return Err(item.mismatch("a mapping from names"));
            }
            let entries = names.into_iter().map(|name| Ok((name, reader.item()?))).collect::<Result<_>>()?;
            reader.finish()?;
            entries
        }
        _ => pairs(item)?
            .into_iter()
            .map(|(key, value)| Ok((key.only("a name as key", code::STR, Reader::text)?, value)))
            .collect::<Result<_>>()?,
    };
    let mut known = HashSet::new();
    match entries.iter().find(|(name, _)| !known.insert(*name)) {
        Some((name, _)) => Err(Error::invalid("mapping", format!("the key {name:?} stands twice"))),
        None => Ok(entries),
    }
}
