//! What the database refused, said in terms of the tables.

use std::collections::HashSet;
use std::sync::Arc;

use datajoint_adapters::Kind;
use datajoint_schema::{ForeignKey, Table};
use datajoint_sql::{Condition, Expression, Value};
use futures_util::future::BoxFuture;

use crate::query::key_text;
use crate::target::Held;
use crate::{Error, Result, Target};

/// The error of an insert, naming the row or the parent where they can be found.
pub(super) fn explained<'a>(
    on: &'a mut Held<'_>,
    table: &'a Arc<Table>,
    columns: &'a [&str],
    values: &'a [Value],
    error: Error,
) -> BoxFuture<'a, Error> {
    Box::pin(explain(on, table, columns, values, error))
}

async fn explain(
    on: &mut Held<'_>,
    table: &Arc<Table>,
    columns: &[&str],
    values: &[Value],
    error: Error,
) -> Error {
    let Error::Adapter(refusal) = error else { return error };
    // What is looked for must see the database without the rows that were refused.
    if on.roll_back().await.is_err() {
        return Error::Adapter(refusal);
    }
    let mut target = on.target();
    // A transaction that PostgreSQL refused something in answers nothing any more.
    if target.is_transaction() && target.backend() == datajoint_definition::Backend::Postgresql {
        return from_constraint(table, Rows { columns, values }, refusal);
    }
    let rows = Rows { columns, values };
    match refusal.kind() {
        Some(Kind::ForeignKey) => match missing_parent(&mut target, table, rows).await {
            Ok(Some((foreign_key, key))) => {
                let parent = foreign_key.parent.clone();
                Error::MissingParent { table: table.name.clone(), parent, key, source: Box::new(refusal) }
            }
            _ => Error::Adapter(refusal),
        },
        Some(Kind::Duplicate) => {
            let key = duplicate(&mut target, table, rows).await.ok().flatten();
            let key = key.map(|key| format!(" ({key})")).unwrap_or_default();
            Error::Duplicate { table: table.name.clone(), key, source: Box::new(refusal) }
        }
        _ => Error::Adapter(refusal),
    }
}

/// What the name of the constraint tells, when the database can't be asked.
fn from_constraint(table: &Table, rows: Rows<'_>, refusal: datajoint_adapters::Error) -> Error {
    let only = |names: &[&str]| match rows.distinct(names).as_slice() {
        [key] => Some(key_text(names, key)),
        _ => None,
    };
    if refusal.is_duplicate() {
        let key =
            only(&table.key_names().collect::<Vec<_>>()).map(|key| format!(" ({key})")).unwrap_or_default();
        return Error::Duplicate { table: table.name.clone(), key, source: Box::new(refusal) };
    }
    let datajoint_adapters::Error::Server { constraint: Some(constraint), .. } = &refusal else {
        return Error::Adapter(refusal);
    };
    let is_named =
        |key: &&ForeignKey| constraint.contains(&key.child_columns().collect::<Vec<_>>().join("_"));
    let mut named = table.foreign_keys.iter().filter(is_named);
    let (Some(foreign_key), None, true) = (named.next(), named.next(), refusal.is_foreign_key()) else {
        return Error::Adapter(refusal);
    };
    let key =
        only(&foreign_key.child_columns().collect::<Vec<_>>()).unwrap_or_else(|| "a key given".to_owned());
    let parent = foreign_key.parent.clone();
    Error::MissingParent { table: table.name.clone(), parent, key, source: Box::new(refusal) }
}

#[derive(Clone, Copy)]
struct Rows<'a> {
    columns: &'a [&'a str],
    values: &'a [Value],
}

impl Rows<'_> {
    /// The values of these columns, each combination once; those with a null left out.
    fn distinct(self, names: &[&str]) -> Vec<Vec<Value>> {
        let places: Option<Vec<usize>> =
            names.iter().map(|name| self.columns.iter().position(|column| column == name)).collect();
        let Some(places) = places else { return Vec::new() };
        let mut seen = HashSet::new();
        let mut distinct = Vec::new();
        for row in self.values.chunks(self.columns.len().max(1)) {
            let key: Vec<Value> = places.iter().map(|&place| row[place].clone()).collect();
            let has_value = !key.iter().any(|value| matches!(value, Value::Null | Value::Default));
            if has_value && seen.insert(format!("{key:?}")) {
                distinct.push(key);
            }
        }
        distinct
    }
}

/// A reference to a row that is not there, with its key.
async fn missing_parent<'t>(
    on: &mut Target<'_>,
    table: &'t Table,
    rows: Rows<'_>,
) -> Result<Option<(&'t ForeignKey, String)>> {
    let parents: Vec<String> = table.foreign_keys.iter().map(|key| key.parent.schema.clone()).collect();
    let catalog = on.catalog(&parents).await?;
    for foreign_key in &table.foreign_keys {
        let Some(parent) = catalog.iter().find(|parent| parent.name == foreign_key.parent) else { continue };
        let names: Vec<&str> = foreign_key.parent_columns().collect();
        let keys = rows.distinct(&foreign_key.child_columns().collect::<Vec<_>>());
        let parent = Arc::new(parent.clone());
        if let Some(key) = first_that(on, &parent, &names, &keys, false).await? {
            return Ok(Some((foreign_key, key_text(&names, &key))));
        }
    }
    Ok(None)
}

/// The key of a row that is there already, or twice among the rows.
async fn duplicate(on: &mut Target<'_>, table: &Arc<Table>, rows: Rows<'_>) -> Result<Option<String>> {
    let names: Vec<&str> = table.key_names().collect();
    let keys = rows.distinct(&names);
    Ok(first_that(on, table, &names, &keys, true).await?.map(|key| key_text(&names, &key)))
}

/// The first key that a table has, or that it has not; found by halves.
async fn first_that(
    on: &mut Target<'_>,
    table: &Arc<Table>,
    names: &[&str],
    keys: &[Vec<Value>],
    is_there: bool,
) -> Result<Option<Vec<Value>>> {
    let mut rest = keys;
    if !holds_any(on, table, names, rest, is_there).await? {
        return Ok(None);
    }
    while rest.len() > 1 {
        let (first, second) = rest.split_at(rest.len() / 2);
        rest = if holds_any(on, table, names, first, is_there).await? { first } else { second };
    }
    Ok(rest.first().cloned())
}

async fn holds_any(
    on: &mut Target<'_>,
    table: &Arc<Table>,
    names: &[&str],
    keys: &[Vec<Value>],
    is_there: bool,
) -> Result<bool> {
    let attributes = names.iter().map(|&name| name.to_owned()).collect();
    let from = Box::new(Expression::Table(Arc::clone(table)));
    let condition = Condition::Keys { attributes, rows: keys.to_vec() };
    let number = on.count(&Expression::Restrict { from, condition }).await?;
    Ok(if is_there { number > 0 } else { number < keys.len() as u64 })
}
