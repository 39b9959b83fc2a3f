//! Values from plain types.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use ndarray::{ArrayBase, Data, Dimension};
use num_complex::Complex;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::{Array, Bytes, DecimalText, Element, Int, MatCell, MatStruct, RecordArray, Value};

macro_rules! wrapped {
    ($($inner:ty => $variant:ident),* $(,)?) => {
        $(impl From<$inner> for Value {
            fn from(value: $inner) -> Self {
                Self::$variant(value.into())
            }
        })*
    };
}

wrapped! {
    bool => Bool,
    i8 => Int,
    u8 => Int,
    i16 => Int,
    u16 => Int,
    i32 => Int,
    u32 => Int,
    i64 => Int,
    u64 => Int,
    i128 => Int,
    u128 => Int,
    Int => Int,
    f32 => Float,
    f64 => Float,
    Complex<f64> => Complex,
    &str => Str,
    String => Str,
    Bytes => Bytes,
    Vec<Value> => List,
    NaiveDate => Date,
    NaiveTime => Time,
    NaiveDateTime => DateTime,
    Decimal => Decimal,
    DecimalText => Decimal,
    Uuid => Uuid,
    Array => Array,
    RecordArray => Records,
    MatStruct => Struct,
    MatCell => Cell,
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, Into::into)
    }
}

impl<A: Element> From<Vec<A>> for Value {
    fn from(elements: Vec<A>) -> Self {
        Self::from(ndarray::Array1::from(elements))
    }
}

impl<A: Element, S: Data<Elem = A>, D: Dimension> From<ArrayBase<S, D>> for Value {
    fn from(array: ArrayBase<S, D>) -> Self {
        Self::Array(Array::from_ndarray(&array))
    }
}
