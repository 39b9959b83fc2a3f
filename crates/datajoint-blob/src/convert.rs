//! Types of Rust to and from blobs.

mod map;
mod ndarray;
mod option;
mod scalar;
mod sequence;
mod text;
mod tuple;

pub(crate) use map::entries;
pub(crate) use scalar::integer;
pub use text::Bytes;

use crate::{Item, Result, UnpackOptions, Writer, code};

/// A type that can be packed.
///
/// | Rust | Python |
/// |---|---|
/// | `ndarray` arrays and views of numbers, `Vec<T>`, `[T]`, `[T; N]` of numbers | numpy array |
/// | `Vec<T>`, `[T]`, `[T; N]` of anything else | list |
/// | tuple | tuple |
/// | `BTreeSet`, `HashSet` | set |
/// | `BTreeMap`, `HashMap` | dict; a `HashMap` is written in the order of its keys' bytes |
/// | integers, `f32`, `f64`, `bool`, complex numbers | `int`, `float`, `bool`, `complex` |
/// | `String`, `str`, [`Bytes`] | `str`, `bytes` |
/// | `NaiveDate`, `NaiveTime`, `NaiveDateTime`, `Decimal`, `Uuid` | `date`, `time`, `datetime`, `Decimal`, `UUID` |
/// | `Option<T>` | the value or `None` |
/// | [`Array::scalar`](crate::Array::scalar) | numpy scalar |
/// | [`Value`](crate::Value), [`MatCell`](crate::MatCell), [`MatStruct`](crate::MatStruct), [`RecordArray`](crate::RecordArray) | what it holds |
///
/// Numbers in this table are `bool`, `i8` to `i64`, `u8` to `u64`, `f32`, `f64` and complex numbers of the latter.
/// Implement it for a type of your own as [`Writer::map`] shows.
pub trait ToBlob {
    /// Writes the value; [`to_blob`](Self::to_blob) is what to call.
    ///
    /// Fails if the format has no place for the value.
    fn write_blob(&self, writer: &mut Writer) -> Result<()>;

    /// Writes several values as one.
    #[doc(hidden)]
    fn write_blobs(values: &[Self], writer: &mut Writer) -> Result<()>
    where
        Self: Sized,
    {
        writer.sequence(code::LIST, values.iter())
    }

    /// The blob with this value; the same as [`pack`](crate::pack).
    ///
    /// Fails if the format has no place for the value.
    fn to_blob(&self) -> Result<Vec<u8>> {
        crate::pack(self)
    }
}

/// A type that can be unpacked.
///
/// Nothing is converted unless it stays the same value: integers go into wider and narrower types, and into floats,
/// if they fit exactly; arrays have to have the very element type and number of dimensions.
/// Numbers also come from numpy scalars and from the 1×1 arrays that MATLAB writes, text from MATLAB's characters,
/// a `Vec` from arrays of one dimension, lists, tuples, sets, and MATLAB cells in one row or column.
/// Implement it for a type of your own as [`Item::entries`] shows.
pub trait FromBlob: Sized {
    /// Reads the value; [`from_blob`](Self::from_blob) is what to call.
    ///
    /// Fails if it is of another kind, or the blob is damaged.
    fn read_blob(item: Item<'_>) -> Result<Self>;

    /// Reads several values from one.
    #[doc(hidden)]
    fn read_blobs(item: Item<'_>) -> Result<Vec<Self>> {
        sequence::read(item, "a list")
    }

    /// What a missing entry of a mapping stands for, if it may be missing.
    fn absent() -> Option<Self> {
        None
    }

    /// The value in a blob; the same as [`unpack_as`](crate::unpack_as).
    ///
    /// Fails if it is of another kind, or the blob is damaged.
    fn from_blob(blob: &[u8]) -> Result<Self> {
        crate::unpack_with(blob, &UnpackOptions::default())
    }
}

impl<T: ToBlob + ?Sized> ToBlob for &T {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        (**self).write_blob(writer)
    }
}

impl<T: ToBlob + ?Sized> ToBlob for Box<T> {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        (**self).write_blob(writer)
    }
}

impl<T: FromBlob> FromBlob for Box<T> {
    fn read_blob(item: Item<'_>) -> Result<Self> {
        T::read_blob(item).map(Self::new)
    }
}
