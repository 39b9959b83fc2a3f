//! What the database refused, said in terms of the tables.

use std::sync::Arc;

use datajoint_adapters::Kind;
use datajoint_definition::{Backend, IndexItem};
use datajoint_schema::{ForeignKey, Index, Table};
use datajoint_sql::{Comparison, Condition, Expression, InsertMode, Part, Projected, Value};
use futures_util::future::BoxFuture;

use super::duplicates;
use super::rows::Rows;
use crate::error::KeyValues;
use crate::executor::{Asking, Held};
use crate::{Doing, Error, Result, Target};

type Refusal = datajoint_adapters::Error;

/// Returns the error of a verb that writes rows, with the row, the index or the parent where they can be found.
///
/// What `on` began is undone.
pub(crate) fn explained<'a>(
    on: &'a mut Held<'_>,
    doing: Doing,
    table: &'a Arc<Table>,
    rows: Rows<'a>,
    mode: InsertMode,
    error: Error,
) -> BoxFuture<'a, Error> {
    Box::pin(async move {
        let error = explain(on, doing, table, rows, mode, error).await;
        // What was refused because something had failed before says so already.
        on.target().telling(error)
    })
}

async fn explain(
    on: &mut Held<'_>,
    doing: Doing,
    table: &Arc<Table>,
    rows: Rows<'_>,
    mode: InsertMode,
    error: Error,
) -> Error {
    let Error::Adapter(refusal) = error else { return error };
    let is_other_key = is_other_key(on.backend(), mode, &refusal);
    let keys = match (doing, mode) {
        (Doing::Inserting, InsertMode::Plain) => KeysThere::Clash,
        (Doing::Inserting, InsertMode::SkipDuplicates) => KeysThere::PassedOver,
        _ => KeysThere::Changed,
    };
    let refused = |source: Refusal, row: Option<KeyValues>| {
        let (table, row) = (table.name.clone(), row.unwrap_or_default());
        Error::Refused { verb: doing.words(), table, row, too_long: None, source: Box::new(source) }
    };
    // What is looked for must see the database without the rows that were refused.
    if on.roll_back().await.is_err() {
        return refused(refusal, rows.only(table));
    }
    if let datajoint_adapters::Error::RowTooLarge { row, .. } = &refusal {
        let row = rows.key_of(table, *row);
        return refused(refusal, row);
    }
    let backend = on.backend();
    let found = match (refusal.kind(), Asking::of(on.target())) {
        (Some(Kind::ForeignKey), Some(mut on)) => missing_parent(&mut on, table, rows).await,
        (Some(Kind::ForeignKey), None) => Ok(parent_by_name(backend, table, rows, &refusal)),
        (Some(Kind::Duplicate), Some(mut on)) => clash(&mut on, keys, table, rows, &refusal).await,
        (Some(Kind::NotNull), Some(mut on)) if is_other_key => {
            clash(&mut on, keys, table, rows, &refusal).await
        }
        (Some(Kind::Duplicate), None) => Ok(clash_by_name(backend, table, rows, &refusal)),
        _ => Ok(None),
    };
    let long = (refusal.kind() == Some(Kind::Check)).then(|| rows.too_long(backend, table)).flatten();
    let (name, source) = (table.name.clone(), Box::new(refusal));
    let found = match found {
        Ok(Some(Reason::Index(index, values))) => Ok(Some(Reason::Index(index, values))),
        _ if is_other_key => return Error::OtherKey { table: name, source: Some(source) },
        found => found,
    };
    match found {
        Ok(Some(Reason::Parent(foreign_key, key))) => Error::MissingParent {
            table: name,
            parent: foreign_key.parent.clone(),
            key,
            renamed: renamed(foreign_key),
            source,
        },
        Ok(Some(Reason::Key(key))) => {
            Error::Duplicate { table: name, key: key.unwrap_or_default(), is_given_twice: false, source }
        }
        Ok(Some(Reason::Twice(key))) => Error::Duplicate { table: name, key, is_given_twice: true, source },
        Ok(Some(Reason::Index(index, values))) => Error::NotUnique {
            table: name,
            attributes: index.items.iter().map(ToString::to_string).collect(),
            values: values.unwrap_or_default(),
            source,
        },
        Ok(None) | Err(_) => match long {
            Some((row, too_long)) => {
                Error::Refused { verb: doing.words(), table: name, row, too_long: Some(too_long), source }
            }
            None => refused(*source, rows.only(table)),
        },
    }
}

