//! Arrays of any type from and to those of `ndarray`.

use ndarray::{ArrayBase, ArrayView, Data, DataOwned, Dimension, ShapeBuilder};

use super::{Array, describe};
use crate::{Element, Error, Result, layout};

impl Array {
    /// Copies an array of `ndarray`, whatever its layout.
    pub fn from_ndarray<A: Element, S: Data<Elem = A>, D: Dimension>(array: &ArrayBase<S, D>) -> Self {
        let elements = layout::layout(array).into_fortran(array.shape());
        Self { shape: array.shape().to_vec(), data: A::wrap(elements) }
    }

    /// Looks at the array as one of `ndarray`, without copying.
    ///
    /// Fails if the element type or the number of dimensions is another one.
    pub fn view<A: Element, D: Dimension>(&self) -> Result<ArrayView<'_, A, D>> {
        let elements = A::borrow(&self.data).ok_or_else(|| self.mismatch::<A, D>())?;
        let dimension = dimension::<A, D>(self)?;
        ArrayView::from_shape(dimension.f(), elements).map_err(|_| shape_error(&self.shape, elements.len()))
    }

    /// Turns the array into one of `ndarray`, without copying.
    ///
    /// Fails if the element type or the number of dimensions is another one.
    pub fn into_ndarray<A: Element, D: Dimension>(self) -> Result<ndarray::Array<A, D>> {
        let dimension = dimension::<A, D>(&self)?;
        let Self { shape, data } = self;
        let elements = A::unwrap(data)
            .map_err(|data| Error::mismatch(wanted::<A, D>(), describe(data.dtype(), &shape)))?;
        build(dimension, elements)
    }

    fn mismatch<A: Element, D: Dimension>(&self) -> Error {
        Error::mismatch(wanted::<A, D>(), describe(self.dtype(), &self.shape))
    }
}

fn dimension<A: Element, D: Dimension>(array: &Array) -> Result<D> {
    dimensions(&array.shape).ok_or_else(|| array.mismatch::<A, D>())
}

/// Names an array by what the type says.
pub(crate) fn wanted<A: Element, D: Dimension>() -> String {
    let dimensions = match D::NDIM {
        Some(1) => " with 1 dimension".to_owned(),
        Some(count) => format!(" with {count} dimensions"),
        None => String::new(),
    };
    format!("an array of {}{dimensions}", A::DTYPE)
}

/// The shape as `ndarray` has it, if the number of dimensions is right.
pub(crate) fn dimensions<D: Dimension>(shape: &[usize]) -> Option<D> {
    if D::NDIM.is_some_and(|count| count != shape.len()) {
        return None;
    }
    let mut dimension = D::zeros(shape.len());
    dimension.slice_mut().copy_from_slice(shape);
    Some(dimension)
}

/// An array of elements that are given with the first axis fastest.
pub(crate) fn build<A, S, D>(dimension: D, elements: Vec<A>) -> Result<ArrayBase<S, D>>
where
    S: DataOwned<Elem = A>,
    D: Dimension,
{
    let (shape, count) = (dimension.slice().to_vec(), elements.len());
    ArrayBase::from_shape_vec(dimension.f(), elements).map_err(|_| shape_error(&shape, count))
}

fn shape_error(shape: &[usize], count: usize) -> Error {
    Error::Shape { shape: shape.to_vec(), found: format!("{count} elements, or is beyond this machine") }
}
