//! The elements of an array of any type.

use num_complex::Complex;

use crate::{DType, DateTimeUnit, Element, Value};

/// The elements of an [`Array`](crate::Array), first axis fastest.
///
/// Numbers come from a `Vec`: `ArrayData::from(vec![1.0, 2.0])`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the names say it")]
pub enum ArrayData {
    Bool(Vec<bool>),
    I8(Vec<i8>),
    U8(Vec<u8>),
    I16(Vec<i16>),
    U16(Vec<u16>),
    I32(Vec<i32>),
    U32(Vec<u32>),
    I64(Vec<i64>),
    U64(Vec<u64>),
    F32(Vec<f32>),
    F64(Vec<f64>),
    C64(Vec<Complex<f32>>),
    C128(Vec<Complex<f64>>),
    /// Units since 1970; [`NOT_A_TIME`](Self::NOT_A_TIME) is numpy's `NaT`.
    DateTime(DateTimeUnit, Vec<i64>),
    /// UTF-16 code units.
    Char(Vec<u16>),
    Object(Vec<Value>),
}

/// Runs an expression on the elements, whatever their type.
macro_rules! each {
    ($data:expr, $elements:ident => $body:expr) => {
        match $data {
            $crate::ArrayData::Bool($elements) => $body,
            $crate::ArrayData::I8($elements) => $body,
            $crate::ArrayData::U8($elements) => $body,
            $crate::ArrayData::I16($elements) => $body,
            $crate::ArrayData::U16($elements) => $body,
            $crate::ArrayData::I32($elements) => $body,
            $crate::ArrayData::U32($elements) => $body,
            $crate::ArrayData::I64($elements) => $body,
            $crate::ArrayData::U64($elements) => $body,
            $crate::ArrayData::F32($elements) => $body,
            $crate::ArrayData::F64($elements) => $body,
            $crate::ArrayData::C64($elements) => $body,
            $crate::ArrayData::C128($elements) => $body,
            $crate::ArrayData::DateTime(_, $elements) => $body,
            $crate::ArrayData::Char($elements) => $body,
            $crate::ArrayData::Object($elements) => $body,
        }
    };
}

impl ArrayData {
    /// The number that stands for no time in a [`DateTime`](Self::DateTime) array.
    pub const NOT_A_TIME: i64 = i64::MIN;

    /// The type of the elements.
    pub fn dtype(&self) -> DType {
        match self {
            Self::Bool(_) => DType::Bool,
            Self::I8(_) => DType::I8,
            Self::U8(_) => DType::U8,
            Self::I16(_) => DType::I16,
            Self::U16(_) => DType::U16,
            Self::I32(_) => DType::I32,
            Self::U32(_) => DType::U32,
            Self::I64(_) => DType::I64,
            Self::U64(_) => DType::U64,
            Self::F32(_) => DType::F32,
            Self::F64(_) => DType::F64,
            Self::C64(_) => DType::C64,
            Self::C128(_) => DType::C128,
            Self::DateTime(unit, _) => DType::DateTime(*unit),
            Self::Char(_) => DType::Char,
            Self::Object(_) => DType::Object,
        }
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        each!(self, elements => elements.len())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T: Element> From<Vec<T>> for ArrayData {
    fn from(elements: Vec<T>) -> Self {
        T::wrap(elements)
    }
}

impl From<Vec<Value>> for ArrayData {
    fn from(elements: Vec<Value>) -> Self {
        Self::Object(elements)
    }
}
