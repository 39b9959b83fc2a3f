use std::collections::HashSet;

use datajoint_schema::Table;
use datajoint_sql::{Value, key_bytes};

use crate::query::key_text;

/// Rows of bound values.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub(crate) columns: &'a [&'a str],
    /// The values, row after row.
    pub(crate) values: &'a [Value],
}

impl<'a> Rows<'a> {
    /// Returns those with these numbers, counted from 0.
    pub(super) fn range(self, rows: std::ops::Range<usize>) -> Self {
        let width = self.columns.len();
        Self { values: &self.values[rows.start * width..rows.end * width], ..self }
    }

    /// Returns the values of these columns, each combination once; those with a null left out.
    pub(super) fn distinct(self, names: &[&str]) -> Vec<Vec<Value>> {
        let mut seen = HashSet::new();
        self.whole(names).filter(|values| seen.insert(key_bytes(values))).collect()
    }

    /// Returns the first values of these columns that two rows have.
    pub(super) fn twice(self, names: &[&str]) -> Option<Vec<Value>> {
        let mut seen = HashSet::new();
        self.whole(names).find(|values| !seen.insert(key_bytes(values)))
    }

    /// Returns the key for messages, when all rows have the same one.
    pub(super) fn only(self, table: &Table) -> Option<String> {
        self.only_of(table, &table.key_names().collect::<Vec<_>>())
    }

    /// Returns the values of these columns for messages, when all rows have the same.
    pub(super) fn only_of(self, table: &Table, names: &[&str]) -> Option<String> {
        let mut distinct = self.distinct(names);
        let only = distinct.pop().filter(|_| distinct.is_empty())?;
        Some(shown(table, names, only))
    }

    /// Returns the key of a row for messages.
    pub(super) fn key_of(self, table: &Table, row: usize) -> Option<String> {
        self.range(row..row + 1).only(table)
    }

    /// The values of these columns, row by row; rows with a null among them, or a default, left out.
    fn whole(self, names: &[&str]) -> impl Iterator<Item = Vec<Value>> + use<'a> {
        let places: Option<Vec<usize>> =
            names.iter().map(|name| self.columns.iter().position(|column| column == name)).collect();
        let rows = places.map(|places| {
            let values = move |row: &'a [Value]| -> Vec<Value> {
                places.iter().map(|&place| row[place].clone()).collect()
            };
            self.values.chunks(self.columns.len().max(1)).map(values)
        });
        let has_value = |value: &Value| !matches!(value, Value::Null | Value::Default);
        rows.into_iter().flatten().filter(move |values| !values.is_empty() && values.iter().all(has_value))
    }
}

/// Returns bound values for messages, as they are read.
pub(super) fn shown(table: &Table, names: &[&str], values: Vec<Value>) -> String {
    let read = |(name, value): (&&str, Value)| match table.heading.get(name) {
        Some(attribute) => datajoint_sql::read_value(attribute, value.clone()).unwrap_or(value),
        None => value,
    };
    let values: Vec<Value> = names.iter().zip(values).map(read).collect();
    key_text(names, &values)
}
