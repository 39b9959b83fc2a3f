//! All that can be asked of bytes.

use std::collections::{BTreeMap, HashSet};

use datajoint_blob::{UnpackOptions, Value, npy, unpack, unpack_as, unpack_with};
use ndarray::{ArrayD, IxDyn};

/// Reads the bytes as every kind of type; only a panic or a waste of memory is a failure.
pub(crate) fn try_as(blob: &[u8]) {
    drop(unpack(blob));
    drop(unpack_as::<ArrayD<f64>>(blob));
    drop(unpack_as::<Vec<i32>>(blob));
    drop(unpack_as::<Vec<String>>(blob));
    drop(unpack_as::<Vec<Option<(Value, bool)>>>(blob));
    drop(unpack_as::<BTreeMap<String, Option<f64>>>(blob));
    drop(unpack_as::<HashSet<u8>>(blob));
    drop(unpack_as::<(String, f64)>(blob));
    for options in [UnpackOptions::default().dims_32bit(true), UnpackOptions::default().squeeze(true)] {
        drop(unpack_with::<Value>(blob, &options));
    }
    drop(npy::read(blob));
    drop(npy::from_slice::<f64, IxDyn>(blob));
}
