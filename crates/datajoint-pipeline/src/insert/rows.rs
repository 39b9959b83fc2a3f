use std::collections::HashSet;

use datajoint_definition::{Backend, IndexItem, JsonPath, JsonStep, JsonType};
use datajoint_schema::Table;
use datajoint_sql::{Value, key_bytes};
use serde_json::Value as Json;

use crate::error::{KeyValues, TooLong};

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
    pub(super) fn only(self, table: &Table) -> Option<KeyValues> {
        self.only_of(table, &table.key_names().collect::<Vec<_>>())
    }

    /// Returns the first row for messages with a longer string than a unique index on a place in JSON takes, and that place.
    pub(super) fn too_long(self, backend: Backend, table: &Table) -> Option<(KeyValues, TooLong)> {
        let items = table.indexes.iter().filter(|index| index.unique).flat_map(|index| &index.items);
        items.filter(|item| matches!(item, IndexItem::JsonPath { .. })).find_map(|item| {
            let path = JsonPath::parse(&item.to_string()).ok()?;
            let most = datajoint_sql::longest_at_place(backend, path.returning)?;
            let place = self.columns.iter().position(|column| *column == path.attribute)?;
            let rows = self.values.chunks(self.columns.len().max(1));
            rows.enumerate().find_map(|(number, row)| {
                let letters = match stands_at(&row[place], &path)? {
                    Json::String(text) => text.chars().count(),
                    other => other.to_string().chars().count(),
                };
                let key = self.key_of(table, number).unwrap_or_default();
                let most = most as usize;
                (letters > most).then(|| (key, TooLong { place: item.to_string(), most, given: letters }))
            })
        })
    }

    /// Returns the values of these columns for messages, when all rows have the same.
    pub(super) fn only_of(self, table: &Table, names: &[&str]) -> Option<KeyValues> {
        let mut distinct = self.distinct(names);
        let only = distinct.pop().filter(|_| distinct.is_empty())?;
        Some(shown(table, names, only))
    }

    /// Returns the key of a row for messages.
    pub(super) fn key_of(self, table: &Table, row: usize) -> Option<KeyValues> {
        self.range(row..row + 1).only(table)
    }

    /// The values of these columns and places in JSON, row by row; rows with a null among them, or a default, left out.
    fn whole(self, names: &[&str]) -> impl Iterator<Item = Vec<Value>> + use<'a> {
        let column = |name: &str| self.columns.iter().position(|column| *column == name);
        let place = |name: &&str| match (column(name), JsonPath::parse(name)) {
            (Some(place), _) => Some((place, None)),
            (None, Ok(path)) => column(&path.attribute).map(|place| (place, Some(path))),
            (None, Err(_)) => None,
        };
        let places: Option<Vec<(usize, Option<JsonPath>)>> = names.iter().map(place).collect();
        let rows = places.map(|places| {
            let values = move |row: &'a [Value]| -> Vec<Value> {
                let value = |(place, path): &(usize, Option<JsonPath>)| match path {
                    None => row[*place].clone(),
                    Some(path) => value_at(&row[*place], path),
                };
                places.iter().map(value).collect()
            };
            self.values.chunks(self.columns.len().max(1)).map(values)
        });
        let has_value = |value: &Value| !matches!(value, Value::Null | Value::Default);
        rows.into_iter().flatten().filter(move |values| !values.is_empty() && values.iter().all(has_value))
    }
}

/// What stands at a place of a document; `None` for nothing.
pub(super) fn stands_at(document: &Value, path: &JsonPath) -> Option<Json> {
    let mut found = match document {
        Value::Json(document) => (**document).clone(),
        Value::Text(text) => serde_json::from_str(text).ok()?,
        _ => return None,
    };
    for step in &path.steps {
        found = match (&mut found, step) {
            (Json::Object(members), JsonStep::Member(name)) => members.get_mut(name)?.take(),
            (Json::Array(elements), JsonStep::Element(place)) => {
                elements.get_mut(usize::try_from(*place).ok()?)?.take()
            }
            _ => return None,
        };
    }
    Some(found)
}

/// The same of the type that the place asks for as far as values have it; null for nothing.
fn value_at(document: &Value, path: &JsonPath) -> Value {
    match (stands_at(document, path), path.returning) {
        (None | Some(Json::Null | Json::Array(_) | Json::Object(_)), _) => Value::Null,
        (Some(Json::String(text)), Some(JsonType::Char(_))) => Value::Text(text),
        (Some(scalar), Some(JsonType::Char(_))) => Value::Text(scalar.to_string()),
        (Some(scalar), _) => Value::Json(Box::new(scalar)),
    }
}

/// Returns bound values for messages, as they are read.
pub(super) fn shown(table: &Table, names: &[&str], values: Vec<Value>) -> KeyValues {
    let read = |(name, value): (&&str, Value)| match table.heading.get(name) {
        Some(attribute) => datajoint_sql::read_value(attribute, value.clone()).unwrap_or(value),
        None => value,
    };
    let values: Vec<Value> = names.iter().zip(values).map(read).collect();
    KeyValues::of(names, &values)
}
