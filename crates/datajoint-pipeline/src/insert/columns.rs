use datajoint_definition::{AttributeType, Backend, DefaultValue, count};
use datajoint_schema::{Attribute, Table};
use datajoint_sql::{Value, bind_in_place};

use super::options::Form;
use crate::codec::is_encoded;
use crate::dynamic::fit;
use crate::error::Hint;
use crate::typed::{IntoRow, RowWriter, ValueError};
use crate::{DynamicRow, Error, InsertOptions, Result};

/// The columns of a table that rows have values for, in the order of the rows.
#[derive(Debug, Clone)]
pub(crate) struct Columns {
    pub(crate) names: Vec<String>,
    /// The places of the columns in the heading of the table.
    places: Vec<usize>,
    /// Which of the columns have values that a codec encodes before they are sent.
    pub(super) encoded: Vec<usize>,
    /// The attributes of the rows when some of them are left out, each with whether it is one of the columns.
    given: Option<Vec<(String, bool)>>,
}

impl Columns {
    /// The columns of a struct; fails when the table lacks one, or needs another.
    pub(crate) fn typed(table: &Table, attributes: &[&str], options: InsertOptions) -> Result<Self> {
        let columns = Self::taken(table, attributes.iter().copied(), 1, options)?;
        columns.check_complete(table, 1)?;
        Ok(columns)
    }

    /// The columns of a row; fails when the table lacks one, or needs another.
    pub(crate) fn dynamic(
        table: &Table,
        row: &DynamicRow,
        number: u64,
        options: InsertOptions,
    ) -> Result<Self> {
        let columns = Self::taken(table, row.names(), number, options)?;
        columns.check_complete(table, number)?;
        Ok(columns)
    }

    /// The columns of a struct, and hidden ones behind them; fails when the table lacks one, or needs another.
    pub(crate) fn with_hidden(table: &Table, attributes: &[&str], hidden: &[&str]) -> Result<Self> {
        let columns = Self::of(table, attributes.iter().copied(), 1, hidden)?;
        let columns = columns.with_encoded(table, InsertOptions::new());
        columns.check_complete(table, 1)?;
        Ok(columns)
    }

