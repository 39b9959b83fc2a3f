//! What a row was made from, as it is recorded with the row and compared later.

use datajoint_pipeline::{DynamicRow, Query, Relation as _, StoredRow, Target, is_encoded};
use datajoint_schema::Table;
use datajoint_sql::Value;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::above::Source;
use crate::fingerprint::{Fingerprint, of_row};

/// The most rows that are read again for a record, where a `make` did not ask for all rows of a table that its key comes from.
const MOST_ROWS: u64 = 10_000;

/// The form of the records.
const VERSION: u32 = 1;

/// The rows of one table that a key comes from, with the attributes that its `make` read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Input {
    /// Its name in the database.
    pub(crate) table: String,
    /// True for a part that was reached by its master.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) part: bool,
    pub(crate) attributes: Vec<String>,
    /// How many rows there were; none where there were too many to record them.
    pub(crate) rows: Option<u64>,
    digest: Option<String>,
}

/// All inputs of a row.
#[derive(Serialize, Deserialize)]
struct Record {
    version: u32,
    inputs: Vec<Input>,
}

/// The record of these inputs.
pub(crate) fn record(inputs: &[Input]) -> Value {
    let record = Record { version: VERSION, inputs: inputs.to_vec() };
    Value::Json(Box::new(serde_json::json!(record)))
}

/// The inputs of a record; none where there is none, or one that this release does not know.
pub(crate) fn read(record: &Value) -> Option<Vec<Input>> {
    let Value::Json(record) = record else { return None };
    let record: Record = serde_json::from_value((**record).clone()).ok()?;
    (record.version == VERSION).then_some(record.inputs)
}

impl Input {
    /// The rows of a source that were read with these attributes.
    pub(crate) fn new(source: &Source, attributes: Vec<String>, found: Option<Fingerprint>) -> Self {
        Self {
            table: source.table.name.to_string(),
            part: source.master.is_some(),
            attributes,
            rows: found.map(|found| found.rows()),
            digest: found.map(|found| found.digest()),
        }
    }

    /// True when another one is about the same attributes of the same rows.
    pub(crate) fn is_of(&self, source: &Source, attributes: &[String]) -> bool {
        self.table == source.table.name.to_string()
            && self.part == source.master.is_some()
            && self.attributes == attributes
    }

    /// True when rows are those that were recorded; none where nothing was.
    pub(crate) fn is_same(&self, now: Fingerprint) -> Option<bool> {
        let (rows, digest) = (self.rows?, self.digest.as_ref()?);
        Some(rows == now.rows() && *digest == now.digest())
    }
}

/// The attributes of a source that a query read which had these; all of them where the query gave others names.
pub(crate) fn attributes_of(source: &Table, names: Option<&[String]>, has_own_names: bool) -> Vec<String> {
    let visible = || source.heading.visible().map(|attribute| attribute.name.clone());
    match names {
        Some(names) if !has_own_names => {
            let is_read = |name: &String| names.contains(name) || source.key_names().any(|key| key == name);
            visible().filter(is_read).collect()
        }
        _ => visible().collect(),
    }
}

/// True when a codec decodes the values of one of these attributes: what is recorded is what stands in the table.
pub(crate) fn has_encoded(source: &Table, attributes: &[String]) -> bool {
    attributes.iter().any(|name| source.heading.get(name).is_some_and(is_encoded))
}

/// Reads rows for a record; none where they are too many.
pub(crate) async fn look(
    rows: Query<DynamicRow>,
    source: &Table,
    attributes: &[String],
    on: impl Into<Target<'_>>,
) -> Result<Option<Fingerprint>, Error> {
    let rows = with_attributes(&rows, source, attributes).limit(MOST_ROWS + 1);
    let found = rows.fetch_as::<StoredRow>(on).await?;
    if found.len() as u64 > MOST_ROWS {
        return Ok(None);
    }
    let mut fingerprint = Fingerprint::default();
    for StoredRow(row) in &found {
        fingerprint.add(of_attributes(row, attributes)?);
    }
    Ok(Some(fingerprint))
}

/// The rows with their keys and these attributes.
pub(crate) fn with_attributes(
    rows: &Query<DynamicRow>,
    source: &Table,
    attributes: &[String],
) -> Query<DynamicRow> {
    let is_secondary = |name: &&String| !source.key_names().any(|key| key == *name);
    rows.proj(attributes.iter().filter(is_secondary).cloned().collect::<Vec<_>>())
}

/// The number of a row with these attributes.
pub(crate) fn of_attributes(row: &DynamicRow, attributes: &[String]) -> Result<u128, Error> {
    let values: Result<Vec<&Value>, _> = attributes.iter().map(|name| row.value(name)).collect();
    Ok(of_row(values.map_err(datajoint_pipeline::Error::from)?))
}
