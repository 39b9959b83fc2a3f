//! What lies in the sections of stores that hold the objects of rows.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use datajoint_store::{Section, Spec, Store, StoredObject};
use sha2::{Digest as _, Sha256};

use crate::report::{FsckReport, Orphan};

/// What tells an object from all others, whichever store it is reached through: a part of the digest of where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Place([u8; 16]);

impl Place {
    pub(crate) fn of(store: &Store, path: &str) -> Self {
        let whole = Sha256::digest(format!("{}/{path}", root(store.spec())).as_bytes());
        let mut part = [0; 16];
        part.copy_from_slice(&whole[..16]);
        Self(part)
    }

    /// True for this share of all places.
    pub(crate) fn is_within(self, share: f64) -> bool {
        let [first, second, third, fourth, ..] = self.0;
        f64::from(u32::from_be_bytes([first, second, third, fourth])) < share * (f64::from(u32::MAX) + 1.0)
    }
}

/// Where a store is, written one way: two stores may have one location under two names.
fn root(spec: &Spec) -> String {
    if let datajoint_store::Protocol::File = spec.protocol
        && let Ok(whole) = std::fs::canonicalize(&spec.location)
    {
        return format!("file://{}", whole.display());
    }
    spec.url().trim_end_matches('/').to_owned()
}

/// An object of a section, and the schema whose rows it belongs to.
pub(crate) struct Listed {
    pub(crate) object: StoredObject,
    pub(crate) schema: String,
}

/// The objects of both sections of a store, each with its schema. What lies in no folder of a schema is nobody's.
pub(crate) async fn list(store: &Store) -> Result<Vec<Listed>, datajoint_store::Error> {
    let mut listed = Vec::new();
    for section in [Section::Hash, Section::Schema] {
        let prefix = store.spec().prefix(section);
        if prefix.is_empty() {
            continue;
        }
        for object in store.objects_in(&prefix).await? {
            let rest = object.path.strip_prefix(&prefix).unwrap_or_default();
            // Steps `name=value` of a partition pattern may come before the schema.
            let schema = rest.split('/').filter(|step| !step.is_empty()).find(|step| !step.contains('='));
            if let Some(schema) = schema.map(str::to_owned) {
                listed.push(Listed { object, schema });
            }
        }
    }
    Ok(listed)
}

/// What rows refer to, of all schemas.
#[derive(Default)]
pub(crate) struct Referred {
    objects: HashSet<Place>,
    /// Folders, below which everything is referred to.
    folders: HashSet<Place>,
}

impl Referred {
    pub(crate) fn note(&mut self, store: &Store, path: &str, is_folder: bool) {
        let places = if is_folder { &mut self.folders } else { &mut self.objects };
        places.insert(Place::of(store, path));
        if is_folder {
            // What says what the folder holds goes with it.
            self.objects.insert(Place::of(store, &format!("{path}.manifest.json")));
        }
    }

    fn has(&self, store: &Store, path: &str) -> bool {
        if self.objects.contains(&Place::of(store, path)) {
            return true;
        }
        let above = path.match_indices('/').map(|(end, _)| &path[..end]);
        above.into_iter().any(|folder| self.folders.contains(&Place::of(store, folder)))
    }
}

/// Adds the objects that no row refers to, of these schemas. One that is younger may belong to a row that is on its way.
pub(crate) fn add_orphans(
    store: &Store,
    listed: &[Listed],
    referred: &Referred,
    is_chosen: impl Fn(&str) -> bool,
    older_than: Duration,
    seen: &mut HashSet<Place>,
    report: &mut FsckReport,
) {
    let before = SystemTime::now().checked_sub(older_than).unwrap_or(SystemTime::UNIX_EPOCH);
    for Listed { object, .. } in listed.iter().filter(|listed| is_chosen(&listed.schema)) {
        // A location with two names is looked at once.
        if !seen.insert(Place::of(store, &object.path)) {
            continue;
        }
        report.objects += 1;
        if object.modified < before && !referred.has(store, &object.path) {
            report.orphan(Orphan {
                store: store.spec().name.clone(),
                path: object.path.clone(),
                size: object.size,
            });
        }
    }
}