/// True for what MySQL and MariaDB say of a row that is passed over or replaced, whose place another row has: a key is null,
/// which rows that were bound never have.
fn is_other_key(backend: Backend, mode: InsertMode, refusal: &Refusal) -> bool {
    !backend.capability().has_conflict_target
        && mode != InsertMode::Plain
        && refusal.kind() == Some(Kind::NotNull)
}

/// Returns the error of an insert of the rows of a query, with the key or the index of which a value is there already.
///
/// What `on` began is undone.
pub(super) async fn of_query(
    on: &mut Held<'_>,
    table: &Arc<Table>,
    rows: &Expression,
    mode: InsertMode,
    error: Error,
) -> Error {
    let Error::Adapter(refusal) = error else { return error };
    let is_other_key = is_other_key(on.backend(), mode, &refusal);
    if !is_other_key && refusal.kind() != Some(Kind::Duplicate) {
        return Error::Adapter(refusal);
    }
    if on.roll_back().await.is_err() {
        return Error::Adapter(refusal);
    }
    let (mut key, mut can_ask) = (None, false);
    if let Some(mut on) = Asking::of(on.target()) {
        can_ask = true;
        if mode == InsertMode::Plain {
            key = key_there(&mut on, table, rows).await.unwrap_or_default();
        }
    }
    let no_rows = Rows { columns: &[], values: &[] };
    let (name, source) = (table.name.clone(), Box::new(refusal));
    if let Some(key) = key {
        return Error::Duplicate { table: name, key, is_given_twice: false, source };
    }
    let unique: Vec<&Index> = table.unique_indexes().collect();
    let index = match clash_by_name(on.backend(), table, no_rows, &source) {
        Some(Reason::Index(index, _)) => Some(index),
        // With the key of another row it would have been passed over or replaced, so that it is another index.
        _ if mode != InsertMode::Plain || can_ask => unique.first().copied().filter(|_| unique.len() == 1),
        _ => None,
    };
    let error = match index {
        Some(index) => Error::NotUnique {
            table: name,
            attributes: index.items.iter().map(ToString::to_string).collect(),
            values: KeyValues::default(),
            source,
        },
        None if is_other_key => Error::OtherKey { table: name, source: Some(source) },
        None if unique.is_empty() => {
            Error::Duplicate { table: name, key: KeyValues::default(), is_given_twice: can_ask, source }
        }
        None => return Error::Adapter(*source),
    };
    on.target().telling(error)
}

/// The key of a row of a query that a table has.
async fn key_there(on: &mut Target<'_>, table: &Arc<Table>, rows: &Expression) -> Result<Option<KeyValues>> {
    let names: Vec<String> = table.heading.primary_key().map(|attribute| attribute.name.clone()).collect();
    let known = Expression::Project {
        from: Part::new(Expression::Restrict {
            from: Part::new(Expression::Table(Arc::clone(table))),
            condition: Condition::MatchesByName(Part::new(Expression::Project {
                from: Part::new(rows.clone()),
                attributes: names.iter().cloned().map(Projected::Keep).collect(),
            })),
        }),
        attributes: Vec::new(),
    };
    let one = Expression::Top { from: Part::new(known), order: Vec::new(), limit: Some(1), offset: 0 };
    let select = datajoint_sql::select(on.backend(), &one)?;
    let mut found = None;
    on.each(&select, &mut |values| {
        let names: Vec<&str> = select.heading.all().iter().map(|attribute| attribute.name.as_str()).collect();
        found = Some(KeyValues::of(&names, values));
        Ok(())
    })
    .await?;
    Ok(found)
}

