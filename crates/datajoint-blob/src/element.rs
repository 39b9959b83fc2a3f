//! The element types of numeric arrays.

mod codec;

pub(crate) use codec::{Codec, Endian};

use num_complex::Complex;

use crate::DType;

/// A type that arrays can hold: `bool`, the integers of 8 to 64 bits, `f32`, `f64` and their complex forms.
pub trait Element: Codec {
    /// How the format names the type.
    const DTYPE: DType;
}

macro_rules! elements {
    ($($element:ty => $dtype:ident),* $(,)?) => {
        $(impl Element for $element {
            const DTYPE: DType = DType::$dtype;
        })*
    };
}

elements! {
    bool => Bool,
    i8 => I8,
    u8 => U8,
    i16 => I16,
    u16 => U16,
    i32 => I32,
    u32 => U32,
    i64 => I64,
    u64 => U64,
    f32 => F32,
    f64 => F64,
    Complex<f32> => C64,
    Complex<f64> => C128,
}
