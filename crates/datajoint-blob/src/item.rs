//! One value inside a blob, not yet read.

use crate::{Error, FromBlob, Result, UnpackOptions, array::Header, code, reader::Reader};

/// One value inside a blob, not yet read; handed to [`FromBlob::read_blob`].
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    bytes: &'a [u8],
    options: &'a UnpackOptions,
    depth: usize,
}

impl<'a> Item<'a> {
    pub(crate) fn new(bytes: &'a [u8], options: &'a UnpackOptions, depth: usize) -> Self {
        Self { bytes, options, depth }
    }

    /// Reads the value as a `T`; the same as `T::read_blob(item)`.
    ///
    /// Fails as [`unpack_as`](crate::unpack_as) does.
    pub fn read<T: FromBlob>(self) -> Result<T> {
        T::read_blob(self)
    }

    /// The values of a mapping with text keys, to pick from by name.
    ///
    /// Fails if the value is not a mapping, or two keys are the same.
    ///
    /// ```
    /// use datajoint_blob::{FromBlob, Item, Result, Value, pack, unpack_as};
    ///
    /// struct Filter { order: u32, cutoff: f64 }
    ///
    /// impl FromBlob for Filter {
    ///     fn read_blob(item: Item<'_>) -> Result<Self> {
    ///         let entries = item.entries()?;
    ///         Ok(Self { order: entries.get("order")?, cutoff: entries.get("cutoff")? })
    ///     }
    /// }
    ///
    /// let blob = pack(&Value::map([("order", Value::from(4)), ("cutoff", Value::from(300.0))]))?;
    /// assert_eq!(unpack_as::<Filter>(&blob)?.order, 4);
    /// # Ok::<(), datajoint_blob::Error>(())
    /// ```
    pub fn entries(self) -> Result<Entries<'a>> {
        crate::convert::entries(self).map(|items| Entries { items })
    }

    pub(crate) fn reader(self) -> Reader<'a> {
        Reader::new(self.bytes, self.options, self.depth)
    }

    /// The first byte, and what follows it.
    pub(crate) fn open(self) -> Result<(u8, Reader<'a>)> {
        let mut reader = self.reader();
        Ok((reader.byte()?, reader))
    }

    /// Reads a value of one code, all of it.
    pub(crate) fn only<T>(
        self,
        wanted: &str,
        code: u8,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T>,
    ) -> Result<T> {
        let (found, mut reader) = self.open()?;
        if found != code {
            return Err(self.mismatch(wanted));
        }
        let value = read(&mut reader)?;
        reader.finish()?;
        Ok(value)
    }

    /// The error that says that something else was wanted, unless the value is damaged anyway.
    pub(crate) fn mismatch(self, wanted: &str) -> Error {
        match self.describe() {
            Ok(found) => Error::mismatch(wanted, found),
            Err(fault) => fault,
        }
    }

    fn describe(self) -> Result<String> {
        let (code, mut reader) = self.open()?;
        let mut counted = |what: &str| reader.size().map(|count| format!("a {what} of {count}"));
        Ok(match code {
            code::ARRAY => return Header::read(&mut reader).map(|header| header.to_string()),
            code::RECORDS => {
                return reader.names().map(|names| format!("a record array with the fields {names:?}"));
            }
            code::STRUCT => {
                return reader.shape().map(|(shape, _)| format!("a MATLAB struct of shape {shape:?}"));
            }
            code::CELL => {
                return reader.shape().map(|(shape, _)| format!("a MATLAB cell of shape {shape:?}"));
            }
            code::SPARSE => return Err(Error::Sparse),
            code::TUPLE => return counted("tuple"),
            code::LIST => return counted("list"),
            code::SET => return counted("set"),
            code::MAP => return counted("mapping"),
            code::NONE => "None",
            code::STR => "text",
            code::BYTES => "bytes",
            code::INT => "an integer",
            code::BOOL => "a boolean",
            code::COMPLEX => "a complex number",
            code::FLOAT => "a float",
            code::DECIMAL => "a decimal",
            code::TIME => "a date or time",
            code::UUID => "a UUID",
            code => return Err(Error::UnknownCode { code }),
        }
        .to_owned())
    }
}

/// The entries of a mapping; made by [`Item::entries`].
#[derive(Debug)]
pub struct Entries<'a> {
    items: Vec<(&'a str, Item<'a>)>,
}

impl<'a> Entries<'a> {
    /// The value under `name`, or what `T` makes of none if there is no such entry.
    ///
    /// Fails if the entry is another kind of value, or is missing and `T` is not an `Option`.
    pub fn get<T: FromBlob>(&self, name: &str) -> Result<T> {
        match self.item(name) {
            Some(item) => item.read().map_err(|fault| fault.at(&format_args!("[{name:?}]"))),
            None => T::absent().ok_or_else(|| Error::mismatch(format!("the entry {name:?}"), self.names())),
        }
    }

    /// The value under `name`, not yet read.
    pub fn item(&self, name: &str) -> Option<Item<'a>> {
        self.items.iter().find(|(key, _)| *key == name).map(|&(_, item)| item)
    }

    /// All names and values, in the order of the blob.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, Item<'a>)> {
        self.items.iter().copied()
    }

    fn names(&self) -> String {
        format!("{:?}", self.items.iter().map(|(name, _)| *name).collect::<Vec<_>>())
    }
}
