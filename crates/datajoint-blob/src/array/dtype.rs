//! The element types of the format.

use std::fmt;

use crate::{Error, Result};

/// The type of the elements of an array; displayed as numpy names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the names say it")]
pub enum DType {
    Bool,
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F32,
    F64,
    /// Complex numbers of two `f32`.
    C64,
    /// Complex numbers of two `f64`.
    C128,
    /// Points in time, counted since 1970.
    DateTime(DateTimeUnit),
    /// Characters, as MATLAB has them: UTF-16 code units.
    Char,
    /// Values of any type.
    Object,
}

/// What a `datetime64` array counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum DateTimeUnit {
    Year,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
    Picosecond,
    Femtosecond,
    Attosecond,
}

const FIRST_UNIT: u32 = 65_536;

const UNITS: [(DateTimeUnit, &str); 13] = [
    (DateTimeUnit::Year, "Y"),
    (DateTimeUnit::Month, "M"),
    (DateTimeUnit::Week, "W"),
    (DateTimeUnit::Day, "D"),
    (DateTimeUnit::Hour, "h"),
    (DateTimeUnit::Minute, "m"),
    (DateTimeUnit::Second, "s"),
    (DateTimeUnit::Millisecond, "ms"),
    (DateTimeUnit::Microsecond, "us"),
    (DateTimeUnit::Nanosecond, "ns"),
    (DateTimeUnit::Picosecond, "ps"),
    (DateTimeUnit::Femtosecond, "fs"),
    (DateTimeUnit::Attosecond, "as"),
];

impl DType {
    /// The number of the type, and whether it is the complex form of it.
    pub(crate) fn id(self) -> (u32, bool) {
        let id = match self {
            Self::Bool => 3,
            Self::Char => 4,
            Self::Object => 5,
            Self::F64 | Self::C128 => 6,
            Self::F32 | Self::C64 => 7,
            Self::I8 => 8,
            Self::U8 => 9,
            Self::I16 => 10,
            Self::U16 => 11,
            Self::I32 => 12,
            Self::U32 => 13,
            Self::I64 => 14,
            Self::U64 => 15,
            Self::DateTime(unit) => FIRST_UNIT + unit as u32,
        };
        (id, matches!(self, Self::C64 | Self::C128))
    }

    /// The type with a number, complex or not.
    pub(crate) fn from_id(id: u32) -> Result<Self> {
        Ok(match id {
            3 => Self::Bool,
            4 => Self::Char,
            5 => Self::Object,
            6 => Self::F64,
            7 => Self::F32,
            8 => Self::I8,
            9 => Self::U8,
            10 => Self::I16,
            11 => Self::U16,
            12 => Self::I32,
            13 => Self::U32,
            14 => Self::I64,
            15 => Self::U64,
            _ => {
                let unit = id.checked_sub(FIRST_UNIT).and_then(|index| UNITS.get(index as usize));
                Self::DateTime(unit.ok_or(Error::UnknownArrayType { id, complex: false })?.0)
            }
        })
    }
}

impl DateTimeUnit {
    /// The short name that numpy gives the unit: `ns`.
    pub fn symbol(self) -> &'static str {
        UNITS[self as usize].1
    }

    /// The unit with a short name, if there is one.
    pub fn from_symbol(symbol: &str) -> Option<Self> {
        UNITS.iter().find(|(_, known)| *known == symbol).map(|&(unit, _)| unit)
    }
}

impl fmt::Display for DType {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Bool => "bool",
            Self::I8 => "int8",
            Self::U8 => "uint8",
            Self::I16 => "int16",
            Self::U16 => "uint16",
            Self::I32 => "int32",
            Self::U32 => "uint32",
            Self::I64 => "int64",
            Self::U64 => "uint64",
            Self::F32 => "float32",
            Self::F64 => "float64",
            Self::C64 => "complex64",
            Self::C128 => "complex128",
            Self::DateTime(unit) => return write!(out, "datetime64[{}]", unit.symbol()),
            Self::Char => "char",
            Self::Object => "object",
        })
    }
}
