//! Arrays to files.

use std::fmt::Write;

use ndarray::{ArrayBase, Data, Dimension};

use super::header::{MAGIC, descr};
use crate::{
    Array, ArrayData, DType, Element, Error, Result,
    array::blob::numbers,
    element::Codec,
    layout::{Layout, layout},
};

/// The `.npy` file of an array, byte for byte as numpy writes it.
///
/// Arrays in Fortran order stay in it. Fails if the header gets too long, which takes thousands of dimensions.
/// [`from_slice`](super::from_slice) has an example.
pub fn to_vec<A, S, D>(array: &ArrayBase<S, D>) -> Result<Vec<u8>>
where
    A: Element,
    S: Data<Elem = A>,
    D: Dimension,
{
    let layout = layout(array);
    let fortran = matches!(layout, Layout::Fortran(_)) && needs_order(array.shape());
    let mut file = header(A::DTYPE, array.shape(), fortran)?;
    let (Layout::Fortran(elements) | Layout::Standard(elements)) = layout;
    A::write(&elements, &mut file);
    Ok(file)
}

/// The `.npy` file of an array of any type, in Fortran order.
///
/// Fails if the elements are characters or objects.
///
/// ```
/// use datajoint_blob::{Array, npy};
///
/// let array = Array::new([2, 2], vec![1.0, 2.0, 3.0, 4.0])?;
/// assert_eq!(npy::read(&npy::array_to_vec(&array)?)?, array);
/// # Ok::<(), datajoint_blob::Error>(())
/// ```
pub fn array_to_vec(array: &Array) -> Result<Vec<u8>> {
    let mut file = header(array.dtype(), array.shape(), needs_order(array.shape()))?;
    match array.data() {
        ArrayData::C64(elements) => Codec::write(elements, &mut file),
        ArrayData::C128(elements) => Codec::write(elements, &mut file),
        data => numbers(data, &mut file),
    }
    Ok(file)
}

/// Whether the order of the axes makes a difference.
fn needs_order(shape: &[usize]) -> bool {
    !shape.contains(&0) && shape.iter().filter(|&&length| length > 1).count() > 1
}

fn header(dtype: DType, shape: &[usize], fortran: bool) -> Result<Vec<u8>> {
    /// Numpy leaves room for the longest axis to grow.
    const DIGITS: usize = 21;
    const ALIGN: usize = 64;
    let descr = descr(dtype).ok_or_else(|| Error::Unrepresentable {
        what: format!("an array of {dtype}"),
        advice: "`.npy` files take numbers, booleans and times; pack it as a blob",
    })?;
    let order = if fortran { "True" } else { "False" };
    let lengths = match shape {
        [only] => format!("{only},"),
        _ => shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': ({lengths}), }}");
    if let Some(growing) = if fortran { shape.last() } else { shape.first() } {
        let room = DIGITS - growing.to_string().len();
        write!(text, "{:room$}", "").map_err(|fault| Error::Npy(fault.to_string()))?;
    }
    let mut file = MAGIC.to_vec();
    let short = (text.len() + ALIGN) <= u16::MAX.into();
    let prefix = file.len() + if short { 4 } else { 6 };
    let end = (prefix + text.len() + 1).next_multiple_of(ALIGN);
    let fault = |_| Error::Npy(format!("a shape of {} dimensions is too long for a header", shape.len()));
    if short {
        file.extend_from_slice(&[1, 0]);
        file.extend_from_slice(&u16::try_from(end - prefix).map_err(fault)?.to_le_bytes());
    } else {
        file.extend_from_slice(&[2, 0]);
        file.extend_from_slice(&u32::try_from(end - prefix).map_err(fault)?.to_le_bytes());
    }
    file.extend_from_slice(text.as_bytes());
    file.resize(end - 1, b' ');
    file.push(b'\n');
    Ok(file)
}
