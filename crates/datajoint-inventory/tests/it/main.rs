//! Two lists that are compared outside of memory give what a comparison in memory gives.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use datajoint_config::Settings;
use datajoint_inventory::{Comparison, Listed, Location, Presence, Referred, Sorter, Step};
use datajoint_store::{Spec, Store};

/// Two stores whose location is one folder.
fn stores(folder: &std::path::Path) -> [Store; 2] {
    let store = serde_json::json!({"protocol": "file", "location": folder});
    let stores = serde_json::json!({"main": store, "again": store}).to_string();
    let settings = Settings::reader().without_files().environment([("DJ_STORES", stores)]).load().unwrap();
    ["main", "again"].map(|name| Store::open(Spec::new(name, &settings.stores.named[name]).unwrap()).unwrap())
}

fn listed(store: &Store, path: &str) -> Listed {
    let (store, path) = (store.spec().name.clone(), path.to_owned());
    Listed { store, path, schema: "lab".to_owned(), size: 7, modified: SystemTime::UNIX_EPOCH }
}

fn referred(path: &str, is_folder: bool) -> Referred {
    let (table, attribute, key) = ("lab.scan".to_owned(), "raw".to_owned(), String::new());
    let (store, size, file_count) = (None, None, None);
    let path = path.to_owned();
    Referred { table, attribute, key, store, path, size, is_folder, file_count, is_owned: true }
}

/// Numbers that look random, and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    fn path(&mut self) -> String {
        let steps = ["a", "a-b", "a.b", "ab", "b", "é"];
        let count = 1 + self.below(4);
        let steps: Vec<&str> = (0..count).map(|_| steps[usize::try_from(self.below(6)).unwrap()]).collect();
        let end = if self.below(8) == 0 { ".manifest.json" } else { "" };
        format!("{}{end}", steps.join("/"))
    }
}

/// True when the folder itself, something below it, or what describes it is meant.
fn is_of(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || rest == ".manifest.json")
}

#[test]
fn lists_in_pieces_on_disk_give_what_sets_in_memory_give() {
    let folder = tempfile::tempdir().unwrap();
    let stores = stores(folder.path());
    let location = Location::of(&stores[0]);
    assert_eq!(location, Location::of(&stores[1]));
    for seed in 0..200 {
        let mut numbers = Numbers(seed);
        let (mut objects, mut references) = (Sorter::with_piece(600), Sorter::with_piece(600));
        let (mut paths, mut wanted) = (BTreeSet::new(), BTreeMap::new());
        for _ in 0..numbers.below(40) {
            let (path, store) = (numbers.path(), &stores[usize::try_from(numbers.below(2)).unwrap()]);
            objects.push(&location.place(&path), &listed(store, &path)).unwrap();
            paths.insert(path);
        }
        for _ in 0..numbers.below(20) {
            let (path, is_folder) = (numbers.path(), numbers.below(3) == 0);
            if is_folder
                && std::path::Path::new(&path).extension().is_some_and(|extension| extension == "json")
            {
                continue;
            }
            references.push(&location.place(&path), &referred(&path, is_folder)).unwrap();
            *wanted.entry((path, is_folder)).or_insert(0) += 1;
        }
        let mut comparison = Comparison::new(objects.sorted().unwrap(), references.sorted().unwrap());
        let (mut seen, mut told) = (BTreeSet::new(), BTreeMap::new());
        while let Some(step) = comparison.next().unwrap() {
            match step {
                Step::Listed { object, is_referred, .. } => {
                    let expected = wanted.keys().any(|(path, is_folder)| {
                        object.path == *path || (*is_folder && is_of(&object.path, path))
                    });
                    assert_eq!(is_referred, expected, "{seed}: {} {wanted:?}", object.path);
                    assert!(seen.insert(object.path), "{seed}: told twice");
                }
                Step::Referred { reference, presence, .. } => {
                    let Referred { path, is_folder, .. } = reference;
                    let expected = match is_folder {
                        false if paths.contains(&path) => Presence::Object(7),
                        true if !paths.contains(&path) && paths.iter().any(|it| is_of(it, &path)) => {
                            Presence::Folder
                        }
                        _ => Presence::Absent,
                    };
                    assert_eq!(presence, expected, "{seed}: {path} {is_folder} {paths:?}");
                    *told.entry((path, is_folder)).or_insert(0) += 1;
                }
            }
        }
        assert_eq!((seen, told), (paths, wanted), "{seed}");
    }
}

#[test]
fn a_share_of_places_is_the_same_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::of(&stores(folder.path())[0]);
    let share = || (0..1000).filter(|number| location.place(&number.to_string()).is_within(0.1)).count();
    assert!((60..140).contains(&share()));
    assert_eq!(share(), share());
}
