//! Values to bytes and back.

use num_complex::Complex;

use crate::{
    Array, ArrayData, Bytes, Error, FromBlob, Int, Item, MatCell, MatStruct, RecordArray, Result, ToBlob,
    Value, Writer, code,
    moment::Moment,
    reader::{ROOM, Reader, least_item},
};

impl ToBlob for Value {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        match self {
            Self::None => {
                writer.code(code::NONE);
                Ok(())
            }
            Self::Bool(value) => value.write_blob(writer),
            Self::Int(value) => value.write_blob(writer),
            Self::Float(value) => value.write_blob(writer),
            Self::Complex(value) => value.write_blob(writer),
            Self::Str(value) => value.write_blob(writer),
            Self::Bytes(value) => {
                Bytes::write(value, writer);
                Ok(())
            }
            Self::Tuple(values) => writer.sequence(code::TUPLE, values.iter()),
            Self::List(values) => writer.sequence(code::LIST, values.iter()),
            Self::Set(values) => writer.sequence(code::SET, values.iter()),
            Self::Map(pairs) => writer.pairs(pairs.iter().map(|(key, value)| (key, value))),
            Self::Date(value) => value.write_blob(writer),
            Self::Time(value) => value.write_blob(writer),
            Self::DateTime(value) => value.write_blob(writer),
            Self::Decimal(value) => value.write_blob(writer),
            Self::Uuid(value) => value.write_blob(writer),
            Self::Array(value) => value.write_blob(writer),
            Self::Records(value) => value.write_blob(writer),
            Self::Struct(value) => value.write_blob(writer),
            Self::Cell(value) => value.write_blob(writer),
        }
    }
}

impl FromBlob for Value {
    fn read_blob(item: Item<'_>) -> Result<Self> {
        let mut reader = item.reader();
        let value = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(value)
    }
}

impl Value {
    /// Reads one value; calls itself for nested ones, so what needs much room on the stack is elsewhere.
    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        match reader.byte()? {
            code::TUPLE => Self::read_sequence(reader).map(Self::Tuple),
            code::LIST => Self::read_sequence(reader).map(Self::List),
            code::SET => Self::read_sequence(reader).map(Self::Set),
            code::MAP => Self::read_pairs(reader).map(Self::Map),
            code::ARRAY => Self::read_array(reader),
            code::RECORDS => RecordArray::read(reader).map(Self::Records),
            code::STRUCT => MatStruct::read(reader).map(Self::Struct),
            code::CELL => MatCell::read(reader).map(Self::Cell),
            code => Self::read_single(code, reader),
        }
    }

    fn read_single(code: u8, reader: &mut Reader<'_>) -> Result<Self> {
        Ok(match code {
            code::NONE => Self::None,
            code::BOOL => Self::Bool(reader.byte()? != 0),
            code::INT => Self::Int(Int::read(reader)?),
            code::FLOAT => Self::Float(f64::from_le_bytes(reader.array()?)),
            code::COMPLEX => {
                let re = f64::from_le_bytes(reader.array()?);
                Self::Complex(Complex::new(re, f64::from_le_bytes(reader.array()?)))
            }
            code::STR => Self::Str(reader.text()?.to_owned()),
            code::BYTES => Self::Bytes(reader.counted()?.to_vec()),
            code::TIME => match Moment::read(reader)? {
                Moment::Date(date) => Self::Date(date),
                Moment::Time(time) => Self::Time(time),
                Moment::DateTime(both) => Self::DateTime(both),
            },
            code::DECIMAL => Self::Decimal(reader.text()?.parse()?),
            code::UUID => Self::Uuid(uuid::Uuid::from_bytes(reader.array()?)),
            code::SPARSE => return Err(Error::Sparse),
            code => return Err(Error::UnknownCode { code }),
        })
    }

    /// Reads so many values, each with its length before it.
    pub(crate) fn read_many(reader: &mut Reader<'_>, count: usize) -> Result<Vec<Self>> {
        let mut values = Vec::with_capacity(count.min(ROOM));
        for _ in 0..count {
            values.push(Self::read_blob(reader.item()?)?);
        }
        Ok(values)
    }

    fn read_sequence(reader: &mut Reader<'_>) -> Result<Vec<Self>> {
        let count = reader.count(least_item(reader.options))?;
        Self::read_many(reader, count)
    }

    fn read_pairs(reader: &mut Reader<'_>) -> Result<Vec<(Self, Self)>> {
        let count = reader.count(2 * least_item(reader.options))?;
        let mut pairs = Vec::with_capacity(count.min(ROOM));
        for _ in 0..count {
            let key = Self::read_blob(reader.item()?)?;
            pairs.push((key, Self::read_blob(reader.item()?)?));
        }
        Ok(pairs)
    }

    fn read_array(reader: &mut Reader<'_>) -> Result<Self> {
        Array::read(reader).map(|array| Self::squeezed(array, reader))
    }

    /// With the option to squeeze, an array left with no dimensions is a plain value.
    fn squeezed(array: Array, reader: &Reader<'_>) -> Self {
        if !reader.options.squeeze {
            return Self::Array(array);
        }
        if let Some(text) = array.text() {
            return Self::Str(text);
        }
        if array.shape().is_empty() { Self::plain(array) } else { Self::Array(array) }
    }

    /// The plain value that the only element of an array stands for; times stay arrays.
    pub(crate) fn plain(array: Array) -> Self {
        match array.data() {
            ArrayData::Bool(only) => only.first().map(|&only| only.into()),
            ArrayData::I8(only) => only.first().map(|&only| only.into()),
            ArrayData::U8(only) => only.first().map(|&only| only.into()),
            ArrayData::I16(only) => only.first().map(|&only| only.into()),
            ArrayData::U16(only) => only.first().map(|&only| only.into()),
            ArrayData::I32(only) => only.first().map(|&only| only.into()),
            ArrayData::U32(only) => only.first().map(|&only| only.into()),
            ArrayData::I64(only) => only.first().map(|&only| only.into()),
            ArrayData::U64(only) => only.first().map(|&only| only.into()),
            ArrayData::F32(only) => only.first().map(|&only| f64::from(only).into()),
            ArrayData::F64(only) => only.first().map(|&only| only.into()),
            ArrayData::C64(only) => {
                only.first().map(|only| Complex::new(only.re.into(), only.im.into()).into())
            }
            ArrayData::C128(only) => only.first().map(|&only| only.into()),
            ArrayData::Object(only) => only.first().cloned(),
            ArrayData::DateTime(..) | ArrayData::Char(_) => None,
        }
        .unwrap_or(Self::Array(array))
    }
}