/// Why rows were refused.
enum Reason<'a> {
    /// A reference to a row that is not there, with its key.
    Parent(&'a ForeignKey, KeyValues),
    /// A row that is there already, with its key.
    Key(Option<KeyValues>),
    /// A key that two of the rows have.
    Twice(KeyValues),
    /// Values that another row has in a unique index.
    Index(&'a Index, Option<KeyValues>),
}

/// Returns the attributes of the parent's key that have another name in the child, each with that name.
fn renamed(foreign_key: &ForeignKey) -> Vec<(String, String)> {
    let pairs = foreign_key.parent_columns().zip(foreign_key.child_columns());
    pairs
        .filter(|(parent, child)| parent != child)
        .map(|(parent, child)| (parent.to_owned(), child.to_owned()))
        .collect()
}

/// Returns what the name of the constraint tells, when the database can't be asked.
fn parent_by_name<'t>(
    backend: Backend,
    table: &'t Table,
    rows: Rows<'_>,
    refusal: &Refusal,
) -> Option<Reason<'t>> {
    let datajoint_adapters::Error::Server { constraint: Some(constraint), .. } = refusal else { return None };
    let foreign_key = datajoint_sql::foreign_key_named(backend, table, constraint)?;
    let columns: Vec<&str> = foreign_key.child_columns().collect();
    let key = rows.only_of(table, &columns).unwrap_or_default();
    Some(Reason::Parent(foreign_key, key.renamed(foreign_key.parent_columns())))
}

fn clash_by_name<'t>(
    backend: Backend,
    table: &'t Table,
    rows: Rows<'_>,
    refusal: &Refusal,
) -> Option<Reason<'t>> {
    let datajoint_adapters::Error::Server { constraint: Some(constraint), .. } = refusal else { return None };
    let Some(index) = datajoint_sql::index_named(backend, table, constraint) else {
        let key: Vec<&str> = table.key_names().collect();
        let twice = rows.twice(&key).map(|twice| Reason::Twice(super::rows::shown(table, &key, twice)));
        return Some(twice.unwrap_or_else(|| Reason::Key(rows.only(table))));
    };
    let values = parts(index).and_then(|names| rows.only_of(table, &as_strs(&names)));
    Some(Reason::Index(index, values))
}

/// The attributes and places in JSON of an index; `None` where it has another expression.
fn parts(index: &Index) -> Option<Vec<String>> {
    let is_expression = |item: &IndexItem| matches!(item, IndexItem::Expression(_));
    (!index.items.iter().any(is_expression)).then(|| index.items.iter().map(ToString::to_string).collect())
}

fn as_strs(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

async fn missing_parent<'t>(
    on: &mut Target<'_>,
    table: &'t Table,
    rows: Rows<'_>,
) -> Result<Option<Reason<'t>>> {
    let parents: Vec<String> = table.foreign_keys.iter().map(|key| key.parent.schema.clone()).collect();
    let catalog = on.catalog(&parents).await?;
    for foreign_key in &table.foreign_keys {
        let Some(parent) = catalog.iter().find(|parent| parent.name == foreign_key.parent) else { continue };
        let names: Vec<&str> = foreign_key.parent_columns().collect();
        let keys = rows.distinct(&foreign_key.child_columns().collect::<Vec<_>>());
        let parent = Arc::new(parent.clone());
        if let Some(key) = first_that(on, &parent, &names, &keys, false).await? {
            return Ok(Some(Reason::Parent(foreign_key, super::rows::shown(&parent, &names, key))));
        }
    }
    Ok(None)
}

/// What becomes of a row whose key is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeysThere {
    /// It is refused.
    Clash,
    /// It is passed over.
    PassedOver,
    /// It changes the row that is there.
    Changed,
}

