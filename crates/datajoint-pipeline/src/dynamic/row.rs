use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use datajoint_blob::FromBlob;
use datajoint_sql::Value;

use crate::Bound;
use crate::error::Hint;
use crate::typed::{AttributeValue, ValueError, describe};

/// A row whose attributes are known at run time only: names and values, in order.
///
/// ```
/// use datajoint_pipeline::DynamicRow;
///
/// let row = DynamicRow::new().with("subject", 7)?.with("note", "calm")?;
/// assert_eq!(row.get::<i32>("subject")?, 7);
/// assert_eq!(row.to_string(), "{subject: 7, note: \"calm\"}");
/// assert!(row.get::<i32>("subjekt").unwrap_err().to_string().contains("did you mean `subject`"));
/// # Ok::<(), datajoint_pipeline::typed::ValueError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct DynamicRow {
    names: Arc<[String]>,
    values: Vec<Value>,
}

impl DynamicRow {
    /// A row without attributes.
    pub fn new() -> Self {
        Self { names: Arc::from([]), values: Vec::new() }
    }

    pub(crate) fn of(names: Arc<[String]>, values: Vec<Value>) -> Self {
        Self { names, values }
    }

    /// The same row with one more attribute, or another value of one that it has.
    ///
    /// Fails when the value can't be kept in a database.
    pub fn with(mut self, name: &str, value: impl Into<Bound>) -> Result<Self, ValueError> {
        self.set(name, value.into().into_value().map_err(|error| error.at(name))?);
        Ok(self)
    }

    /// Sets an attribute, which is appended if the row doesn't have it.
    pub fn set(&mut self, name: impl Into<String>, value: Value) {
        let name = name.into();
        if let Some(place) = self.names.iter().position(|known| *known == name) {
            self.values[place] = value;
        } else {
            self.names = self.names.iter().cloned().chain([name]).collect();
            self.values.push(value);
        }
    }

    /// The value of an attribute as a Rust type.
    ///
    /// Fails when the row doesn't have it, and when the value is of another type or null; read it as `Option`
    /// where it may be null.
    pub fn get<T: AttributeValue>(&self, name: &str) -> Result<T, ValueError> {
        T::from_value(self.value(name)?.clone()).map_err(|error| error.at(name))
    }

    /// The value of an attribute that is a blob in the table.
    pub fn blob<T: FromBlob>(&self, name: &str) -> Result<T, ValueError> {
        crate::typed::blob::unpack(self.value(name)?.clone()).map_err(|error| error.at(name))
    }

    /// The value of an attribute as it is. Fails when the row doesn't have it.
    pub fn value(&self, name: &str) -> Result<&Value, ValueError> {
        let place = self.names.iter().position(|known| known == name);
        place.map(|place| &self.values[place]).ok_or_else(|| {
            let hint = Hint::of(name, self.names.iter().map(String::as_str));
            ValueError::new(format!("the row doesn't have it{hint}")).at(name)
        })
    }

    /// The names of the attributes, in order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The values, in the order of the names.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.names.iter().map(String::as_str).zip(&self.values)
    }

    pub(crate) fn into_pairs(self) -> impl Iterator<Item = (String, Value)> {
        let names: Vec<String> = self.names.to_vec();
        names.into_iter().zip(self.values)
    }

    pub(crate) fn into_values(self) -> Vec<Value> {
        self.values
    }
}

impl Default for DynamicRow {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for DynamicRow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("{")?;
        for (place, (name, value)) in self.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(formatter, "{comma}{name}: {}", describe(value))?;
        }
        formatter.write_str("}")
    }
}

impl<N: Into<String>> FromIterator<(N, Value)> for DynamicRow {
    fn from_iter<I: IntoIterator<Item = (N, Value)>>(pairs: I) -> Self {
        let (names, values): (Vec<String>, Vec<Value>) =
            pairs.into_iter().map(|(name, value)| (name.into(), value)).unzip();
        Self { names: names.into(), values }
    }
}

impl From<BTreeMap<String, Value>> for DynamicRow {
    fn from(pairs: BTreeMap<String, Value>) -> Self {
        pairs.into_iter().collect()
    }
}

impl<S> From<HashMap<String, Value, S>> for DynamicRow {
    fn from(pairs: HashMap<String, Value, S>) -> Self {
        let sorted: BTreeMap<String, Value> = pairs.into_iter().collect();
        sorted.into()
    }
}

impl<'a, const N: usize> From<[(&'a str, Value); N]> for DynamicRow {
    fn from(pairs: [(&'a str, Value); N]) -> Self {
        pairs.into_iter().collect()
    }
}
