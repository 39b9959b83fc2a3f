//! An export from somebody else: nothing outside of its folder is opened.

use std::os::unix::fs::symlink;
use std::path::Path;

use crate::{OBJECT, SECRET, imported, speak_of};

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
            speak_of(folder, manifest, "_hash/lab/secret");
        }),
        ("a folder above that is a link", |folder, secret, manifest| {
            replace(&folder.join("objects"), secret.parent().unwrap().parent().unwrap());
            let name = secret.parent().unwrap().file_name().unwrap().to_str().unwrap();
            speak_of(folder, manifest, &format!("../{name}/secret"));
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
            speak_of(folder, manifest, &name);
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
