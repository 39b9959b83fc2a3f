//! A value of any type that blobs can hold.

mod access;
mod blob;
mod from;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use num_complex::Complex;
use uuid::Uuid;

use crate::{Array, DecimalText, Int, MatCell, MatStruct, RecordArray};

/// A value of any type that blobs can hold.
///
/// What is packed comes back the same: the order of mappings, the digits of decimals, the kind of each sequence.
///
/// ```
/// use datajoint_blob::{Value, pack, unpack};
///
/// let settings = Value::map([("gain", Value::from(2.5)), ("channels", Value::from(384))]);
/// let back = unpack(&pack(&settings)?)?;
/// assert_eq!(back, settings);
/// assert_eq!(back.get("gain").and_then(Value::as_f64), Some(2.5));
/// # Ok::<(), datajoint_blob::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// Python's `None`.
    #[default]
    None,
    /// A plain boolean.
    Bool(bool),
    /// A plain integer.
    Int(Int),
    /// A plain float.
    Float(f64),
    /// A plain complex number.
    Complex(Complex<f64>),
    /// Text.
    Str(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A tuple.
    Tuple(Vec<Value>),
    /// A list.
    List(Vec<Value>),
    /// A set, in the order of the blob.
    Set(Vec<Value>),
    /// A mapping, in the order of the blob.
    Map(Vec<(Value, Value)>),
    /// A date.
    Date(NaiveDate),
    /// A time of day.
    Time(NaiveTime),
    /// A date and a time of day.
    DateTime(NaiveDateTime),
    /// A decimal number.
    Decimal(DecimalText),
    /// A UUID.
    Uuid(Uuid),
    /// A numpy or MATLAB array, or a numpy scalar.
    Array(Array),
    /// A numpy array with named fields.
    Records(RecordArray),
    /// A MATLAB struct array.
    Struct(MatStruct),
    /// A MATLAB cell array.
    Cell(MatCell),
}
