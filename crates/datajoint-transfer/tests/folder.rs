//! An export from somebody else: nothing outside of its folder is opened.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::os::unix::fs::symlink;
use std::path::Path;

use datajoint::prelude::*;
use datajoint::types::serde_json::{self, json};
use datajoint::{DynamicDeclaration, Tier};
use datajoint_transfer::{Export, Import};

const OBJECT: &str = "_hash/lab/abc";
const SECRET: &str = "a secret of the importer";

/// An instance with a store in a folder.
async fn instance(store: &Path) -> Instance {
    let stores = json!({"main": {"protocol": "file", "location": store}}).to_string();
    let read = Settings::reader().without_files().environment([("DJ_STORES", stores)]).load().unwrap();
    let dj = Instance::connect(Settings::embedded(":memory:")).await.unwrap();
    dj.with_settings(|settings| settings.stores = read.stores)
}

/// An export of a row with an object, then changed by `change`; gives the error of the import, and all that the
/// importer's store holds after it.
async fn imported(change: impl FnOnce(&Path, &Path, &mut serde_json::Value)) -> (String, Vec<String>) {
    let folder = || tempfile::tempdir().unwrap();
    let (here, there, export, outside) = (folder(), folder(), folder(), folder());
    let (dj, other) = (instance(here.path()).await, instance(there.path()).await);
    let declaration = DynamicDeclaration {
        schema: "lab",
        class_name: "Image",
        tier: Tier::Manual,
        definition: "id : int32\n---\npixels = null : <hash@main>",
        master: None,
    };
    let image = dj.declare_dynamic(declaration).await.unwrap();
    std::fs::create_dir_all(here.path().join("_hash/lab")).unwrap();
    std::fs::write(here.path().join(OBJECT), vec![b'x'; SECRET.len()]).unwrap();
    let document =
        json!({"hash": "abc", "path": OBJECT, "schema": "lab", "store": "main", "size": SECRET.len()});
    let options = InsertOptions::new().as_stored();
    image.insert_with(&dj, [json!({"id": 1, "pixels": document})], options).await.unwrap();
    Export::new(&dj, &image).to(export.path()).await.unwrap();

    let secret = outside.path().join("secret");
    std::fs::write(&secret, SECRET).unwrap();
    let path = export.path().join("manifest.json");
    let mut manifest = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    change(export.path(), &secret, &mut manifest);
    if !path.is_symlink() {
        std::fs::write(&path, manifest.to_string()).unwrap();
    }
    let error = match Import::new(&other, export.path()).run().await {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    };
    let mut found = Vec::new();
    collect(there.path(), &mut found);
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

#[tokio::test]
async fn an_export_as_it_was_written_is_imported() {
    let (error, found) = imported(|_, _, _| {}).await;
    assert_eq!((error.as_str(), found.len()), ("", 1));
}

/// What somebody does to an export: to its folder, with a file outside of it, and to its manifest.
type Change = fn(&Path, &Path, &mut serde_json::Value);

/// Puts a link in the place of what lies there.
fn replace(place: &Path, target: &Path) {
    if place.is_dir() {
        std::fs::remove_dir_all(place).unwrap();
    } else {
        std::fs::remove_file(place).unwrap();
    }
    symlink(target, place).unwrap();
}

#[tokio::test]
async fn nothing_outside_of_the_folder_is_opened() {
    let changes: [(&str, Change); 12] = [
        ("an object that is a link", |folder, secret, _| {
            replace(&folder.join("objects/main").join(OBJECT), secret);
        }),
        ("a folder that is a link", |folder, secret, manifest| {
            replace(&folder.join("objects/main/_hash/lab"), secret.parent().unwrap());
            manifest["objects"][0]["path"] = "_hash/lab/secret".into();
        }),
        ("a folder above that is a link", |folder, secret, manifest| {
            replace(&folder.join("objects"), secret.parent().unwrap().parent().unwrap());
            let name = secret.parent().unwrap().file_name().unwrap().to_str().unwrap();
            manifest["objects"][0]["store"] = "main".into();
            manifest["objects"][0]["path"] = format!("../{name}/secret").into();
        }),
        ("a device", |folder, _, manifest| {
            replace(&folder.join("objects/main").join(OBJECT), Path::new("/dev/zero"));
            manifest["objects"][0]["size"] = 0.into();
        }),
        ("a pipe", |folder, _, _| {
            let place = folder.join("objects/main").join(OBJECT);
            std::fs::remove_file(&place).unwrap();
            assert!(std::process::Command::new("mkfifo").arg(&place).status().unwrap().success());
        }),
        ("a folder in the place of a file", |folder, _, _| {
            let place = folder.join("objects/main").join(OBJECT);
            std::fs::remove_file(&place).unwrap();
            std::fs::create_dir(&place).unwrap();
        }),
        ("a path upwards", |folder, secret, manifest| {
            let name = format!(
                "../../../{}/secret",
                secret.parent().unwrap().file_name().unwrap().to_str().unwrap()
            );
            assert!(folder.join("objects/main").join(&name).exists(), "it would be found");
            manifest["objects"][0]["path"] = name.into();
        }),
        ("a store that leads upwards", |_, _, manifest| manifest["objects"][0]["store"] = "..".into()),
        ("rows at an absolute path", |_, secret, manifest| {
            manifest["tables"][0]["file"] = secret.to_str().unwrap().into();
        }),
        ("rows upwards", |_, secret, manifest| {
            let name = secret.parent().unwrap().file_name().unwrap().to_str().unwrap();
            manifest["tables"][0]["file"] = format!("../{name}/secret").into();
        }),
        ("rows that are a link", |folder, secret, _| replace(&folder.join("001.jsonl"), secret)),
        ("a manifest that is a link", |folder, secret, _| replace(&folder.join("manifest.json"), secret)),
    ];
    for (what, change) in changes {
        let (error, found) = imported(change).await;
        assert!(!error.is_empty() && !error.contains(SECRET), "{what}: {error}");
        assert!(
            error.contains("objects/")
                || error.contains("jsonl")
                || error.contains("manifest.json")
                || error.contains("secret"),
            "{what}: {error}"
        );
        assert!(!found.iter().any(|text| text.contains(SECRET)), "{what}: {found:?}");
    }
}

#[tokio::test]
async fn a_link_that_stays_in_the_folder_is_followed() {
    let (error, found) = imported(|folder, _, _| {
        let place = folder.join("objects/main").join(OBJECT);
        std::fs::rename(&place, folder.join("objects/main/_hash/lab/real")).unwrap();
        symlink("real", &place).unwrap();
    })
    .await;
    assert_eq!((error.as_str(), found.len()), ("", 1));
}
