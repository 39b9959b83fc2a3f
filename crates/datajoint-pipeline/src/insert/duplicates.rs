//! Rows that are there already, found before the others are sent.

use std::collections::HashMap;
use std::sync::Arc;

use datajoint_schema::{Attribute, Table};
use datajoint_sql::{Condition, Expression, Projected, Value};

use crate::query::key_text;
use crate::target::Held;
use crate::typed::describe;
use crate::{Error, Result};

/// Leaves of the rows those whose key is not there yet, each key once; the first row of a key counts.
///
/// With `must_match`, fails for a row that differs from the one that is there.
///
/// The rows that are there are read as any others: nothing is locked.
pub(super) async fn without_those_there(
    on: &mut Held<'_>,
    table: &Arc<Table>,
    columns: &[&str],
    values: Vec<Value>,
    must_match: bool,
) -> Result<Vec<Value>> {
    let attributes: Option<Vec<&Attribute>> = columns.iter().map(|name| table.heading.get(name)).collect();
    let attributes = attributes.unwrap_or_default();
    let key: Vec<usize> = (0..attributes.len()).filter(|&place| attributes[place].in_key).collect();
    let width = columns.len().max(1);
    let has_default = |row: &[Value]| key.iter().any(|&place| row[place] == Value::Default);
    let is_whole = !key.is_empty() && key.len() == table.heading.primary_key().count();
    if !is_whole || values.chunks(width).any(has_default) {
        return Ok(values);
    }
    let key_of = |row: &[Value]| -> Vec<Value> { key.iter().map(|&place| row[place].clone()).collect() };
    let mut there =
        rows_there(on, table, &attributes, &key, values.chunks(width).map(key_of).collect(), must_match)
            .await?;
    let mut left = Vec::with_capacity(values.len());
    for row in values.chunks(width) {
        let known = there.get(&text(&attributes, &key, row)?);
        match known {
            Some(known) if must_match => check_same(table, &attributes, &key, row, known)?,
            Some(_) => {}
            None => {
                left.extend_from_slice(row);
                there.insert(text(&attributes, &key, row)?, row.to_vec());
            }
        }
    }
    Ok(left)
}

/// The rows of these keys that are there, by the text of the key; of other columns only what is needed.
async fn rows_there(
    on: &mut Held<'_>,
    table: &Arc<Table>,
    attributes: &[&Attribute],
    key: &[usize],
    keys: Vec<Vec<Value>>,
    must_match: bool,
) -> Result<HashMap<String, Vec<Value>>> {
    let names = key.iter().map(|&place| attributes[place].name.clone()).collect();
    let wanted = attributes.iter().filter(|attribute| must_match && !attribute.in_key);
    let expression = Expression::Project {
        from: Box::new(Expression::Restrict {
            from: Box::new(Expression::Table(Arc::clone(table))),
            condition: Condition::Keys { attributes: names, rows: keys },
        }),
        attributes: wanted.map(|attribute| Projected::Keep(attribute.name.clone())).collect(),
    };
    let mut target = on.target();
    let select = datajoint_sql::select(target.backend(), &expression)?;
    let places: Vec<Option<usize>> =
        attributes.iter().map(|attribute| select.heading.position(&attribute.name)).collect();
    let mut there = HashMap::new();
    target
        .each(&select, &mut |found| {
            let row: Vec<Value> = places
                .iter()
                .map(|place| place.map(|place| found[place].clone()).unwrap_or_default())
                .collect();
            there.insert(text(attributes, key, &row)?, row);
            Ok(())
        })
        .await?;
    Ok(there)
}

/// A key as text, the same for a value that was bound and for one that was fetched.
fn text(attributes: &[&Attribute], key: &[usize], row: &[Value]) -> Result<String> {
    let values: Result<Vec<String>> = key
        .iter()
        .map(|&place| Ok(format!("{:?}", datajoint_sql::read_value(attributes[place], row[place].clone())?)))
        .collect();
    Ok(values?.join("\u{1f}"))
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
        if given != there {
            let names: Vec<&str> = key.iter().map(|&place| attributes[place].name.as_str()).collect();
            let values: Result<Vec<Value>> = key
                .iter()
                .map(|&place| Ok(datajoint_sql::read_value(attributes[place], row[place].clone())?))
                .collect();
            return Err(Error::OtherRow {
                table: table.name.clone(),
                key: key_text(&names, &values?),
                attribute: attribute.name.clone(),
                there: describe(&there),
                given: describe(&given),
            });
        }
    }
    Ok(())
}
