use std::collections::HashMap;
use std::fmt;

use datajoint_codec::Reference;
use datajoint_store::{ASIDE, Protocol, Store, Stores};
use sha2::{Digest as _, Sha256};

/// Where a store is, written one way: two stores of the settings may have one location under two names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location(String);

/// What stands for a `/` in a place: no path has it, and it comes before all that paths have.
const STEP: u8 = 1;

/// What the end `.manifest.json` becomes: an empty step, so that what a folder is described by comes with what lies in it.
const MANIFEST: &[u8] = &[STEP, STEP];

/// The same for what was set aside.
const SET_ASIDE: &[u8] = &[STEP, STEP, STEP];

impl Location {
    /// The location of a store.
    pub fn of(store: &Store) -> Self {
        let spec = store.spec();
        if let Protocol::File = spec.protocol
            && let Ok(whole) = std::fs::canonicalize(&spec.location)
        {
            return Self(format!("file://{}", whole.display()));
        }
        Self(spec.url().trim_end_matches('/').to_owned())
    }

    /// Where a path of the store is.
    pub fn place(&self, path: &str) -> Place {
        let ends = [(".manifest.json", MANIFEST), (ASIDE, SET_ASIDE)];
        let known = ends.iter().find_map(|(end, step)| Some((path.strip_suffix(end)?, *step)));
        let (path, end) = known.unwrap_or((path, &[]));
        let whole = [self.0.as_bytes(), b"/", path.as_bytes()].concat();
        let mut steps: Vec<u8> =
            whole.into_iter().map(|byte| if byte == b'/' { STEP } else { byte }).collect();
        steps.extend_from_slice(end);
        Place(steps)
    }
}

/// What tells an object from all others, whichever store it is reached through.
///
/// Places are in the order of a tree: a folder comes right before all that lies in it, the manifest that describes it first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(pub(crate) Vec<u8>);

impl Place {
    /// True for what lies below a folder, and for the folder itself.
    pub fn is_in(&self, folder: &Self) -> bool {
        self.0.strip_prefix(folder.0.as_slice()).is_some_and(|rest| rest.is_empty() || rest[0] == STEP)
    }

    /// A short text that no other place has.
    pub fn digest(&self) -> String {
        format!("{:x}", Sha256::digest(&self.0))
    }

    /// True for this share of all places, each time the same ones.
    pub fn is_within(&self, share: f64) -> bool {
        let digest = Sha256::digest(&self.0);
        let number = digest[..4].iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
        f64::from(number) < share * (f64::from(u32::MAX) + 1.0)
    }
}

/// The locations of the stores that rows name.
pub struct Locations<'a> {
    stores: &'a Stores,
    known: HashMap<Option<String>, (Store, Location)>,
}

impl<'a> Locations<'a> {
    /// The locations of these stores.
    pub fn of(stores: &'a Stores) -> Self {
        Self { stores, known: HashMap::new() }
    }

    /// Where an object is that a row refers to.
    ///
    /// Fails for a store that the settings don't have, and for a path that no object has: nothing may be taken for a leftover
    /// then.
    pub fn place(&mut self, reference: &Reference) -> Result<Place, datajoint_store::Error> {
        let Reference { store, path, .. } = reference;
        if !self.known.contains_key(store) {
            let opened = self.stores.get(store.as_deref())?;
            let location = Location::of(&opened);
            self.known.insert(store.clone(), (opened, location));
        }
        let (opened, location) = &self.known[store];
        opened.spec().check_path(path)?;
        Ok(location.place(path))
    }
}

impl fmt::Debug for Locations<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.known.keys()).finish()
    }
}
