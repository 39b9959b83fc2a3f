//! Elements to bytes and back, many at a time.

use num_complex::Complex;

use crate::{ArrayData, DType, layout::transpose};

/// The order of the bytes of one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endian {
    /// Least byte first, as in blobs.
    Little,
    /// Most byte first.
    Big,
}

/// What an element type can do; sealed by not being exported.
pub trait Codec: Copy + Default + PartialEq + std::fmt::Debug + Send + Sync + 'static {
    /// Bytes of one element.
    const SIZE: usize;

    /// Appends elements one after the other.
    fn write(elements: &[Self], out: &mut Vec<u8>);

    /// Reads elements written one after the other.
    fn read(bytes: &[u8], endian: Endian) -> Vec<Self>;

    /// Appends elements as blobs have them: of complex numbers first all real parts, then all imaginary ones.
    fn write_planes(elements: &[Self], out: &mut Vec<u8>) {
        Self::write(elements, out);
    }

    /// Appends elements that are given with the last axis fastest.
    fn write_transposed(elements: &[Self], shape: &[usize], out: &mut Vec<u8>);

    /// Reads elements as blobs have them.
    fn read_planes(bytes: &[u8]) -> Vec<Self> {
        Self::read(bytes, Endian::Little)
    }

    /// Wraps elements for an array of any type.
    fn wrap(elements: Vec<Self>) -> ArrayData;

    /// The elements of an array of any type, or the array back if it has another type.
    fn unwrap(data: ArrayData) -> Result<Vec<Self>, ArrayData>;

    /// Looks at the elements of an array of any type.
    fn borrow(data: &ArrayData) -> Option<&[Self]>;
}

macro_rules! wrapped {
    ($variant:ident) => {
        fn wrap(elements: Vec<Self>) -> ArrayData {
            ArrayData::$variant(elements)
        }

        fn unwrap(data: ArrayData) -> Result<Vec<Self>, ArrayData> {
            match data {
                ArrayData::$variant(elements) => Ok(elements),
                other => Err(other),
            }
        }

        fn borrow(data: &ArrayData) -> Option<&[Self]> {
            match data {
                ArrayData::$variant(elements) => Some(elements),
                _ => None,
            }
        }
    };
}

macro_rules! numbers {
    ($($number:ty => $variant:ident),* $(,)?) => {
        $(impl Codec for $number {
            const SIZE: usize = size_of::<Self>();

            fn write(elements: &[Self], out: &mut Vec<u8>) {
                let start = out.len();
                out.resize(start + size_of_val(elements), 0);
                let (chunks, _) = out[start..].as_chunks_mut();
                for (chunk, element) in chunks.iter_mut().zip(elements) {
                    *chunk = element.to_le_bytes();
                }
            }

            fn write_transposed(elements: &[Self], shape: &[usize], out: &mut Vec<u8>) {
                let start = out.len();
                out.resize(start + size_of_val(elements), 0);
                let (chunks, _) = out[start..].as_chunks_mut();
                transpose(elements, shape, chunks, <$number>::to_le_bytes);
            }

            fn read(bytes: &[u8], endian: Endian) -> Vec<Self> {
                let chunks = bytes.as_chunks().0.iter();
                match endian {
                    Endian::Little => chunks.map(|&chunk| Self::from_le_bytes(chunk)).collect(),
                    Endian::Big => chunks.map(|&chunk| Self::from_be_bytes(chunk)).collect(),
                }
            }

            wrapped!($variant);
        })*
    };
}

numbers! {
    i8 => I8, u8 => U8, i16 => I16, u16 => U16, i32 => I32, u32 => U32, i64 => I64, u64 => U64, f32 => F32, f64 => F64,
}

impl Codec for bool {
    const SIZE: usize = 1;

    fn write(elements: &[Self], out: &mut Vec<u8>) {
        out.extend(elements.iter().map(|&element| u8::from(element)));
    }

    fn write_transposed(elements: &[Self], shape: &[usize], out: &mut Vec<u8>) {
        let start = out.len();
        out.resize(start + elements.len(), 0);
        transpose(elements, shape, &mut out[start..], u8::from);
    }

    fn read(bytes: &[u8], _: Endian) -> Vec<Self> {
        bytes.iter().map(|&byte| byte != 0).collect()
    }

    wrapped!(Bool);
}

macro_rules! complex {
    ($($part:ty => $variant:ident),*) => {
        $(impl Codec for Complex<$part> {
            const SIZE: usize = size_of::<Self>();

            fn write(elements: &[Self], out: &mut Vec<u8>) {
                out.reserve(size_of_val(elements));
                for element in elements {
                    out.extend_from_slice(&element.re.to_le_bytes());
                    out.extend_from_slice(&element.im.to_le_bytes());
                }
            }

            fn write_transposed(elements: &[Self], shape: &[usize], out: &mut Vec<u8>) {
                let start = out.len();
                out.resize(start + size_of_val(elements), 0);
                let (real, imaginary) = out[start..].as_chunks_mut().0.split_at_mut(elements.len());
                transpose(elements, shape, real, |element| element.re.to_le_bytes());
                transpose(elements, shape, imaginary, |element| element.im.to_le_bytes());
            }

            fn read(bytes: &[u8], endian: Endian) -> Vec<Self> {
                let parts = <$part>::read(bytes, endian);
                parts.as_chunks().0.iter().map(|&[re, im]| Self::new(re, im)).collect()
            }

            fn write_planes(elements: &[Self], out: &mut Vec<u8>) {
                <$part>::write(&elements.iter().map(|element| element.re).collect::<Vec<_>>(), out);
                <$part>::write(&elements.iter().map(|element| element.im).collect::<Vec<_>>(), out);
            }

            fn read_planes(bytes: &[u8]) -> Vec<Self> {
                let (real, imaginary) = bytes.split_at(bytes.len() / 2);
                let imaginary = <$part>::read(imaginary, Endian::Little);
                <$part>::read(real, Endian::Little).into_iter().zip(imaginary).map(|(re, im)| Self::new(re, im)).collect()
            }

            wrapped!($variant);
        })*
    };
}

complex! { f32 => C64, f64 => C128 }

impl DType {
    /// Bytes of one element that is stored by itself.
    pub(crate) fn size(self) -> Option<usize> {
        Some(match self {
            Self::Bool | Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 | Self::Char => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 | Self::C64 | Self::DateTime(_) => 8,
            Self::C128 => 16,
            Self::Object => return None,
        })
    }
}
