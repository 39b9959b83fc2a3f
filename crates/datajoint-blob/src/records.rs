//! Record arrays: numpy arrays with named fields.

use crate::{Array, Error, FromBlob, Item, Result, ToBlob, Writer, code, reader::Reader};

/// A numpy array with named fields, kept field by field.
///
/// ```
/// use datajoint_blob::{Array, RecordArray, Value, pack, unpack};
///
/// let spikes = RecordArray::new([
///     ("unit", Array::new([2], vec![7_i32, 9])?.into()),
///     ("time", Array::new([2], vec![0.1, 0.2])?.into()),
/// ])?;
/// assert_eq!(unpack(&pack(&spikes)?)?, Value::Records(spikes));
/// # Ok::<(), datajoint_blob::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecordArray {
    fields: Vec<(String, Column)>,
}

/// One field of a [`RecordArray`].
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Values of one element type.
    Array(Array),
    /// Records inside the records.
    Records(RecordArray),
}

impl RecordArray {
    /// A record array of these fields.
    ///
    /// Fails if two fields have the same name, or not all have the same shape.
    pub fn new<N: Into<String>>(fields: impl IntoIterator<Item = (N, Column)>) -> Result<Self> {
        let fields: Vec<_> = fields.into_iter().map(|(name, column)| (name.into(), column)).collect();
        check_names(fields.iter().map(|(name, _)| &name[..]))?;
        let mut shapes = fields.iter().filter_map(|(_, column)| column.shape());
        if let Some(first) = shapes.next()
            && let Some(other) = shapes.find(|other| *other != first)
        {
            let found =
                format!("a field of shape {other:?}: all fields of a record array have the same shape");
            return Err(Error::Shape { shape: first.to_vec(), found });
        }
        Ok(Self { fields })
    }

    /// The length of each axis; nothing if there are no fields.
    pub fn shape(&self) -> Option<&[usize]> {
        self.fields.iter().find_map(|(_, column)| column.shape())
    }

    /// The names and the values of the fields.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = (&str, &Column)> {
        self.fields.iter().map(|(name, column)| (&name[..], column))
    }

    /// The field of this name.
    pub fn get(&self, name: &str) -> Option<&Column> {
        self.fields().find(|(known, _)| *known == name).map(|(_, column)| column)
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let mut fields = Vec::new();
        for name in reader.names()? {
            fields.push((name, reader.nested(Column::read)?));
        }
        Self::new(fields)
    }
}

impl Column {
    /// The length of each axis; nothing for records without fields.
    pub fn shape(&self) -> Option<&[usize]> {
        match self {
            Self::Array(array) => Some(array.shape()),
            Self::Records(records) => records.shape(),
        }
    }

    /// The values, if they are not records.
    pub fn as_array(&self) -> Option<&Array> {
        match self {
            Self::Array(array) => Some(array),
            Self::Records(_) => None,
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        match reader.byte()? {
            code::ARRAY => Array::read(reader).map(Self::Array),
            code::RECORDS => RecordArray::read(reader).map(Self::Records),
            code => Err(Error::invalid("code of a field", format!("0x{code:02X}"))),
        }
    }
}

impl From<Array> for Column {
    fn from(array: Array) -> Self {
        Self::Array(array)
    }
}

impl From<RecordArray> for Column {
    fn from(records: RecordArray) -> Self {
        Self::Records(records)
    }
}

impl ToBlob for RecordArray {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        writer.code(code::RECORDS);
        writer.names(self.fields().map(|(name, _)| name))?;
        for (_, column) in &self.fields {
            writer.nested(|writer| match column {
                Column::Array(array) => array.write_blob(writer),
                Column::Records(records) => records.write_blob(writer),
            })?;
        }
        Ok(())
    }
}

impl FromBlob for RecordArray {
    fn read_blob(item: Item<'_>) -> Result<Self> {
        item.only("a record array", code::RECORDS, Self::read)
    }
}

/// Fails if a name stands twice or has a NUL, which ends names in the format.
pub(crate) fn check_names<'a>(names: impl Iterator<Item = &'a str>) -> Result<()> {
    let mut known = std::collections::HashSet::new();
    for name in names {
        if name.contains('\0') || !known.insert(name) {
            let what = format!("the field name {name:?}");
            return Err(Error::Unrepresentable {
                what,
                advice: "give each field a name of its own, without NUL",
            });
        }
    }
    Ok(())
}
