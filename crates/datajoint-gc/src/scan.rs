//! What lies in the stores, what rows refer to, and what becomes of each object.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, SystemTime};

use datajoint_adapters::Connection;
use datajoint_inventory::{Comparison, Listed, Location, Place, Referred, Sorter, Step, list};
use datajoint_pipeline::Instance;
use datajoint_schema::Table;
use datajoint_store::{Section, Store, StoredObject};

use crate::heap::Heap;
use crate::notes::{MOST, Noted, Notes};
use crate::state::{Note, Verdict, verdict};
use crate::{Error, Result, rows};

/// What a collection is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) older_than: Duration,
    pub(crate) grace: Duration,
    /// Of a hundred.
    pub(crate) most: u8,
}

/// What is to be done with the objects of a schema in a store.
#[derive(Debug, Clone, Default)]
pub(crate) struct Work {
    pub(crate) quarantine: Vec<Heap>,
    pub(crate) restore: Vec<Heap>,
    pub(crate) purge: Vec<Heap>,
    /// How many wait in quarantine, and their bytes.
    pub(crate) waiting: (u64, u64),
    /// How many were left for the next collection.
    pub(crate) left: u64,
    objects: u64,
    candidates: u64,
}

/// What a scan found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scan {
    /// By store and schema.
    pub(crate) work: BTreeMap<(String, String), Work>,
    /// The clocks of the stores.
    pub(crate) clocks: BTreeMap<String, SystemTime>,
    /// The greatest difference between the clock of a store and that of this machine.
    pub(crate) skew: Duration,
}

/// A store with its clock.
struct Probed {
    store: Store,
    location: Location,
    now: SystemTime,
}

/// Looks at everything.
///
/// Fails when not everything was seen.
pub(crate) async fn scan(
    dj: &Instance,
    connection: &mut Connection,
    tables: &[Table],
    schemas: &[String],
    wanted: Wanted,
) -> Result<Scan> {
    let (probed, skew) = probe(dj).await?;
    let mut notes = HashMap::new();
    for schema in schemas {
        for (digest, noted) in Notes::of(connection, schema).read().await? {
            notes.insert(digest, (schema.clone(), noted));
        }
    }
    // What is written from now on is not in the list: it is too young anyway.
    let mut listed = Sorter::<Listed>::new();
    for one in &probed {
        list(&one.store, &mut listed).await?;
    }
    let mut referred = Sorter::<Referred>::new();
    rows::list(dj, connection, tables, &mut referred).await?;
    let mut judge = Judge { probed: &probed, wanted, skew, notes, schemas, scan: Scan::default() };
    let mut comparison = Comparison::new(listed.sorted()?, referred.sorted()?);
    let mut heap: Option<(Place, Heap)> = None;
    while let Some(step) = comparison.next()? {
        let (place, store, path) = match &step {
            Step::Listed { place, object, .. } => (place, Some(&object.store), &object.path),
            Step::Referred { place, reference, .. } => (place, reference.store.as_ref(), &reference.path),
        };
        if !heap.as_ref().is_some_and(|(known, _)| place.is_in(known)) {
            if let Some((_, done)) = heap.take() {
                judge.judge(done);
            }
            heap = judge.heap_of(dj, store, path)?;
        }
        let Some((_, heap)) = &mut heap else { continue };
        match &step {
            Step::Listed { object, is_referred, .. } => {
                heap.is_referenced |= is_referred;
                judge.name(heap, object);
                heap.take(object);
            }
            Step::Referred { .. } => heap.is_referenced = true,
        }
    }
    if let Some((_, done)) = heap {
        judge.judge(done);
    }
    judge.finish()
}

/// Asks each store for the time, and looks whether two of them are one.
async fn probe(dj: &Instance) -> Result<(Vec<Probed>, Duration)> {
    let (mut probed, mut skew) = (Vec::new(), Duration::ZERO);
    for name in dj.settings().stores.named.keys() {
        let store = dj.stores().get(Some(name))?;
        let before = SystemTime::now();
        let object = store.probe().await?;
        let after = SystemTime::now();
        let seen = seen_elsewhere(&probed, &store, &object).await;
        store.delete(&object.path).await?;
        if let Some(one) = seen? {
            return Err(Error::OneLocation { one, other: name.clone() });
        }
        let early = before.duration_since(object.modified).unwrap_or_default();
        let late = object.modified.duration_since(after).unwrap_or_default();
        skew = skew.max(early).max(late);
        probed.push(Probed { location: Location::of(&store), store, now: object.modified });
    }
    Ok((probed, skew))
}

/// The store, if there is one, that has the small object of another one, though it is somewhere else by its settings.
async fn seen_elsewhere(probed: &[Probed], store: &Store, object: &StoredObject) -> Result<Option<String>> {
    let location = Location::of(store);
    for other in probed.iter().filter(|other| other.location != location) {
        // One may be a folder of the other.
        let (mine, theirs) =
            (store.spec().location.trim_matches('/'), other.store.spec().location.trim_matches('/'));
        let within = mine
            .strip_prefix(theirs)
            .filter(|rest| rest.is_empty() || rest.starts_with('/') || theirs.is_empty());
        let path = match within.map(|rest| rest.trim_matches('/')) {
            None | Some("") => object.path.clone(),
            Some(folder) => format!("{folder}/{}", object.path),
        };
        let is_one_place = other.location.place(&path) == location.place(&object.path);
        if !is_one_place && other.store.head(&path).await?.is_some() {
            return Ok(Some(other.store.spec().name.clone()));
        }
    }
    Ok(None)
}

