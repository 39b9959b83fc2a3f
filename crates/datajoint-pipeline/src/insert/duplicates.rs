//! Rows that are there already, found before the others are sent.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use datajoint_schema::{Attribute, Table};
use datajoint_sql::{Condition, Expression, Part, Projected, Value};

use super::rows::Rows;
use crate::error::KeyValues;
use crate::typed::describe;
use crate::{Error, Result, Target};

/// Leaves of the rows those whose key is not there yet, each key once; the first row of a key counts.
///
/// With `must_match`, fails for a row that differs from the one that is there.
///
/// The rows that are there are read as any others: nothing is locked.
pub(super) async fn without_those_there(
    on: &mut Target<'_>,
    table: &Arc<Table>,
    columns: &[&str],
    values: Vec<Value>,
    must_match: bool,
) -> Result<Vec<Value>> {
    let width = columns.len().max(1);
    let Some((attributes, key)) = with_whole_keys(table, columns, &values) else { return Ok(values) };
    let keys = values.chunks(width).map(|row| key_of(&key, row)).collect();
    let mut there = rows_there(on, table, &attributes, &key, keys, must_match).await?;
    if !there.is_empty() {
        let given: Result<HashSet<Vec<u8>>> =
            values.chunks(width).map(|row| bytes(&attributes, &key, row)).collect();
        let given = given?;
        if there.keys().any(|key| !given.contains(key)) {
            return Err(Error::OtherKey { table: table.name.clone(), source: None });
        }
    }
    let mut left = Vec::with_capacity(values.len());
    for row in values.chunks(width) {
        let known = there.get(&bytes(&attributes, &key, row)?);
        match known {
            Some(known) if must_match => check_same(table, &attributes, &key, row, known)?,
            Some(_) => {}
            None => {
                left.extend_from_slice(row);
                there.insert(bytes(&attributes, &key, row)?, row.to_vec());
            }
        }
    }
    Ok(left)
}

/// Leaves of the rows those to which the row with their key, where there is one, has other values of these columns.
pub(super) async fn without_unchanged(
    on: &mut Target<'_>,
    table: &Arc<Table>,
    rows: Rows<'_>,
    names: &[&str],
) -> Result<Vec<Value>> {
    let Rows { columns, values } = rows;
    let is_wanted = |name: &str| names.contains(&name) || table.heading.get(name).is_some_and(|it| it.in_key);
    let wanted: Vec<usize> = (0..columns.len()).filter(|&place| is_wanted(columns[place])).collect();
    let of_wanted = |row: &[Value]| wanted.iter().map(|&place| row[place].clone()).collect::<Vec<_>>();
    let width = columns.len().max(1);
    let parts: Vec<Value> = values.chunks(width).flat_map(of_wanted).collect();
    let of_parts: Vec<&str> = wanted.iter().map(|&place| columns[place]).collect();
    let Some((attributes, key)) = with_whole_keys(table, &of_parts, &parts) else {
        return Ok(values.to_vec());
    };
    let keys = parts.chunks(of_parts.len()).map(|row| key_of(&key, row)).collect();
    let there = rows_there(on, table, &attributes, &key, keys, true).await?;
    let mut left = Vec::with_capacity(values.len());
    for (row, part) in values.chunks(width).zip(parts.chunks(of_parts.len())) {
        let known = there.get(&bytes(&attributes, &key, part)?);
        let is_unchanged =
            known.is_some_and(|known| check_same(table, &attributes, &key, part, known).is_ok());
        if !is_unchanged {
            left.extend_from_slice(row);
        }
    }
    Ok(left)
}

/// Leaves the last row of each key, where the key is known: one statement of PostgreSQL puts a row once.
pub(super) fn last_of_each(table: &Table, columns: &[&str], values: Vec<Value>) -> Result<Vec<Value>> {
    let width = columns.len().max(1);
    if values.len() <= width {
        return Ok(values);
    }
    let Some((attributes, key)) = with_whole_keys(table, columns, &values) else { return Ok(values) };
    let mut last = HashMap::with_capacity(values.len() / width);
    for (place, row) in values.chunks(width).enumerate() {
        last.insert(bytes(&attributes, &key, row)?, place);
    }
    if last.len() * width == values.len() {
        return Ok(values);
    }
    let mut left: Vec<usize> = last.into_values().collect();
    left.sort_unstable();
    Ok(left.into_iter().flat_map(|place| &values[place * width..][..width]).cloned().collect())
}

/// How rows compare with those that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Compared {
    /// Rows whose key is not there.
    pub(crate) missing: u64,
    /// Rows whose key is there with other values.
    pub(crate) differing: u64,
}

/// Compares bound rows with those that are there, by their keys alone or also by their values; `None` where a part of a
/// key is left to its default.
pub(crate) async fn compared(
    on: &mut Target<'_>,
    table: &Arc<Table>,
    columns: &[&str],
    values: &[Value],
    by_values: bool,
) -> Result<Option<Compared>> {
    let Some((attributes, key)) = with_whole_keys(table, columns, values) else { return Ok(None) };
    let rows = || values.chunks(columns.len().max(1));
    let keys = rows().map(|row| key_of(&key, row)).collect();
    let there = rows_there(on, table, &attributes, &key, keys, by_values).await?;
    let mut compared = Compared { missing: 0, differing: 0 };
    for row in rows() {
        let Some(known) = there.get(&bytes(&attributes, &key, row)?) else {
            compared.missing += 1;
            continue;
        };
        if by_values {
            match check_same(table, &attributes, &key, row, known) {
                Err(Error::OtherRow { .. }) => compared.differing += 1,
                other => other?,
            }
        }
    }
    Ok(Some(compared))
}

