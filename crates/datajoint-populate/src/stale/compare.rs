//! What rows recorded, beside what there is now.

use std::collections::HashMap;
use std::sync::Arc;

use datajoint_pipeline::{
    Condition, DynamicRow, DynamicTable, Instance, Query, Relation as _, StoredRow, Transaction,
};
use datajoint_sql::{Value, key_bytes};

use super::records::Made;
use super::{Change, StaleRow, StaleRows};
use crate::above::{Above, Source};
use crate::fingerprint::Fingerprint;
use crate::inputs::{self, Input};
use crate::{Code, Error};

/// The most keys whose inputs are read by one statement.
const MOST_KEYS: usize = 500;

/// About the most rows that such a statement reads.
const MOST_ROWS: u64 = 10_000;

/// A table that rows were made from, with the attributes that were read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Shape {
    table: String,
    part: bool,
    attributes: Vec<String>,
}

/// A row with what it recorded, and what was found.
struct Row {
    made: Made,
    inputs: Vec<Input>,
    changes: Vec<Change>,
    is_unchecked: bool,
}

/// Compares all rows, and sorts them into what is found.
pub(super) async fn all(
    instance: &Instance,
    made: Vec<Made>,
    code: Code,
    found: &mut StaleRows,
) -> Result<(), Error> {
    let above = Above::of_database(instance, found.of.table()).await?;
    let code = code.recorded();
    let mut sources = Sources { instance, known: HashMap::new() };
    let mut made = made.into_iter().peekable();
    while made.peek().is_some() {
        let mut rows = Vec::new();
        for made in made.by_ref().take(MOST_KEYS) {
            let Some(inputs) = inputs::read(&made.from) else {
                found.unknown += 1;
                continue;
            };
            let changes = of_code(made.by.as_deref(), code.as_deref()).into_iter().collect();
            rows.push(Row { made, inputs, changes, is_unchecked: false });
        }
        let shapes = by_shape(&rows);
        for shape in shapes.keys() {
            sources.find(shape).await?;
        }
        if !shapes.is_empty() {
            let mut on = instance.begin_read().await?;
            for (shape, of) in &shapes {
                compare(&above, &sources, shape, of, &mut rows, &mut on).await?;
            }
            on.rollback().await?;
        }
        let names = above.key_names();
        for Row { made, changes, is_unchecked, .. } in rows {
            if changes.is_empty() {
                found.current += 1;
                found.unchecked += u64::from(is_unchecked);
                continue;
            }
            let key = names.iter().cloned().zip(made.key.iter().cloned()).collect::<DynamicRow>();
            found.rows.push(StaleRow { key, changes });
            found.records.push(made);
        }
    }
    Ok(())
}

fn of_code(then: Option<&str>, now: Option<&str>) -> Option<Change> {
    let (then, now) = (then?, now?);
    (then != now).then(|| Change::Code { then: then.to_owned(), now: now.to_owned() })
}

/// The rows with inputs of each shape: places among rows and among their inputs.
type ByShape = std::collections::BTreeMap<Shape, Vec<(usize, usize)>>;

fn by_shape(rows: &[Row]) -> ByShape {
    let mut shapes = ByShape::new();
    for (place, row) in rows.iter().enumerate() {
        for (number, input) in row.inputs.iter().enumerate() {
            let Input { table, part, attributes, .. } = input;
            let shape = Shape { table: table.clone(), part: *part, attributes: attributes.clone() };
            shapes.entry(shape).or_default().push((place, number));
        }
    }
    shapes
}

/// The tables that rows were made from, as they are now.
struct Sources<'dj> {
    instance: &'dj Instance,
    /// What is missing, where something is.
    known: HashMap<Shape, Result<Source, String>>,
}

impl Sources<'_> {
    async fn find(&mut self, shape: &Shape) -> Result<(), Error> {
        if !self.known.contains_key(shape) {
            let found = self.look(shape).await?;
            self.known.insert(shape.clone(), found);
        }
        Ok(())
    }

    async fn look(&self, shape: &Shape) -> Result<Result<Source, String>, Error> {
        use datajoint_pipeline::Error::{UnknownSchema, UnknownTable};
        let table = match self.instance.table(&shape.table).await {
            Ok(table) => Arc::clone(table.table()),
            Err(UnknownTable { .. } | UnknownSchema { .. }) => {
                return Ok(Err("there is no such table".to_owned()));
            }
            Err(error) => return Err(error.into()),
        };
        let has = |name: &String| table.heading.visible().any(|attribute| attribute.name == *name);
        if let Some(missing) = shape.attributes.iter().find(|name| !has(name)) {
            return Ok(Err(format!("it has no attribute `{missing}`")));
        }
        let master = match (&table.master, shape.part) {
            (_, false) => None,
            (Some(master), true) => {
                let master = Arc::clone(self.instance.table(&master.to_string()).await?.table());
                let mut of_master = table.foreign_keys.iter().filter(|key| key.parent == master.name);
                if !of_master.any(|key| key.is_to_key(&master)) {
                    return Ok(Err("it refers to no primary key of its master".to_owned()));
                }
                Some(master)
            }
            (None, true) => return Ok(Err("it is no part".to_owned())),
        };
        Ok(Ok(Source { table, master }))
    }
}

