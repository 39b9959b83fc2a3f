use datajoint_blob::{FromBlob, ToBlob};
use datajoint_sql::Value;

use super::{AttributeValue, ValueError};

/// A struct that a row can be read into; derive it with `#[derive(FromRow)]`.
#[diagnostic::on_unimplemented(
    message = "rows can't be read into `{Self}`",
    note = "put `#[derive(datajoint::FromRow)]` on it"
)]
pub trait FromRow: Sized {
    /// The attributes it reads, in order.
    const ATTRIBUTES: &'static [&'static str];

    /// Reads one row whose values stand in the order of [`ATTRIBUTES`](Self::ATTRIBUTES).
    fn from_row(row: &mut RowReader<'_>) -> Result<Self, ValueError>;
}

/// A struct that can be inserted as a row; derive it with `#[derive(IntoRow)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be inserted as a row",
    note = "put `#[derive(datajoint::IntoRow)]` on it"
)]
pub trait IntoRow {
    /// The attributes it writes, in order.
    const ATTRIBUTES: &'static [&'static str];

    /// Writes one value for each of [`ATTRIBUTES`](Self::ATTRIBUTES), in that order.
    fn into_row(self, row: &mut RowWriter<'_>) -> Result<(), ValueError>;
}

/// The values of one row, taken one after the other.
#[derive(Debug)]
pub struct RowReader<'a> {
    values: std::slice::IterMut<'a, Value>,
}

impl<'a> RowReader<'a> {
    /// Reads these values; each is left null.
    pub fn new(values: &'a mut [Value]) -> Self {
        Self { values: values.iter_mut() }
    }

    fn take(&mut self, attribute: &str) -> Result<Value, ValueError> {
        self.values
            .next()
            .map(std::mem::take)
            .ok_or_else(|| ValueError::new("the row has no value for it").at(attribute))
    }

    /// The next value as an attribute's Rust type.
    pub fn value<T: AttributeValue>(&mut self, attribute: &str) -> Result<T, ValueError> {
        T::from_value(self.take(attribute)?).map_err(|error| error.at(attribute))
    }

    /// The next value, a blob in the table, unpacked.
    pub fn blob<T: FromBlob>(&mut self, attribute: &str) -> Result<T, ValueError> {
        crate::typed::blob::unpack(self.take(attribute)?).map_err(|error| error.at(attribute))
    }

    /// The next value, a blob in the table or null.
    pub fn nullable_blob<T: FromBlob>(&mut self, attribute: &str) -> Result<Option<T>, ValueError> {
        match self.take(attribute)? {
            Value::Null => Ok(None),
            value => crate::typed::blob::unpack(value).map(Some).map_err(|error| error.at(attribute)),
        }
    }
}

/// The values of one row, written one after the other.
#[derive(Debug)]
pub struct RowWriter<'a> {
    values: &'a mut Vec<Value>,
}

impl<'a> RowWriter<'a> {
    /// Writes to the end of `values`.
    pub fn new(values: &'a mut Vec<Value>) -> Self {
        Self { values }
    }

    /// Writes an attribute.
    pub fn value<T: AttributeValue>(&mut self, attribute: &str, value: T) -> Result<(), ValueError> {
        self.values.push(value.into_value().map_err(|error| error.at(attribute))?);
        Ok(())
    }

    /// Writes a blob kept in the table.
    pub fn blob<T: ToBlob>(&mut self, attribute: &str, value: &T) -> Result<(), ValueError> {
        self.values.push(crate::typed::blob::pack(value).map_err(|error| error.at(attribute))?);
        Ok(())
    }

    /// Writes a blob kept in the table, or null.
    pub fn nullable_blob<T: ToBlob>(&mut self, attribute: &str, value: Option<&T>) -> Result<(), ValueError> {
        if let Some(value) = value {
            return self.blob(attribute, value);
        }
        self.values.push(Value::Null);
        Ok(())
    }
}
