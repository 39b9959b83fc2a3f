//! Exports and imports, as they are meant and as somebody else makes them.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[cfg(unix)]
mod folder;
mod forged;
mod objects;
mod renaming;
mod whole;

use std::path::Path;

use datajoint::prelude::*;
use datajoint::types::serde_json::{self, Value as Json, json};
use datajoint::{DynamicDeclaration, DynamicTable, Tier};
use datajoint_transfer::{Export, Import};
use md5::{Digest as _, Md5};

const OBJECT: &str = "_hash/lab/abc";
const SECRET: &str = "a secret of the importer";

/// An instance with a store in a folder.
async fn instance(store: &Path) -> Instance {
    let stores = json!({"main": {"protocol": "file", "location": store}}).to_string();
    let read = Settings::reader().without_files().environment([("DJ_STORES", stores)]).load().unwrap();
    let dj = Instance::connect(Settings::embedded(":memory:")).await.unwrap();
    dj.with_settings(|settings| settings.stores = read.stores)
}

/// A table of a definition.
async fn declared(dj: &Instance, schema: &str, class_name: &str, definition: &str) -> DynamicTable {
    let declaration = DynamicDeclaration { schema, class_name, tier: Tier::Manual, definition, master: None };
    dj.declare_dynamic(declaration).await.unwrap()
}

/// A table with a row that speaks of an object, which is in the store.
async fn image(dj: &Instance, store: &Path) -> DynamicTable {
    let image = declared(dj, "lab", "Image", "id : int32\n---\npixels = null : <hash@main>").await;
    std::fs::create_dir_all(store.join("_hash/lab")).unwrap();
    std::fs::write(store.join(OBJECT), vec![b'x'; SECRET.len()]).unwrap();
    let rows = [json!({"id": 1, "pixels": document(OBJECT)})];
    image.insert_with(dj, rows, InsertOptions::new().as_stored()).await.unwrap();
    image
}

/// What a row says of an object.
fn document(path: &str) -> Json {
    json!({"hash": "abc", "path": path, "schema": "lab", "store": "main", "size": SECRET.len()})
}

/// An export of a row with an object, then changed by `change`, which is given its folder, a file outside of it, and its
/// manifest; gives the error of the import, and all that the importer's store holds after it.
async fn imported(change: impl FnOnce(&Path, &Path, &mut Json)) -> (String, Vec<String>) {
    let there = tempfile::tempdir().unwrap();
    let other = instance(there.path()).await;
    imported_by(&other, there.path(), change).await
}

/// The same by this importer, whose store is in this folder.
async fn imported_by(
    other: &Instance,
    there: &Path,
    change: impl FnOnce(&Path, &Path, &mut Json),
) -> (String, Vec<String>) {
    let folder = || tempfile::tempdir().unwrap();
    let (here, export, outside) = (folder(), folder(), folder());
    let dj = instance(here.path()).await;
    let image = image(&dj, here.path()).await;
    Export::new(&dj, &image).to(export.path()).await.unwrap();

    let secret = outside.path().join("secret");
    std::fs::write(&secret, SECRET).unwrap();
    let path = export.path().join("manifest.json");
    let mut manifest = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    change(export.path(), &secret, &mut manifest);
    if !path.is_symlink() {
        std::fs::write(&path, manifest.to_string()).unwrap();
    }
    let error = match Import::new(other, export.path()).run().await {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    };
    let mut found = Vec::new();
    collect(there, &mut found);
    (error, found)
}

fn collect(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else {
            found.push(std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// Puts other rows into the place of those of an export, with all that the manifest says of them.
fn write_rows(folder: &Path, manifest: &mut Json, lines: &[String]) {
    let hash = lines.iter().fold(0_u128, |sum, line| {
        let digest = Md5::digest(line.as_bytes());
        sum.wrapping_add(u128::from_be_bytes(digest.into()))
    });
    manifest["tables"][0]["hash"] = format!("{hash:032x}").into();
    manifest["tables"][0]["rows"] = lines.len().into();
    let text = lines.join("\n") + if lines.is_empty() { "" } else { "\n" };
    std::fs::write(folder.join("001.jsonl"), text).unwrap();
}

/// Has the row and the manifest speak of an object elsewhere.
fn speak_of(folder: &Path, manifest: &mut Json, path: &str) {
    write_rows(folder, manifest, &[json!([1, {"json": document(path)}]).to_string()]);
    manifest["objects"][0]["path"] = path.into();
}
