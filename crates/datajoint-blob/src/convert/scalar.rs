//! Single numbers.

use num_complex::Complex;

use super::sequence;
use crate::{
    Array, Error, FromBlob, Int, Item, Result, ToBlob, Value, Writer,
    array::{Header, blob},
    code,
    int::exact_f64,
};

/// The plain number, or what a numpy scalar or MATLAB's 1×1 array stands for.
fn plain(item: Item<'_>, wanted: &str) -> Result<Value> {
    match item.open()? {
        (code::INT | code::BOOL | code::FLOAT | code::COMPLEX, _) => item.read(),
        (code::ARRAY, mut reader) => match Header::read(&mut reader)?.shape[..] {
            [] | [1, 1] => item.read::<Array>().map(Value::plain),
            _ => Err(item.mismatch(wanted)),
        },
        _ => Err(item.mismatch(wanted)),
    }
}

pub(crate) fn integer(item: Item<'_>, wanted: &str) -> Result<Int> {
    match plain(item, wanted)? {
        Value::Int(integer) => Ok(integer),
        _ => Err(item.mismatch(wanted)),
    }
}

fn complex(item: Item<'_>, wanted: &str) -> Result<Complex<f64>> {
    match plain(item, wanted)? {
        Value::Complex(number) => Ok(number),
        Value::Float(number) => Ok(number.into()),
        Value::Int(integer) => float(&integer, wanted).map(Complex::from),
        _ => Err(item.mismatch(wanted)),
    }
}

fn real(item: Item<'_>, wanted: &str) -> Result<f64> {
    match plain(item, wanted)? {
        Value::Float(number) => Ok(number),
        Value::Int(integer) => float(&integer, wanted),
        _ => Err(item.mismatch(wanted)),
    }
}

fn float(integer: &Int, wanted: &str) -> Result<f64> {
    let number = integer.to_i128().and_then(exact_f64);
    number.ok_or_else(|| Error::OutOfRange { value: integer.to_string(), wanted: wanted.to_owned() })
}

fn half(number: f64, wanted: &str) -> Result<f32> {
    #[expect(clippy::cast_possible_truncation, reason = "the way back shows a loss")]
    let short = number as f32;
    if f64::from(short).to_bits() == number.to_bits() || number.is_nan() {
        Ok(short)
    } else {
        Err(Error::OutOfRange { value: number.to_string(), wanted: wanted.to_owned() })
    }
}

/// What all elements of arrays have in common: several are one array.
macro_rules! as_array {
    (write) => {
        fn write_blobs(values: &[Self], writer: &mut Writer) -> Result<()> {
            blob::write_slice(values, writer);
            Ok(())
        }
    };
    (read) => {
        fn read_blobs(item: Item<'_>) -> Result<Vec<Self>> {
            sequence::read_numbers(item)
        }
    };
}

macro_rules! integers {
    ($($number:ty),*) => {
        $(
            impl ToBlob for $number {
                fn write_blob(&self, writer: &mut Writer) -> Result<()> {
                    Int::from(*self).write(writer)
                }

                as_array!(write);
            }

            impl FromBlob for $number {
                fn read_blob(item: Item<'_>) -> Result<Self> {
                    Self::try_from(&integer(item, concat!("an integer (", stringify!($number), ")"))?)
                }

                as_array!(read);
            }
        )*
    };
}

integers!(i8, u8, i16, u16, i32, u32, i64, u64);

macro_rules! wide_integers {
    ($($number:ty),*) => {
        $(
            impl ToBlob for $number {
                fn write_blob(&self, writer: &mut Writer) -> Result<()> {
                    Int::from(*self).write(writer)
                }
            }

            impl FromBlob for $number {
                fn read_blob(item: Item<'_>) -> Result<Self> {
                    Self::try_from(&integer(item, concat!("an integer (", stringify!($number), ")"))?)
                }
            }
        )*
    };
}

wide_integers!(i128, u128);

impl ToBlob for bool {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        writer.code(code::BOOL);
        writer.bytes(&[u8::from(*self)]);
        Ok(())
    }

    as_array!(write);
}

impl FromBlob for bool {
    fn read_blob(item: Item<'_>) -> Result<Self> {
        plain(item, "a boolean")?.as_bool().ok_or_else(|| item.mismatch("a boolean"))
    }

    as_array!(read);
}

impl ToBlob for f64 {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        writer.code(code::FLOAT);
        writer.bytes(&self.to_le_bytes());
        Ok(())
    }

    as_array!(write);
}

impl FromBlob for f64 {
    fn read_blob(item: Item<'_>) -> Result<Self> {
        real(item, "a number (f64)")
    }

    as_array!(read);
}

impl ToBlob for f32 {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        f64::from(*self).write_blob(writer)
    }

    as_array!(write);
}

impl FromBlob for f32 {
    fn read_blob(item: Item<'_>) -> Result<Self> {
        half(real(item, "a number (f32)")?, "f32")
    }

    as_array!(read);
}

impl ToBlob for Complex<f64> {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        writer.code(code::COMPLEX);
        writer.bytes(&self.re.to_le_bytes());
        writer.bytes(&self.im.to_le_bytes());
        Ok(())
    }

    as_array!(write);
}

impl FromBlob for Complex<f64> {
    fn read_blob(item: Item<'_>) -> Result<Self> {
        complex(item, "a complex number")
    }

    as_array!(read);
}

impl ToBlob for Complex<f32> {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        Complex::<f64>::new(self.re.into(), self.im.into()).write_blob(writer)
    }

    as_array!(write);
}

impl FromBlob for Complex<f32> {
    fn read_blob(item: Item<'_>) -> Result<Self> {
        let wanted = "a complex number of f32";
        let number = complex(item, wanted)?;
        Ok(Self::new(half(number.re, wanted)?, half(number.im, wanted)?))
    }

    as_array!(read);
}
