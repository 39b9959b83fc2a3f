//! Where rows come from that people and instruments insert.

use chrono::{SecondsFormat, Utc};
use datajoint_definition::Tier;
use datajoint_schema::{ORIGIN, Table};
use datajoint_sql::{Value, bind_in_place};
use serde_json::{Map, Value as Json};

use super::Rows;
use crate::typed::ValueError;
use crate::{Error, Instance, Result};

/// What rows of a table record that are inserted now, as it is bound; none where the settings don't ask for it, and for tables
/// without the column.
///
/// DataJoint for Python writes the same document.
pub(super) fn of(instance: &Instance, table: &Table) -> Result<Option<Value>> {
    let settings = instance.settings();
    let attribute = table.heading.get(ORIGIN).filter(|_| table.tier == Some(Tier::Manual));
    let Some(attribute) = attribute.filter(|_| settings.provenance.capture) else { return Ok(None) };
    let mut agent = Map::new();
    let mut tell = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            agent.insert(name.to_owned(), value.into());
        }
    };
    let database = &settings.database;
    if instance.backend().capability().is_embedded {
        tell("database_name", Some(database.path.display().to_string()));
    } else {
        tell("user", database.user.clone());
        tell("host", Some(database.host.clone().unwrap_or_else(|| "localhost".to_owned())));
        tell("database_name", database.name.clone());
    }
    let mut origin = Map::new();
    origin.insert("time".to_owned(), Utc::now().to_rfc3339_opts(SecondsFormat::Micros, false).into());
    origin.insert("agent".to_owned(), agent.into());
    if !settings.provenance.source.is_empty() {
        origin.insert("source".to_owned(), settings.provenance.source.clone().into());
    }
    let mut value = Value::Json(Box::new(Json::Object(origin)));
    bind_in_place(instance.backend(), attribute, &mut value).map_err(|error| Error::Row {
        table: table.name.clone(),
        row: 1,
        source: ValueError::new(error.to_string()).at(ORIGIN),
    })?;
    Ok(Some(value))
}

/// The columns and the values of rows, with their origin behind those of each.
pub(super) fn behind<'a>(rows: Rows<'a>, origin: &Value) -> (Vec<&'a str>, Vec<Value>) {
    let columns: Vec<&str> = rows.columns.iter().copied().chain([ORIGIN]).collect();
    let mut values = Vec::with_capacity(rows.values.len() / rows.columns.len().max(1) * columns.len());
    for row in rows.values.chunks(rows.columns.len().max(1)) {
        values.extend(row.iter().cloned().chain([origin.clone()]));
    }
    (columns, values)
}