/// Finds the key or the values in a unique index that are there already, or twice among the rows.
async fn clash<'t>(
    on: &mut Target<'_>,
    keys: KeysThere,
    table: &'t Arc<Table>,
    rows: Rows<'_>,
    refusal: &Refusal,
) -> Result<Option<Reason<'t>>> {
    let key: Vec<&str> = table.key_names().collect();
    if keys == KeysThere::Clash {
        if let Some(twice) = rows.twice(&key) {
            return Ok(Some(Reason::Twice(super::rows::shown(table, &key, twice))));
        }
        if let Some(values) = taken(on, table, &key, rows).await? {
            return Ok(Some(Reason::Key(Some(values))));
        }
    }
    let named = match clash_by_name(on.backend(), table, rows, refusal) {
        Some(Reason::Index(index, _)) => Some(index),
        _ => None,
    };
    let is_meant = |index: &&Index| index.unique && named.is_none_or(|named| named == *index);
    for index in table.indexes.iter().filter(is_meant) {
        let Some(names) = parts(index) else { continue };
        let names = as_strs(&names);
        // The row that is there has the values of one that is passed over, or changes others.
        let left = match keys {
            KeysThere::Clash => None,
            KeysThere::PassedOver => {
                let values = rows.values.to_vec();
                Some(duplicates::without_those_there(on, table, rows.columns, values, false).await?)
            }
            KeysThere::Changed => Some(duplicates::without_unchanged(on, table, rows, &names).await?),
        };
        let left = left.as_ref().map_or(rows, |values| Rows { values, ..rows });
        if let Some(values) = taken(on, table, &names, left).await? {
            return Ok(Some(Reason::Index(index, Some(values))));
        }
    }
    if named.is_some() {
        return Ok(named.map(|index| Reason::Index(index, None)));
    }
    // An index over what is no attribute, or whose values are not all among those given.
    let mut unique = table.unique_indexes();
    Ok(match (unique.next(), unique.next()) {
        (None, _) => Some(Reason::Key(None)),
        (Some(only), None) => Some(Reason::Index(only, None)),
        _ => None,
    })
}

async fn taken(
    on: &mut Target<'_>,
    table: &Arc<Table>,
    names: &[&str],
    rows: Rows<'_>,
) -> Result<Option<KeyValues>> {
    if let Some(twice) = rows.twice(names) {
        return Ok(Some(super::rows::shown(table, names, twice)));
    }
    let found = first_that(on, table, names, &rows.distinct(names), true).await?;
    Ok(found.map(|values| super::rows::shown(table, names, values)))
}

/// The first key that a table has, or that it has not; found by halves.
async fn first_that(
    on: &mut Target<'_>,
    table: &Arc<Table>,
    names: &[&str],
    keys: &[Vec<Value>],
    is_there: bool,
) -> Result<Option<Vec<Value>>> {
    let lists: Vec<&[Vec<Value>]> = on.lists(keys, usize::MAX).collect();
    for mut rest in lists {
        if !holds_any(on, table, names, rest, is_there).await? {
            continue;
        }
        while rest.len() > 1 {
            let (first, second) = rest.split_at(rest.len() / 2);
            rest = if holds_any(on, table, names, first, is_there).await? { first } else { second };
        }
        return Ok(rest.first().cloned());
    }
    Ok(None)
}

async fn holds_any(
    on: &mut Target<'_>,
    table: &Arc<Table>,
    names: &[&str],
    keys: &[Vec<Value>],
    is_there: bool,
) -> Result<bool> {
    let from = Part::new(Expression::Table(Arc::clone(table)));
    let condition = if names.iter().all(|name| table.heading.get(name).is_some()) {
        let attributes = names.iter().map(|&name| name.to_owned()).collect();
        Condition::Keys { attributes, rows: keys.to_vec() }
    } else {
        let equal = |(&name, value): (&&str, &Value)| Condition::Compare {
            attribute: name.to_owned(),
            operator: Comparison::Equal,
            value: value.clone(),
        };
        let row = |values: &Vec<Value>| Condition::All(names.iter().zip(values).map(equal).collect());
        Condition::Any(keys.iter().map(row).collect())
    };
    let number = on.count(&Expression::Restrict { from, condition }).await?;
    Ok(if is_there { number > 0 } else { number < keys.len() as u64 })
}