    /// The columns, without the attributes that the table lacks where these may be left out.
    fn taken<'a>(
        table: &Table,
        names: impl Iterator<Item = &'a str>,
        row: u64,
        options: InsertOptions,
    ) -> Result<Self> {
        if !options.ignore_extra_fields {
            return Ok(Self::of(table, names, row, &[])?.with_encoded(table, options));
        }
        let is_there = |name: &str| table.heading.get(name).is_some_and(|attribute| !attribute.is_hidden());
        let given: Vec<(String, bool)> = names.map(|name| (name.to_owned(), is_there(name))).collect();
        let kept = given.iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name.as_str());
        let columns = Self::of(table, kept, row, &[])?;
        let has_extra = given.iter().any(|(_, is_there)| !is_there);
        Ok(Self { given: has_extra.then_some(given), ..columns }.with_encoded(table, options))
    }

    /// The same where values that codecs encode are taken as they stand in the table, or are not.
    fn with_encoded(mut self, table: &Table, options: InsertOptions) -> Self {
        let is_encoded = |place: &usize| is_encoded(&table.heading.all()[self.places[*place]]);
        self.encoded = if options.form == Form::Stored {
            Vec::new()
        } else {
            (0..self.places.len()).filter(is_encoded).collect()
        };
        self
    }

    /// True when a codec encodes values of a column.
    pub(crate) const fn has_encoded(&self) -> bool {
        !self.encoded.is_empty()
    }

    /// The columns whose values a codec encodes, each with its place among them.
    pub(crate) fn encoded<'t>(&'t self, table: &'t Table) -> impl Iterator<Item = (usize, &'t Attribute)> {
        self.encoded.iter().map(|&column| (column, &*table.heading.all()[self.places[column]]))
    }

    /// True when rows with these attributes have these columns.
    pub(crate) fn is_of<'a>(&self, names: impl Iterator<Item = &'a str>) -> bool {
        match &self.given {
            Some(given) => given.iter().map(|(name, _)| name.as_str()).eq(names),
            None => self.names.iter().map(String::as_str).eq(names),
        }
    }

    /// Takes out of the values of a row those of attributes that are left out.
    pub(crate) fn leave_out(&self, values: &mut Vec<Value>, start: usize) {
        if let Some(given) = &self.given
            && values.len() - start == given.len()
        {
            let mut is_kept = given.iter().map(|(_, is_kept)| *is_kept);
            let mut place = 0;
            values.retain(|_| {
                place += 1;
                place <= start || is_kept.next().unwrap_or(true)
            });
        }
    }

    /// The columns of an update.
    pub(crate) fn of_update<'a>(
        table: &Table,
        names: impl Iterator<Item = &'a str>,
        options: InsertOptions,
    ) -> Result<Self> {
        Self::taken(table, names, 1, options)
    }

    fn of<'a>(
        table: &Table,
        names: impl Iterator<Item = &'a str>,
        row: u64,
        hidden: &[&'a str],
    ) -> Result<Self> {
        let mut columns = Self { names: Vec::new(), places: Vec::new(), encoded: Vec::new(), given: None };
        let names = names.map(|name| (name, false)).chain(hidden.iter().map(|name| (*name, true)));
        for (name, is_hidden) in names {
            let place =
                table.heading.position(name).filter(|_| is_hidden == datajoint_schema::is_hidden_name(name));
            let Some(place) = place.filter(|place| !columns.places.contains(place)) else {
                let known = table.heading.visible().map(|attribute| attribute.name.as_str());
                return Err(Error::ExtraAttribute {
                    table: table.name.clone(),
                    row,
                    attribute: name.to_owned(),
                    hint: Hint::of(name, known),
                });
            };
            columns.names.push(name.to_owned());
            columns.places.push(place);
        }
        if columns.names.is_empty() {
            // A table whose rows differ in nothing visible: it has one row at most.
            for attribute in table.heading.primary_key().filter(|attribute| attribute.is_hidden()) {
                columns.places.extend(table.heading.position(&attribute.name));
                columns.names.push(attribute.name.clone());
            }
        }
        Ok(columns)
    }

    fn check_complete(&self, table: &Table, row: u64) -> Result<()> {
        let is_required =
            |attribute: &&Attribute| !attribute.nullable && attribute.default == DefaultValue::Required;
        let is_missing =
            |needed: &&Attribute| !self.names.contains(&needed.name) && !is_filled_by_database(needed);
        match table.heading.visible().filter(is_required).find(is_missing) {
            None => Ok(()),
            Some(attribute) => Err(Error::MissingAttribute {
                table: table.name.clone(),
                row,
                attribute: attribute.name.clone(),
            }),
        }
    }

    /// Appends the values of a row as the backend takes them; appends nothing when the row is refused.
    pub(crate) fn write<R: IntoRow>(
        &self,
        values: &mut Vec<Value>,
        row: R,
        backend: Backend,
        table: &Table,
        number: u64,
    ) -> Result<()> {
        whole(values, |values| {
            let start = values.len();
            row.into_row(&mut RowWriter::new(values)).map_err(|source| Error::Row {
                table: table.name.clone(),
                row: number,
                source,
            })?;
            self.leave_out(values, start);
            self.bind(values, start, backend, table, number)
        })
    }

    /// Appends the values of a row as the backend takes them; appends nothing when the row is refused.
    pub(crate) fn write_values(
        &self,
        values: &mut Vec<Value>,
        row: Vec<Value>,
        backend: Backend,
        table: &Table,
        number: u64,
    ) -> Result<()> {
        whole(values, |values| {
            let start = values.len();
            values.extend(row);
            self.leave_out(values, start);
            self.bind(values, start, backend, table, number)
        })
    }

    /// The values of an update as they are, once it is known that they fit.
    pub(crate) fn checked(&self, values: Vec<Value>, backend: Backend, table: &Table) -> Result<Vec<Value>> {
        self.bind(&mut values.clone(), 0, backend, table, 1)?;
        let mut values = values;
        for (&place, value) in self.places.iter().zip(&mut values) {
            fit(&table.heading.all()[place], value);
        }
        Ok(values)
    }

    pub(super) fn bind(
        &self,
        values: &mut Vec<Value>,
        start: usize,
        backend: Backend,
        table: &Table,
        number: u64,
    ) -> Result<()> {
        let fault = |source| Error::Row { table: table.name.clone(), row: number, source };
        if values.len() == start {
            values.resize(start + self.places.len(), Value::Bool(true));
        }
        if values.len() - start != self.places.len() {
            let (given, wanted) = (values.len() - start, self.places.len());
            return Err(fault(ValueError::new(format!(
                "{} given for {}",
                count(given, "value"),
                count(wanted, "attribute")
            ))));
        }
        for (column, (&place, value)) in self.places.iter().zip(&mut values[start..]).enumerate() {
            let attribute = &table.heading.all()[place];
            if *value == Value::Null && !attribute.nullable {
                let advice = if attribute.default == DefaultValue::Required {
                    "is null, but it must have a value: give it one"
                } else {
                    "is null, but it must have a value; leave it out for its default"
                };
                return Err(fault(ValueError::new(advice).at(&attribute.name)));
            }
            fit(attribute, value);
            // What a codec encodes is looked at then.
            if self.encoded.contains(&column) && !matches!(value, Value::Null | Value::Default) {
                continue;
            }
            bind_in_place(backend, attribute, value)
                .map_err(|error| fault(ValueError::new(error.to_string()).at(&attribute.name)))?;
        }
        super::places::check(backend, table, &self.names, &values[start..]).map_err(fault)
    }
}

/// Appends values to others, all of them or, when the function fails, none.
pub(super) fn whole<E>(
    values: &mut Vec<Value>,
    append: impl FnOnce(&mut Vec<Value>) -> Result<(), E>,
) -> Result<(), E> {
    let start = values.len();
    let appended = append(values);
    if appended.is_err() {
        values.truncate(start);
    }
    appended
}

/// True for numbers that the database counts up by itself.
fn is_filled_by_database(attribute: &Attribute) -> bool {
    matches!(&attribute.attribute_type, AttributeType::Native(native) if native.counts_up())
}
