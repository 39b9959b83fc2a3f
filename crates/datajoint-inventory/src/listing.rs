//! What lies in the sections of stores that hold the objects of rows.

use std::time::SystemTime;

use datajoint_store::{ASIDE, Section, Store};
use serde::{Deserialize, Serialize};

use crate::{Location, Result, Sorter};

/// An object of a section, and the schema whose rows it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// The store that it was listed through.
    pub store: String,
    /// The path in the store.
    pub path: String,
    /// The schema whose folder it lies in.
    pub schema: String,
    /// The size in bytes.
    pub size: u64,
    /// When it was written, by the clock of the store.
    pub modified: SystemTime,
}

impl Listed {
    /// True for what a collection set aside.
    pub fn is_aside(&self) -> bool {
        self.path.ends_with(ASIDE)
    }
}

/// Adds the objects of both sections of a store to a list, each with its schema. What lies in no folder of a schema is nobody's.
///
/// Fails when the store does not tell all of them, and for an object whose path none of a row's has.
///
/// # Cancel safety
///
/// It only reads.
pub async fn list(store: &Store, into: &mut Sorter<Listed>) -> Result<()> {
    let location = Location::of(store);
    for section in [Section::Hash, Section::Schema] {
        let prefix = store.spec().prefix(section);
        if prefix.is_empty() {
            continue;
        }
        let mut listing = store.listing(&prefix).await?;
        while let Some(some) = listing.next().await {
            for object in some? {
                store.spec().check_path(&object.path)?;
                let rest = object.path.strip_prefix(&prefix).unwrap_or_default();
                // Steps `name=value` of a partition pattern may come before the schema.
                let schema = rest.split('/').filter(|step| !step.is_empty()).find(|step| !step.contains('='));
                let Some(schema) = schema.map(str::to_owned) else { continue };
                let place = location.place(&object.path);
                let store = store.spec().name.clone();
                let (path, size, modified) = (object.path, object.size, object.modified);
                into.push(&place, &Listed { store, path, schema, size, modified })?;
            }
        }
    }
    Ok(())
}
