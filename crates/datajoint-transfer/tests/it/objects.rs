//! Objects come over as they were, or not at all.

use std::path::{Path, PathBuf};

use datajoint::prelude::*;
use datajoint::types::serde_json::{self, Value as Json};
use datajoint::{DynamicRow, DynamicTable};
use datajoint_transfer::{Error, Export, Import};

use crate::{declared, instance};

/// More than is put into a store at once.
const LARGE: usize = 9 << 20;

/// A row with a large object, one with a folder, and one with a small object.
async fn things(dj: &Instance) -> DynamicTable {
    let things = declared(dj, "lab", "Thing", "id : int32\n---\nthing : <object@main>").await;
    for id in 1..=3 {
        let key = DynamicRow::new().with("id", id).unwrap();
        let extension = (id != 2).then_some("bin");
        let mut staged = things.stage(dj, key.clone(), "thing", extension).unwrap();
        match id {
            1 => staged.write(&vec![7; LARGE]).await.unwrap(),
            2 => {
                staged.add("a/x", vec![1; 100]).await.unwrap();
                staged.add("a/y", vec![2; 100]).await.unwrap();
            }
            _ => staged.write(&[3; 100]).await.unwrap(),
        }
        let thing = staged.finish().await.unwrap();
        things.insert_one(dj, key.with("thing", thing).unwrap()).await.unwrap();
    }
    things
}

/// All files below a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// What may become of a file on its way.
fn damaged(bytes: &[u8]) -> Vec<Vec<u8>> {
    let flipped = [0, bytes.len() / 2, bytes.len() - 1].map(|place| {
        let mut bytes = bytes.to_vec();
        bytes[place] ^= 1;
        bytes
    });
    let (shorter, longer) = (bytes[..bytes.len() - 1].to_vec(), [bytes, b"x"].concat());
    flipped.into_iter().chain([shorter, longer, Vec::new()]).collect()
}

/// An import is refused with the path of a file, and leaves nothing.
async fn refused(export: &Path, file: &Path) {
    let there = tempfile::tempdir().unwrap();
    let other = instance(there.path()).await;
    let error = Import::new(&other, export).run().await.unwrap_err().to_string();
    assert!(error.contains(&file.display().to_string()), "{}: {error}", file.display());
    assert_eq!(files(there.path()), [""; 0].map(PathBuf::from), "nothing is in the store");
    assert!(!other.list_schemas().await.unwrap().contains(&"lab".to_owned()), "nothing was declared");
}

#[tokio::test]
async fn an_object_that_is_not_the_one_that_was_exported_is_refused() {
    let (store, export) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let dj = instance(store.path()).await;
    Export::new(&dj, &things(&dj).await).to(export.path()).await.unwrap();
    let objects = files(&export.path().join("objects"));
    assert_eq!(objects.len(), 5, "two files, and a folder of two with its manifest: {objects:?}");
    for file in &objects {
        let bytes = std::fs::read(file).unwrap();
        for damaged in damaged(&bytes) {
            std::fs::write(file, damaged).unwrap();
            refused(export.path(), file).await;
        }
        std::fs::write(file, &bytes).unwrap();
        for other in objects.iter().filter(|other| *other != file) {
            let others = std::fs::read(other).unwrap();
            if others.len() == bytes.len() {
                std::fs::write(file, &others).unwrap();
                std::fs::write(other, &bytes).unwrap();
                refused(export.path(), file.min(other)).await;
                std::fs::write(file, &bytes).unwrap();
                std::fs::write(other, &others).unwrap();
            }
        }
    }
    let there = tempfile::tempdir().unwrap();
    let other = instance(there.path()).await;
    let report = Import::new(&other, export.path()).run().await.unwrap();
    assert_eq!((report.objects, report.uncompared), (5, 0));
    for (came, given) in files(there.path()).iter().zip(files(store.path())) {
        assert_eq!(std::fs::read(came).unwrap(), std::fs::read(given).unwrap());
    }
}

#[tokio::test]
async fn an_export_without_hashes_of_objects_is_imported_and_told() {
    let (store, export, there) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let dj = instance(store.path()).await;
    Export::new(&dj, &things(&dj).await).to(export.path()).await.unwrap();
    let path = export.path().join("manifest.json");
    let mut manifest: Json = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    for object in manifest["objects"].as_array_mut().unwrap() {
        assert!(object.as_object_mut().unwrap().remove("hash").is_some());
    }
    std::fs::write(&path, manifest.to_string()).unwrap();
    let other = instance(there.path()).await;
    let report = Import::new(&other, export.path()).run().await.unwrap();
    assert_eq!((report.objects, report.uncompared), (5, 5));
    assert!(report.to_string().contains("of 5 objects the size alone was compared"), "{report}");
}

#[tokio::test]
async fn an_object_that_is_not_as_its_row_says_is_not_exported() {
    let (store, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let dj = instance(store.path()).await;
    let things = things(&dj).await;
    for file in files(store.path()) {
        let bytes = std::fs::read(&file).unwrap();
        std::fs::write(&file, &bytes[1..]).unwrap();
        let error = Export::new(&dj, &things).to(place.path().join("export")).await.unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{}: {error}", file.display());
        assert!(error.to_string().contains("`thing` of a row of `lab.thing`"), "{error}");
        assert_eq!(files(place.path()), [""; 0].map(PathBuf::from));
        std::fs::write(&file, bytes).unwrap();
    }
    Export::new(&dj, &things).to(place.path().join("export")).await.unwrap();
}
