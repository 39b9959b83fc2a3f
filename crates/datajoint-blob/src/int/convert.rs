//! From and to the integers of Rust.

use super::{Int, Size};
use crate::{Error, Result};

macro_rules! small {
    ($($integer:ty),*) => {
        $(impl From<$integer> for Int {
            fn from(integer: $integer) -> Self {
                Self(Size::Small(integer.into()))
            }
        })*
    };
}

small!(i8, u8, i16, u16, i32, u32, i64, u64, i128);

impl From<u128> for Int {
    fn from(integer: u128) -> Self {
        let mut bytes = integer.to_le_bytes().to_vec();
        bytes.push(0);
        Self::from_le_bytes(&bytes)
    }
}

macro_rules! narrow {
    ($($integer:ty),*) => {
        $(impl TryFrom<&Int> for $integer {
            type Error = Error;

            fn try_from(integer: &Int) -> Result<Self> {
                let small = integer.to_i128().and_then(|small| Self::try_from(small).ok());
                small.ok_or_else(|| Error::OutOfRange {
                    value: integer.to_string(),
                    wanted: stringify!($integer).to_owned(),
                })
            }
        })*
    };
}

narrow!(i8, u8, i16, u16, i32, u32, i64, u64, i128, usize, isize);

impl TryFrom<&Int> for u128 {
    type Error = Error;

    fn try_from(integer: &Int) -> Result<Self> {
        let bytes = integer.to_le_bytes();
        let digits = match bytes.split_last() {
            Some((0, digits)) if digits.len() == size_of::<u128>() => digits,
            Some((last, _)) if bytes.len() <= size_of::<u128>() && last.cast_signed() >= 0 => &bytes,
            _ => return Err(Error::OutOfRange { value: integer.to_string(), wanted: "u128".to_owned() }),
        };
        let mut wide = [0; size_of::<u128>()];
        wide[..digits.len()].copy_from_slice(digits);
        Ok(Self::from_le_bytes(wide))
    }
}
