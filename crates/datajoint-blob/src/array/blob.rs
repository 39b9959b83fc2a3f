//! Arrays of any type to bytes and back.

use num_complex::Complex;

use super::{Header, header};
use crate::{
    Array, ArrayData, DType, Element, Error, FromBlob, Item, Result, ToBlob, Value, Writer, code,
    element::Codec, reader::Reader,
};

impl ToBlob for Array {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        header::write(writer, &self.shape, self.data.dtype());
        match &self.data {
            ArrayData::Object(values) => return writer.items(values.iter()),
            data => numbers(data, &mut writer.out),
        }
        Ok(())
    }
}

/// Writes the elements that are stored by themselves.
pub(crate) fn numbers(data: &ArrayData, out: &mut Vec<u8>) {
    match data {
        ArrayData::Object(_) => {}
        ArrayData::Bool(elements) => Codec::write_planes(elements, out),
        ArrayData::I8(elements) => Codec::write_planes(elements, out),
        ArrayData::U8(elements) => Codec::write_planes(elements, out),
        ArrayData::I16(elements) => Codec::write_planes(elements, out),
        ArrayData::U16(elements) | ArrayData::Char(elements) => Codec::write_planes(elements, out),
        ArrayData::I32(elements) => Codec::write_planes(elements, out),
        ArrayData::U32(elements) => Codec::write_planes(elements, out),
        ArrayData::I64(elements) | ArrayData::DateTime(_, elements) => Codec::write_planes(elements, out),
        ArrayData::U64(elements) => Codec::write_planes(elements, out),
        ArrayData::F32(elements) => Codec::write_planes(elements, out),
        ArrayData::F64(elements) => Codec::write_planes(elements, out),
        ArrayData::C64(elements) => Codec::write_planes(elements, out),
        ArrayData::C128(elements) => Codec::write_planes(elements, out),
    }
}

impl FromBlob for Array {
    fn read_blob(item: Item<'_>) -> Result<Self> {
        item.only("an array", code::ARRAY, Self::read)
    }
}

impl Array {
    /// Reads what follows the code.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let header = Header::read(reader)?;
        // Objects are values that may have arrays in them, so this has to need little of the stack.
        let data = match header.part {
            DType::Object => Value::read_many(reader, header.count).map(ArrayData::Object),
            _ => read_numbers(&header, reader),
        };
        data.map(|data| Self { shape: header.shape, data })
    }
}

fn read_numbers(header: &Header, reader: &mut Reader<'_>) -> Result<ArrayData> {
    let count = header.count;
    Ok(match header.part {
        _ if header.complex => complex(header, reader)?,
        DType::Object => ArrayData::Object(Value::read_many(reader, count)?),
        DType::Char => ArrayData::Char(numeric(reader, count)?),
        DType::DateTime(unit) => ArrayData::DateTime(unit, numeric(reader, count)?),
        DType::Bool => ArrayData::Bool(numeric(reader, count)?),
        DType::I8 => ArrayData::I8(numeric(reader, count)?),
        DType::U8 => ArrayData::U8(numeric(reader, count)?),
        DType::I16 => ArrayData::I16(numeric(reader, count)?),
        DType::U16 => ArrayData::U16(numeric(reader, count)?),
        DType::I32 => ArrayData::I32(numeric(reader, count)?),
        DType::U32 => ArrayData::U32(numeric(reader, count)?),
        DType::I64 => ArrayData::I64(numeric(reader, count)?),
        DType::U64 => ArrayData::U64(numeric(reader, count)?),
        DType::F32 => ArrayData::F32(numeric(reader, count)?),
        DType::F64 | DType::C64 | DType::C128 => ArrayData::F64(numeric(reader, count)?),
    })
}

fn numeric<T: Codec>(reader: &mut Reader<'_>, count: usize) -> Result<Vec<T>> {
    reader.take(count * T::SIZE).map(T::read_planes)
}

/// Reads the elements that the header announces, if they are of this type.
pub(crate) fn elements<T: Element>(reader: &mut Reader<'_>, header: &Header) -> Option<Result<Vec<T>>> {
    if header.dtype() != T::DTYPE {
        return None;
    }
    if header.complex && !matches!(header.part, DType::F32 | DType::F64) {
        let data = complex(header, reader);
        return Some(data.map(|data| T::unwrap(data).unwrap_or_default()));
    }
    Some(numeric(reader, header.count))
}

/// MATLAB has complex integers; nothing else has, so they become floats.
fn complex(header: &Header, reader: &mut Reader<'_>) -> Result<ArrayData> {
    let count = header.count;
    Ok(ArrayData::C128(match header.part {
        DType::F32 => return numeric(reader, count).map(ArrayData::C64),
        DType::I8 => planes::<i8>(reader, count, |part| Some(part.into()))?,
        DType::U8 => planes::<u8>(reader, count, |part| Some(part.into()))?,
        DType::I16 => planes::<i16>(reader, count, |part| Some(part.into()))?,
        DType::U16 => planes::<u16>(reader, count, |part| Some(part.into()))?,
        DType::I32 => planes::<i32>(reader, count, |part| Some(part.into()))?,
        DType::U32 => planes::<u32>(reader, count, |part| Some(part.into()))?,
        DType::I64 => planes::<i64>(reader, count, |part| crate::int::exact_f64(part.into()))?,
        DType::U64 => planes::<u64>(reader, count, |part| crate::int::exact_f64(part.into()))?,
        _ => numeric(reader, count)?,
    }))
}

fn planes<T: Codec + std::fmt::Display>(
    reader: &mut Reader<'_>,
    count: usize,
    convert: impl Fn(T) -> Option<f64>,
) -> Result<Vec<Complex<f64>>> {
    let mut plane = || -> Result<Vec<f64>> {
        let parts = numeric::<T>(reader, count)?.into_iter();
        parts
            .map(|part| {
                convert(part)
                    .ok_or_else(|| Error::OutOfRange { value: part.to_string(), wanted: "complex128".into() })
            })
            .collect()
    };
    let (real, imaginary) = (plane()?, plane()?);
    Ok(real.into_iter().zip(imaginary).map(|(re, im)| Complex::new(re, im)).collect())
}

/// Writes the elements of an array that is known by its type, without gathering them first.
pub(crate) fn write_elements<A, S, D>(array: &ndarray::ArrayBase<S, D>, writer: &mut Writer)
where
    A: Element,
    S: ndarray::Data<Elem = A>,
    D: ndarray::Dimension,
{
    header::write(writer, array.shape(), A::DTYPE);
    match crate::layout::layout(array) {
        crate::layout::Layout::Fortran(elements) => A::write_planes(&elements, &mut writer.out),
        crate::layout::Layout::Standard(elements) => {
            A::write_transposed(&elements, array.shape(), &mut writer.out);
        }
    }
}

/// Writes a list of numbers as an array of one dimension.
pub(crate) fn write_slice<A: Element>(elements: &[A], writer: &mut Writer) {
    header::write(writer, &[elements.len()], A::DTYPE);
    A::write_planes(elements, &mut writer.out);
}
