//! What stands before the elements of an array.

use std::fmt;

use crate::{
    DType, Error, Result, Writer, code,
    reader::{Reader, least_item},
};

/// The shape and the type of an array that is being read.
pub(crate) struct Header {
    pub(crate) shape: Vec<usize>,
    pub(crate) count: usize,
    /// The type of an element, or of its real part.
    pub(crate) part: DType,
    pub(crate) complex: bool,
}

impl Header {
    /// Reads what follows the code, and makes sure that the elements can be there.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let (mut shape, count) = reader.shape()?;
        let id = reader.number()?;
        let part = DType::from_id(id)?;
        let complex = match reader.number()? {
            0 => false,
            1 => true,
            flag => return Err(Error::invalid("complex flag", flag.to_string())),
        };
        if complex && matches!(part, DType::Bool | DType::Char | DType::Object | DType::DateTime(_)) {
            return Err(Error::UnknownArrayType { id, complex });
        }
        let size = part.size().unwrap_or(least_item(reader.options));
        reader.justify(count, size * (1 + usize::from(complex)))?;
        reader.squeeze(&mut shape);
        Ok(Self { shape, count, part, complex })
    }

    /// The type of the array once it is read; complex integers become floats.
    pub(crate) fn dtype(&self) -> DType {
        match (self.part, self.complex) {
            (part, false) => part,
            (DType::F32, true) => DType::C64,
            (_, true) => DType::C128,
        }
    }
}

impl fmt::Display for Header {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        describe(self.dtype(), &self.shape).fmt(out)
    }
}

/// Names an array by its type and shape.
pub(crate) fn describe(dtype: DType, shape: &[usize]) -> String {
    format!("an array of {dtype} with shape {shape:?}")
}

/// Writes what stands before the elements.
pub(crate) fn write(writer: &mut Writer, shape: &[usize], dtype: DType) {
    // MATLAB has no arrays without dimensions, no objects and no times.
    let extended = match dtype {
        DType::Char => false,
        DType::Object | DType::DateTime(_) => true,
        _ => shape.is_empty(),
    };
    writer.extended |= extended;
    writer.matlab_code(code::ARRAY);
    writer.shape(shape);
    let (id, complex) = dtype.id();
    writer.number(id);
    writer.number(u32::from(complex));
}
