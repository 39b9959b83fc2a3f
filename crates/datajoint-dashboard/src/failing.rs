//! Failed jobs by their faults.

use std::collections::BTreeSet;

use datajoint_jobs::{Failures, Jobs, fingerprint};
use datajoint_pipeline::{DynamicTable, Instance, Relation as _, Schema, attribute};
use serde::Serialize;

use crate::Error;

/// The most faults of a table that the page shows.
const MOST_FAULTS: usize = 20;

/// Failed jobs of a table with the same fault.
#[derive(Debug, Serialize)]
pub(crate) struct Fault {
    table: String,
    #[serde(flatten)]
    failures: Failures,
}

/// The faults of the tables of schemas, the most frequent of each table first.
pub(crate) async fn faults(dj: &Instance, schemas: &[Schema]) -> Result<Vec<Fault>, Error> {
    let mut found = Vec::new();
    for table in schemas.iter().flat_map(Schema::tables) {
        let failures = match failures(dj, &table).await {
            Ok(failures) => failures,
            // The overview has a finding of it.
            Err(error) if error.is_missing_privilege() => continue,
            Err(error) => return Err(error),
        };
        let table = table.name().to_string();
        found.extend(
            failures.into_iter().take(MOST_FAULTS).map(|failures| Fault { table: table.clone(), failures }),
        );
    }
    Ok(found)
}

async fn failures(dj: &Instance, table: &DynamicTable) -> Result<Vec<Failures>, Error> {
    match Jobs::of(dj, table).await? {
        Some(queue) => Ok(queue.failures().await?),
        None => Ok(Vec::new()),
    }
}

/// Has the failed jobs of a fault of a table tried again; gives how many.
pub(crate) async fn retry(dj: &Instance, table: &DynamicTable, fault: &str) -> Result<u64, Error> {
    let Some(queue) = Jobs::of(dj, table).await? else { return Ok(0) };
    let failed = queue.query().restrict(attribute("status").eq("error")).proj(["error_message"]);
    let mut messages = BTreeSet::new();
    for row in failed.fetch(dj).await? {
        let message: String = row.get("error_message").map_err(datajoint_pipeline::Error::from)?;
        if fingerprint(&message) == fault {
            messages.insert(message);
        }
    }
    Ok(queue.retry(attribute("error_message").is_in(messages)).await?)
}
