//! Files of numpy arrays (`.npy`) to arrays and back; from and to bytes, whole files at a time.

mod header;
mod literal;
mod write;

pub use header::Header;
pub use write::{array_to_vec, to_vec};

use ndarray::{Dimension, ShapeBuilder};
use num_complex::Complex;

use crate::{
    Array, ArrayData, DType, Element, Error, Result,
    array::{describe, typed},
    element::{Codec, Endian},
    layout::Layout,
};

/// The array in an `.npy` file, of a type that is known.
///
/// The layout is the one of the file. Fails if the file is damaged, or holds another element type or number of
/// dimensions; elements of either byte order are read.
///
/// ```
/// use datajoint_blob::npy;
/// use ndarray::{Ix2, array};
///
/// let traces = array![[1.0, 2.0], [3.0, 4.0]];
/// let file = npy::to_vec(&traces)?;
/// assert_eq!(npy::from_slice::<f64, Ix2>(&file)?, traces);
/// # Ok::<(), datajoint_blob::Error>(())
/// ```
pub fn from_slice<A: Element, D: Dimension>(file: &[u8]) -> Result<ndarray::Array<A, D>> {
    let (header, elements) = Header::split(file)?;
    let mismatch = || Error::mismatch(typed::wanted::<A, D>(), describe(header.dtype(), header.shape()));
    if header.dtype() != A::DTYPE {
        return Err(mismatch());
    }
    let dimension: D = typed::dimensions(header.shape()).ok_or_else(mismatch)?;
    let elements = A::read(elements, header.endian);
    ndarray::Array::from_shape_vec(dimension.set_f(header.fortran_order()), elements)
        .map_err(|fault| Error::Npy(fault.to_string()))
}

/// The array in an `.npy` file, of any type that blobs can hold.
///
/// Fails if the file is damaged, or has text, objects or records.
///
/// ```
/// use datajoint_blob::{DType, npy};
/// use ndarray::array;
///
/// let file = npy::to_vec(&array![1_i16, 2, 3])?;
/// assert_eq!(npy::read(&file)?.dtype(), DType::I16);
/// # Ok::<(), datajoint_blob::Error>(())
/// ```
pub fn read(file: &[u8]) -> Result<Array> {
    let (header, elements) = Header::split(file)?;
    let data = match header.dtype() {
        DType::Bool => ArrayData::Bool(fortran(&header, elements)),
        DType::I8 => ArrayData::I8(fortran(&header, elements)),
        DType::U8 => ArrayData::U8(fortran(&header, elements)),
        DType::I16 => ArrayData::I16(fortran(&header, elements)),
        DType::U16 => ArrayData::U16(fortran(&header, elements)),
        DType::I32 => ArrayData::I32(fortran(&header, elements)),
        DType::U32 => ArrayData::U32(fortran(&header, elements)),
        DType::I64 => ArrayData::I64(fortran(&header, elements)),
        DType::U64 => ArrayData::U64(fortran(&header, elements)),
        DType::F32 => ArrayData::F32(fortran(&header, elements)),
        DType::F64 => ArrayData::F64(fortran(&header, elements)),
        DType::C64 => ArrayData::C64(fortran::<Complex<f32>>(&header, elements)),
        DType::C128 => ArrayData::C128(fortran::<Complex<f64>>(&header, elements)),
        DType::DateTime(unit) => ArrayData::DateTime(unit, fortran(&header, elements)),
        other @ (DType::Char | DType::Object) => return Err(Error::Npy(format!("unsupported type {other}"))),
    };
    Array::new(header.shape(), data)
}

fn fortran<A: Codec>(header: &Header, elements: &[u8]) -> Vec<A> {
    let elements = A::read(elements, header.endian);
    if header.fortran_order() {
        elements
    } else {
        Layout::Standard(elements.into()).into_fortran(header.shape())
    }
}

impl Header {
    /// The header of a file, and the bytes of its elements, which are as many as the header says.
    fn split(file: &[u8]) -> Result<(Self, &[u8])> {
        let header = Self::parse(file)?;
        let elements = file.get(header.data_offset()..).unwrap_or_default();
        let (expected, found) = (header.data_length()?, elements.len());
        if expected == found {
            Ok((header, elements))
        } else {
            Err(Error::Npy(format!(
                "the header announces {expected} bytes of elements, the file has {found}"
            )))
        }
    }

    /// How many bytes the elements take.
    ///
    /// Fails if they are more than this machine can count.
    pub fn data_length(&self) -> Result<usize> {
        let size = self.dtype().size().unwrap_or_default();
        let length = crate::reader::elements(self.shape())?.checked_mul(size);
        length.ok_or_else(|| Error::Npy(format!("shape {:?} is beyond this machine", self.shape())))
    }

    /// The type of the elements with their byte order, as numpy writes it: `float32`, `>i4`.
    pub fn dtype_name(&self) -> String {
        match header::descr(self.dtype()) {
            Some(name) if self.is_big_endian() && name.starts_with('<') => name.replacen('<', ">", 1),
            _ => self.dtype().to_string(),
        }
    }

    /// Whether the elements have their most significant byte first.
    pub fn is_big_endian(&self) -> bool {
        self.endian == Endian::Big
    }
}