/// The attributes of the columns, and the places of the key among them; `None` where rows have no whole key.
fn with_whole_keys<'t>(
    table: &'t Table,
    columns: &[&str],
    values: &[Value],
) -> Option<(Vec<&'t Attribute>, Vec<usize>)> {
    let attributes: Vec<&Attribute> =
        columns.iter().map(|name| table.heading.get(name)).collect::<Option<_>>()?;
    let key: Vec<usize> = (0..attributes.len()).filter(|&place| attributes[place].in_key).collect();
    let has_default = |row: &[Value]| key.iter().any(|&place| row[place] == Value::Default);
    let is_whole = !key.is_empty() && key.len() == table.heading.primary_key().count();
    (is_whole && !values.chunks(columns.len().max(1)).any(has_default)).then_some((attributes, key))
}

/// True where a row has the key of one of these by now, though the transaction may not see it. It is locked.
pub(super) async fn is_there_now(on: &mut Target<'_>, table: &Table, rows: Rows<'_>) -> Result<bool> {
    let Some((attributes, key)) = with_whole_keys(table, rows.columns, rows.values) else { return Ok(true) };
    let names: Vec<String> = key.iter().map(|&place| attributes[place].name.clone()).collect();
    let keys: Vec<Vec<Value>> =
        rows.values.chunks(rows.columns.len().max(1)).map(|row| key_of(&key, row)).collect();
    let lists: Vec<&[Vec<Value>]> = on.lists(&keys, usize::MAX).collect();
    for keys in lists {
        let condition = Condition::Keys { attributes: names.clone(), rows: keys.to_vec() };
        let locked = datajoint_sql::key_rows(on.backend(), table, &condition, true)?;
        if !on.look_up(&locked).await?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn key_of(key: &[usize], row: &[Value]) -> Vec<Value> {
    key.iter().map(|&place| row[place].clone()).collect()
}

/// The rows of these keys that are there, by the bytes of the key; of other columns only what is needed.
async fn rows_there(
    on: &mut Target<'_>,
    table: &Arc<Table>,
    attributes: &[&Attribute],
    key: &[usize],
    keys: Vec<Vec<Value>>,
    must_match: bool,
) -> Result<HashMap<Vec<u8>, Vec<Value>>> {
    let mut there = HashMap::new();
    let lists: Vec<&[Vec<Value>]> = on.lists(&keys, usize::MAX).collect();
    for keys in lists {
        add_those_there(on, table, attributes, key, keys, must_match, &mut there).await?;
    }
    Ok(there)
}

async fn add_those_there(
    on: &mut Target<'_>,
    table: &Arc<Table>,
    attributes: &[&Attribute],
    key: &[usize],
    keys: &[Vec<Value>],
    must_match: bool,
    there: &mut HashMap<Vec<u8>, Vec<Value>>,
) -> Result<()> {
    let names = key.iter().map(|&place| attributes[place].name.clone()).collect();
    let wanted = attributes.iter().filter(|attribute| must_match && !attribute.in_key);
    let expression = Expression::Project {
        from: Part::new(Expression::Restrict {
            from: Part::new(Expression::Table(Arc::clone(table))),
            condition: Condition::Keys { attributes: names, rows: keys.to_vec() },
        }),
        attributes: wanted.map(|attribute| Projected::Keep(attribute.name.clone())).collect(),
    };
    let select = datajoint_sql::select(on.backend(), &expression)?;
    let places: Vec<Option<usize>> =
        attributes.iter().map(|attribute| select.heading.position(&attribute.name)).collect();
    on.each(&select, &mut |found| {
        let row: Vec<Value> =
            places.iter().map(|place| place.map(|place| found[place].clone()).unwrap_or_default()).collect();
        there.insert(bytes(attributes, key, &row)?, row);
        Ok(())
    })
    .await
}

/// The bytes of a key, the same for values that were bound and for those that were fetched.
fn bytes(attributes: &[&Attribute], key: &[usize], row: &[Value]) -> Result<Vec<u8>> {
    let read = |&place: &usize| datajoint_sql::read_value(attributes[place], row[place].clone());
    let values: Vec<Value> = key.iter().map(read).collect::<Result<_, _>>()?;
    Ok(datajoint_sql::key_bytes(&values))
}

/// Returns true for one value: what is no number is the same as itself, which `==` denies.
fn is_same(one: &Value, other: &Value) -> bool {
    let are_both_nan = match (one, other) {
        (Value::Float32(one), Value::Float32(other)) => one.is_nan() && other.is_nan(),
        (Value::Float64(one), Value::Float64(other)) => one.is_nan() && other.is_nan(),
        _ => false,
    };
    are_both_nan || one == other
}

/// Fails for the first attribute with another value.
fn check_same(
    table: &Table,
    attributes: &[&Attribute],
    key: &[usize],
    row: &[Value],
    known: &[Value],
) -> Result<()> {
    for (place, attribute) in attributes.iter().enumerate().filter(|(_, attribute)| !attribute.in_key) {
        if row[place] == Value::Default {
            continue;
        }
        let given = datajoint_sql::read_value(attribute, row[place].clone())?;
        let there = datajoint_sql::read_value(attribute, known[place].clone())?;
        if !is_same(&given, &there) {
            let names: Vec<&str> = key.iter().map(|&place| attributes[place].name.as_str()).collect();
            let values: Result<Vec<Value>> = key
                .iter()
                .map(|&place| Ok(datajoint_sql::read_value(attributes[place], row[place].clone())?))
                .collect();
            return Err(Error::OtherRow {
                table: table.name.clone(),
                key: KeyValues::of(&names, &values?),
                attribute: attribute.name.clone(),
                there: describe(&there),
                given: describe(&given),
            });
        }
    }
    Ok(())
}