/// Compares the inputs of one shape.
async fn compare(
    above: &Above,
    sources: &Sources<'_>,
    shape: &Shape,
    of: &[(usize, usize)],
    rows: &mut [Row],
    on: &mut Transaction,
) -> Result<(), Error> {
    let source = match sources.known.get(shape) {
        Some(Ok(source)) => source,
        missing => {
            let what = missing.and_then(|found| found.as_ref().err()).cloned().unwrap_or_default();
            for (place, _) in of {
                rows[*place].changes.push(Change::Gone { table: shape.table.clone(), what: what.clone() });
            }
            return Ok(());
        }
    };
    let places = above.places(source);
    let mut rest = of;
    while !rest.is_empty() {
        let (some, later) = rest.split_at(within(rest, rows));
        rest = later;
        let keys: Vec<&[Value]> = some.iter().map(|(place, _)| rows[*place].made.key.as_slice()).collect();
        let read = match &places {
            Some(places) => at_once(source, places, shape, &keys, on).await?,
            None => vec![None; keys.len()],
        };
        for ((place, number), now) in some.iter().zip(read) {
            let row = &mut rows[*place];
            let input = &row.inputs[*number];
            let Some(then) = input.rows else {
                row.is_unchecked = true;
                continue;
            };
            let now = match now {
                Some(now) => now,
                None => one_by_one(&above.rows(source, &row.made.key)?, source, shape, on).await?,
            };
            if input.is_same(now) == Some(false) {
                row.changes.push(Change::Rows { table: shape.table.clone(), then, now: now.rows() });
            }
        }
    }
    Ok(())
}

/// How many of these are read together.
fn within(of: &[(usize, usize)], rows: &[Row]) -> usize {
    let mut sum = 0;
    let count = of.iter().take_while(|(place, number)| {
        sum += rows[*place].inputs[*number].rows.unwrap_or_default();
        sum <= MOST_ROWS
    });
    count.count().max(1)
}

/// The rows of several keys by one statement; none for keys of which no row was found, which is looked at again: servers may
/// take other values for the same than bytes do.
async fn at_once(
    source: &Source,
    places: &[(String, usize)],
    shape: &Shape,
    keys: &[&[Value]],
    on: &mut Transaction,
) -> Result<Vec<Option<Fingerprint>>, Error> {
    let part = |key: &[Value]| -> Vec<Value> {
        places.iter().map(|(_, place)| key.get(*place).cloned().unwrap_or_default()).collect()
    };
    let names: Vec<String> = places.iter().map(|(name, _)| name.clone()).collect();
    let mut wanted: HashMap<Vec<u8>, Vec<Value>> = HashMap::new();
    for key in keys {
        let values = part(key);
        wanted.entry(key_bytes(&values)).or_insert(values);
    }
    let condition =
        datajoint_sql::Condition::Keys { attributes: names.clone(), rows: wanted.into_values().collect() };
    let table = DynamicTable::from(Arc::clone(&source.table));
    let asked: Vec<String> = shape
        .attributes
        .iter()
        .chain(names.iter().filter(|name| !shape.attributes.contains(name)))
        .cloned()
        .collect();
    let rows = inputs::with_attributes(&table.restrict(Condition::from(condition)), &source.table, &asked);
    let mut found: HashMap<Vec<u8>, Fingerprint> = HashMap::new();
    for StoredRow(row) in rows.fetch_as::<StoredRow>(&mut *on).await? {
        let values: Result<Vec<Value>, _> = names.iter().map(|name| row.value(name).cloned()).collect();
        let values = values.map_err(datajoint_pipeline::Error::from)?;
        let row = inputs::of_attributes(&row, &shape.attributes)?;
        found.entry(key_bytes(&values)).or_default().add(row);
    }
    Ok(keys.iter().map(|key| found.get(&key_bytes(&part(key))).copied()).collect())
}

/// The rows of one key.
async fn one_by_one(
    rows: &Query<DynamicRow>,
    source: &Source,
    shape: &Shape,
    on: &mut Transaction,
) -> Result<Fingerprint, Error> {
    let mut fingerprint = Fingerprint::default();
    let rows = inputs::with_attributes(rows, &source.table, &shape.attributes);
    for StoredRow(row) in rows.fetch_as::<StoredRow>(&mut *on).await? {
        fingerprint.add(inputs::of_attributes(&row, &shape.attributes)?);
    }
    Ok(fingerprint)
}
