//! Which items can be named from a crate: through its modules and what they export.

use std::collections::{BTreeMap, BTreeSet};

use super::documented::{Documented, ItemPath, ids};

/// What can be named.
#[derive(Default)]
pub(super) struct Reached {
    /// The full paths of the items, where they are defined.
    pub(super) names: BTreeSet<ItemPath>,
    /// The same as crate and number.
    pub(super) items: BTreeSet<(String, String)>,
    /// Crates that are exported whole and are none of this workspace.
    pub(super) crates: BTreeSet<String>,
}

/// The items that can be named through a crate.
pub(super) fn from(crates: &BTreeMap<String, Documented>, facade: &str) -> Result<Reached, String> {
    let root = &crates.get(facade).ok_or_else(|| format!("{facade} was not documented"))?.root;
    let mut reached = Reached::default();
    let mut seen = BTreeSet::new();
    let mut waiting = vec![(facade.to_owned(), root.clone())];
    while let Some((name, id)) = waiting.pop() {
        let Some(documented) = crates.get(&name) else { continue };
        if !seen.insert((name.clone(), id.clone())) {
            continue;
        }
        let Some(item) = documented.item(&id) else {
            // Defined elsewhere: gone on with there.
            let Some(path) = documented.path(&id) else { continue };
            let Some(home) = path.first() else { continue };
            match crates.get(home) {
                Some(other) => waiting.extend(other.find(&path).map(|id| (home.clone(), id.to_owned()))),
                None if path.len() == 1 => drop(reached.crates.insert(home.clone())),
                None => drop(reached.names.insert(path)),
            }
            continue;
        };
        if !item.is_public() {
            continue;
        }
        match item.kind {
            "module" => waiting.extend(ids(&item.inner["items"]).map(|id| (name.clone(), id))),
            "use" => waiting.extend(item.inner["id"].as_u64().map(|id| (name.clone(), id.to_string()))),
            _ => {
                reached.names.extend(documented.path(&id));
                reached.items.insert((name, id));
            }
        }
    }
    Ok(reached)
}
