//! Arrays whose element type is known only when they are read.

pub(crate) mod blob;
mod data;
mod dtype;
mod header;
pub(crate) mod typed;

pub use data::ArrayData;
pub use dtype::{DType, DateTimeUnit};
pub(crate) use header::{Header, describe};

use crate::{Element, Error, Result, Value, reader};

/// An array of any element type and any number of dimensions; numpy's scalars are arrays of none.
///
/// ```
/// use datajoint_blob::{Array, DType};
///
/// let array = Array::new([2, 2], vec![1.0, 2.0, 3.0, 4.0])?;
/// assert_eq!(array.dtype(), DType::F64);
/// assert_eq!(array.view::<f64, ndarray::Ix2>()?[[1, 0]], 2.0);
/// # Ok::<(), datajoint_blob::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    shape: Vec<usize>,
    data: ArrayData,
}

impl Array {
    /// An array of elements that are given with the first axis fastest.
    ///
    /// Fails if there are more or fewer elements than the shape says.
    pub fn new(shape: impl Into<Vec<usize>>, data: impl Into<ArrayData>) -> Result<Self> {
        let (shape, data) = (shape.into(), data.into());
        if reader::elements(&shape)? == data.len() {
            Ok(Self { shape, data })
        } else {
            let found = format!("{} elements: give as many as the lengths multiply to", data.len());
            Err(Error::Shape { shape, found })
        }
    }

    /// An array of no dimensions, as numpy writes its scalars.
    pub fn scalar<T: Element>(element: T) -> Self {
        Self { shape: Vec::new(), data: T::wrap(vec![element]) }
    }

    /// Characters in one row, as MATLAB writes text.
    pub fn chars(text: &str) -> Self {
        let units: Vec<_> = text.encode_utf16().collect();
        Self { shape: vec![1, units.len()], data: ArrayData::Char(units) }
    }

    /// The type of the elements.
    pub fn dtype(&self) -> DType {
        self.data.dtype()
    }

    /// The length of each axis.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The elements, first axis fastest.
    pub fn data(&self) -> &ArrayData {
        &self.data
    }

    /// The elements if they are of this type, first axis fastest.
    pub fn elements<T: Element>(&self) -> Option<&[T]> {
        T::borrow(&self.data)
    }

    /// The elements if they are values of any type, first axis fastest.
    pub fn objects(&self) -> Option<&[Value]> {
        match &self.data {
            ArrayData::Object(values) => Some(values),
            _ => None,
        }
    }

    /// The text of a single row of characters, if it is one and is sound.
    pub fn text(&self) -> Option<String> {
        match (&self.data, &self.shape[..]) {
            (ArrayData::Char(units), [] | [_] | [1, _] | [0, 0]) => String::from_utf16(units).ok(),
            _ => None,
        }
    }

    /// The shape and the elements.
    pub fn into_parts(self) -> (Vec<usize>, ArrayData) {
        (self.shape, self.data)
    }
}
