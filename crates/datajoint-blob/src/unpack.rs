//! Blobs to values.

use std::borrow::Cow;

use crate::{
    Error, FromBlob, Item, Result, UnpackOptions, Value, compress,
    pack::{EXTENDED, MATLAB},
};

/// The value in a blob.
///
/// Fails if the blob is damaged, or is none.
///
/// ```
/// use datajoint_blob::{Value, pack, unpack};
///
/// assert_eq!(unpack(&pack("abc")?)?, Value::from("abc"));
/// assert!(unpack(b"abc").is_err());
/// # Ok::<(), datajoint_blob::Error>(())
/// ```
pub fn unpack(blob: &[u8]) -> Result<Value> {
    unpack_as(blob)
}

/// The value in a blob, as a type that is known.
///
/// Fails if it is of another kind, or the blob is damaged.
///
/// ```
/// use datajoint_blob::{pack, unpack_as};
/// use ndarray::Array1;
///
/// let blob = pack(&vec![1_i64, 2, 3])?;
/// assert_eq!(unpack_as::<Vec<i64>>(&blob)?, [1, 2, 3]);
/// let error = unpack_as::<Array1<i32>>(&blob).unwrap_err();
/// assert!(error.to_string().contains("found an array of int64 with shape [3]"));
/// # Ok::<(), datajoint_blob::Error>(())
/// ```
pub fn unpack_as<T: FromBlob>(blob: &[u8]) -> Result<T> {
    unpack_with(blob, &UnpackOptions::default())
}

/// The value in a blob, as a type that is known, within limits.
///
/// Fails as [`unpack_as`] does, or if a limit is passed. [`UnpackOptions`] has an example.
pub fn unpack_with<T: FromBlob>(blob: &[u8], options: &UnpackOptions) -> Result<T> {
    let raw: Cow<'_, [u8]> = compress::decompress(blob, options)?;
    let body = raw.strip_prefix(MATLAB).or_else(|| raw.strip_prefix(EXTENDED)).ok_or_else(|| {
        Error::UnknownProtocol { found: raw[..raw.len().min(EXTENDED.len())].escape_ascii().to_string() }
    })?;
    Item::new(body, options, 0).read()
}
