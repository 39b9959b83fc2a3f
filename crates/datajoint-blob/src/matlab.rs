//! MATLAB's own containers.

use crate::{
    Error, FromBlob, Item, Result, ToBlob, Value, Writer, code,
    reader::{self, Reader, least_item},
    records::check_names,
};

/// A MATLAB struct array: each element has a value for each field.
///
/// ```
/// use datajoint_blob::{MatStruct, Value, pack, unpack};
///
/// let probe = MatStruct::single([("name", Value::from("A1")), ("gain", Value::from(0.5))])?;
/// assert_eq!(probe.get(0, "gain"), Some(&Value::from(0.5)));
/// assert_eq!(unpack(&pack(&probe)?)?, Value::Struct(probe));
/// # Ok::<(), datajoint_blob::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MatStruct {
    shape: Vec<usize>,
    names: Vec<String>,
    values: Vec<Value>,
}

impl MatStruct {
    /// A struct array; `values` has all fields of the first element, then all of the next, first axis fastest.
    ///
    /// Fails if two fields have the same name, or there are more or fewer values than the shape says.
    pub fn new(shape: impl Into<Vec<usize>>, names: Vec<String>, values: Vec<Value>) -> Result<Self> {
        let shape = shape.into();
        check_names(names.iter().map(|name| &name[..]))?;
        if reader::elements(&shape)?.checked_mul(names.len()) == Some(values.len()) {
            Ok(Self { shape, names, values })
        } else {
            let found = format!(
                "{} values of {} fields: give one for each field of each element",
                values.len(),
                names.len()
            );
            Err(Error::Shape { shape, found })
        }
    }

    /// A struct array of one element.
    ///
    /// Fails if two fields have the same name.
    pub fn single<N: Into<String>>(fields: impl IntoIterator<Item = (N, Value)>) -> Result<Self> {
        let (names, values) = fields.into_iter().map(|(name, value)| (name.into(), value)).unzip();
        Self::new([1], names, values)
    }

    /// The length of each axis.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The names of the fields.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The values, element by element (first axis fastest), in the order of the fields.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// The field of an element, counted with the first axis fastest.
    pub fn get(&self, element: usize, name: &str) -> Option<&Value> {
        let field = self.names.iter().position(|known| known == name)?;
        self.values.get(element.checked_mul(self.names.len())?.checked_add(field)?)
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let (shape, names, count) = Self::read_head(reader)?;
        Value::read_many(reader, count).and_then(|values| Self::new(shape, names, values))
    }

    /// The shape, the names, and how many values follow.
    fn read_head(reader: &mut Reader<'_>) -> Result<(Vec<usize>, Vec<String>, usize)> {
        let (mut shape, count) = reader.shape()?;
        let names: Vec<_> = reader.names()?.into_iter().map(str::to_owned).collect();
        reader.justify(count, names.len() * least_item(reader.options))?;
        reader.squeeze(&mut shape);
        let count = count * names.len();
        Ok((shape, names, count))
    }
}

impl ToBlob for MatStruct {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        writer.matlab_code(code::STRUCT);
        writer.shape(&self.shape);
        writer.names(self.names.iter().map(|name| &name[..]))?;
        writer.items(self.values.iter())
    }
}

impl FromBlob for MatStruct {
    fn read_blob(item: Item<'_>) -> Result<Self> {
        item.only("a MATLAB struct", code::STRUCT, Self::read)
    }
}

/// A MATLAB cell array: values of any type in a grid.
#[derive(Clone, Debug, PartialEq)]
pub struct MatCell {
    shape: Vec<usize>,
    values: Vec<Value>,
}

impl MatCell {
    /// A cell array of values that are given with the first axis fastest.
    ///
    /// Fails if there are more or fewer values than the shape says.
    pub fn new(shape: impl Into<Vec<usize>>, values: Vec<Value>) -> Result<Self> {
        let shape = shape.into();
        if reader::elements(&shape)? == values.len() {
            Ok(Self { shape, values })
        } else {
            let found = format!("{} values: give as many as the lengths multiply to", values.len());
            Err(Error::Shape { shape, found })
        }
    }

    /// The length of each axis.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The values, first axis fastest.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// The values, first axis fastest.
    pub fn into_values(self) -> Vec<Value> {
        self.values
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let (mut shape, count) = reader.shape()?;
        reader.justify(count, least_item(reader.options))?;
        let values = Value::read_many(reader, count)?;
        reader.squeeze(&mut shape);
        Ok(Self { shape, values })
    }
}

impl ToBlob for MatCell {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        writer.matlab_code(code::CELL);
        writer.shape(&self.shape);
        writer.items(self.values.iter())
    }
}

impl FromBlob for MatCell {
    fn read_blob(item: Item<'_>) -> Result<Self> {
        item.only("a MATLAB cell", code::CELL, Self::read)
    }
}
