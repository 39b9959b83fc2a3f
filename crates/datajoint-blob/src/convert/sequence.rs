//! Vectors, slices and sets.

use std::{
    collections::{BTreeSet, HashSet},
    hash::{BuildHasher, Hash},
};

use super::map::sorted;
use crate::{
    DType, Element, Error, FromBlob, Item, Result, ToBlob, Writer,
    array::{Header, blob},
    code,
    reader::{ROOM, Reader, least_item},
};

/// Reads the values of anything that has one after the other.
pub(crate) fn read<T: FromBlob>(item: Item<'_>, wanted: &str) -> Result<Vec<T>> {
    let (mut reader, count) = open(item, wanted)?;
    let mut values = Vec::with_capacity(count.min(ROOM));
    for index in 0..count {
        values.push(reader.item()?.read().map_err(|fault: Error| fault.at(&format_args!("[{index}]")))?);
    }
    reader.finish()?;
    Ok(values)
}

/// What follows the number of values, and that number.
fn open<'a>(item: Item<'a>, wanted: &str) -> Result<(Reader<'a>, usize)> {
    let (code, mut reader) = item.open()?;
    let least = least_item(reader.options);
    let count = match code {
        code::LIST | code::TUPLE | code::SET => reader.count(least)?,
        code::ARRAY => match Header::read(&mut reader)? {
            Header { part: DType::Object, shape, count, .. } if shape.len() == 1 => count,
            _ => return Err(item.mismatch(wanted)),
        },
        code::CELL => {
            let (shape, count) = reader.shape()?;
            reader.justify(count, least)?;
            if count > 0 && shape.iter().filter(|&&length| length != 1).count() > 1 {
                return Err(item.mismatch(wanted));
            }
            count
        }
        _ => return Err(item.mismatch(wanted)),
    };
    Ok((reader, count))
}

/// Reads numbers, which are an array of one dimension as a rule.
pub(crate) fn read_numbers<T: Element + FromBlob>(item: Item<'_>) -> Result<Vec<T>> {
    let wanted = || format!("an array of {} with 1 dimension, or a list", T::DTYPE);
    let (code::ARRAY, mut reader) = item.open()? else {
        return read(item, &wanted());
    };
    let header = Header::read(&mut reader)?;
    if header.shape.len() == 1
        && let Some(elements) = blob::elements(&mut reader, &header)
    {
        reader.finish()?;
        return elements;
    }
    read(item, &wanted())
}

impl<T: ToBlob> ToBlob for [T] {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        T::write_blobs(self, writer)
    }
}

impl<T: ToBlob> ToBlob for Vec<T> {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        T::write_blobs(self, writer)
    }
}

impl<T: FromBlob> FromBlob for Vec<T> {
    fn read_blob(item: Item<'_>) -> Result<Self> {
        T::read_blobs(item)
    }
}

impl<T: ToBlob, const N: usize> ToBlob for [T; N] {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        T::write_blobs(self, writer)
    }
}

impl<T: FromBlob, const N: usize> FromBlob for [T; N] {
    fn read_blob(item: Item<'_>) -> Result<Self> {
        Self::try_from(T::read_blobs(item)?).map_err(|_| item.mismatch(&format!("a list of {N}")))
    }
}

impl<T: ToBlob> ToBlob for BTreeSet<T> {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        writer.sequence(code::SET, self.iter())
    }
}

impl<T: FromBlob + Ord> FromBlob for BTreeSet<T> {
    fn read_blob(item: Item<'_>) -> Result<Self> {
        unique(item, Self::len)
    }
}

impl<T: ToBlob, H> ToBlob for HashSet<T, H> {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        writer.code(code::SET);
        writer.size(self.len());
        for (value, ()) in sorted(self.iter().map(|value| (value, ())), writer)? {
            writer.counted(&value);
        }
        Ok(())
    }
}

impl<T: FromBlob + Eq + Hash, H: BuildHasher + Default> FromBlob for HashSet<T, H> {
    fn read_blob(item: Item<'_>) -> Result<Self> {
        unique(item, Self::len)
    }
}

fn unique<T: FromBlob, C: FromIterator<T>>(item: Item<'_>, len: impl Fn(&C) -> usize) -> Result<C> {
    let values = read(item, "a set")?;
    let count = values.len();
    let set = C::from_iter(values);
    if len(&set) == count { Ok(set) } else { Err(Error::invalid("set", "a value that stands twice")) }
}