/// What says what becomes of each object.
struct Judge<'a> {
    probed: &'a [Probed],
    wanted: Wanted,
    skew: Duration,
    notes: HashMap<String, (String, Noted)>,
    schemas: &'a [String],
    scan: Scan,
}

impl Judge<'_> {
    /// The object that a path belongs to, before anything of it was seen; `None` in a store that the settings don't have.
    fn heap_of(&self, dj: &Instance, store: Option<&String>, path: &str) -> Result<Option<(Place, Heap)>> {
        let opened = dj.stores().get(store.map(String::as_str))?;
        let Some(probed) = self.probed(&opened.spec().name) else { return Ok(None) };
        let path = self.whole(probed, path);
        let place = probed.location.place(path);
        let heap = Heap {
            digest: place.digest(),
            store: String::new(),
            path: path.to_owned(),
            schema: String::new(),
            by_content: false,
            is_referenced: false,
            in_place: None,
            aside: None,
        };
        Ok(Some((place, heap)))
    }

    /// Names an object as the store does that it was listed through.
    fn name(&self, heap: &mut Heap, listed: &Listed) {
        if heap.store == listed.store {
            return;
        }
        if let Some(probed) = self.probed(&listed.store) {
            self.whole(probed, &listed.path).clone_into(&mut heap.path);
            heap.store.clone_from(&listed.store);
            heap.schema.clone_from(&listed.schema);
            heap.by_content = probed.store.spec().goes_by_content(&heap.path);
        }
    }

    fn probed(&self, store: &str) -> Option<&Probed> {
        self.probed.iter().find(|one| one.store.spec().name == store)
    }

    /// The path of the object that a path belongs to. Of all stores with one location, the one that makes the largest object of
    /// it counts.
    fn whole<'p>(&self, probed: &Probed, path: &'p str) -> &'p str {
        let same = self.probed.iter().filter(|one| one.location == probed.location);
        same.map(|one| one.store.spec().object_of(path)).min_by_key(|path| path.len()).unwrap_or(path)
    }

    fn judge(&mut self, heap: Heap) {
        let Some(probed) = self.probed(&heap.store) else { return };
        let now = probed.now;
        let is_ours = heap.by_content || probed.store.spec().section_of(&heap.path) == Section::Schema;
        if !is_ours || !self.schemas.contains(&heap.schema) {
            return;
        }
        let noted = self.notes.remove(&heap.digest).map(|(_, noted)| noted);
        let note = noted.map(|noted| Note {
            is_over: noted.since + self.wanted.grace + self.skew <= now,
            is_changed: heap.in_place.is_some_and(|files| files.youngest > noted.files.youngest),
        });
        let before = now.checked_sub(self.wanted.older_than + self.skew).unwrap_or(SystemTime::UNIX_EPOCH);
        let verdict = verdict(heap.facts(before, note));
        let work = self.scan.work.entry((heap.store.clone(), heap.schema.clone())).or_default();
        work.objects += 1;
        match verdict {
            Verdict::Keep => {}
            Verdict::Quarantine => {
                work.candidates += 1;
                let known = work.quarantine.len()
                    + usize::try_from(work.waiting.0).unwrap_or(MOST)
                    + work.purge.len();
                if known < MOST { work.quarantine.push(heap) } else { work.left += 1 }
            }
            Verdict::Wait => {
                work.candidates += 1;
                work.waiting.0 += 1;
                work.waiting.1 += heap.files().map_or(0, |files| files.bytes);
            }
            Verdict::Return => work.restore.push(heap),
            Verdict::Purge => {
                work.candidates += 1;
                work.purge.push(heap);
            }
        }
    }

    /// What is noted and was not met is gone.
    fn finish(mut self) -> Result<Scan> {
        for (digest, (schema, noted)) in self.notes {
            let Noted { store, path, .. } = noted;
            let heap = Heap {
                digest,
                store: store.clone(),
                path,
                schema: schema.clone(),
                by_content: false,
                is_referenced: false,
                in_place: None,
                aside: None,
            };
            self.scan.work.entry((store, schema)).or_default().restore.push(heap);
        }
        let most = self.wanted.most;
        for ((store, schema), work) in &self.scan.work {
            let Work { candidates, objects, .. } = *work;
            if u128::from(candidates) * 100 > u128::from(objects) * u128::from(most) {
                let (store, schema) = (store.clone(), schema.clone());
                return Err(Error::Share { store, schema, candidates, objects, most });
            }
        }
        self.scan.skew = self.skew;
        self.scan.clocks = self.probed.iter().map(|one| (one.store.spec().name.clone(), one.now)).collect();
        Ok(self.scan)
    }
}
