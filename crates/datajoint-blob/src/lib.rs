//! DataJoint blobs: values to bytes and back, in the exact format of DataJoint for Python and MATLAB.
//!
//! [`pack`] makes a blob of anything that is [`ToBlob`], [`unpack_as`] makes anything that is [`FromBlob`] of a blob,
//! and [`unpack`] makes a [`Value`], for blobs whose content is not known beforehand. Blobs may come from anywhere:
//! reading them never panics, and takes no more memory than their length justifies.
//! [`npy`] has the files that numpy saves single arrays in.
//!
//! ```
//! use datajoint_blob::{Value, pack, unpack, unpack_as};
//! use ndarray::{Array2, array};
//!
//! let blob = pack(&array![[1.0, 2.0], [3.0, 4.0]])?;
//! let typed: Array2<f64> = unpack_as(&blob)?;
//! assert_eq!(typed[[1, 0]], 3.0);
//!
//! let blob = pack(&Value::map([("rate", Value::from(30_000)), ("probe", Value::from("A"))]))?;
//! assert_eq!(unpack(&blob)?.get("probe"), Some(&Value::from("A")));
//! # Ok::<(), datajoint_blob::Error>(())
//! ```

mod array;
mod code;
mod compress;
mod convert;
mod decimal;
mod element;
mod error;
mod int;
mod item;
mod layout;
mod matlab;
mod moment;
pub mod npy;
mod options;
mod pack;
mod reader;
mod records;
mod unpack;
mod value;
mod writer;

pub use array::{Array, ArrayData, DType, DateTimeUnit};
pub use convert::{Bytes, FromBlob, ToBlob};
pub use decimal::DecimalText;
pub use element::Element;
pub use error::{Error, Result};
pub use int::Int;
pub use item::{Entries, Item};
pub use matlab::{MatCell, MatStruct};
pub use options::{Compression, PackOptions, UnpackOptions};
pub use pack::{pack, pack_with};
pub use records::{Column, RecordArray};
pub use unpack::{unpack, unpack_as, unpack_with};
pub use value::Value;
pub use writer::Writer;
