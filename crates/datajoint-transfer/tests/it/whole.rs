//! An export is there as a whole or not at all.

use std::io::{Seek as _, Write as _};
use std::path::Path;

use datajoint::prelude::*;
use datajoint::types::serde_json::json;
use datajoint_transfer::{Error, Export, Import};

use crate::{OBJECT, declared, image, instance};

/// All that lies below a folder.
fn found(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        found.push(path.display().to_string());
        if path.is_dir() && !path.is_symlink() {
            found.extend(self::found(&path));
        }
    }
    found
}

#[tokio::test]
async fn what_failed_leaves_nothing_and_the_next_one_finds_the_place_free() {
    let (store, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let dj = instance(store.path()).await;
    let image = image(&dj, store.path()).await;
    let aside = store.path().join("aside");
    for folder in [place.path().to_owned(), place.path().join("new"), place.path().join("deep/and/deeper")] {
        let before = found(place.path());
        std::fs::rename(store.path().join(OBJECT), &aside).unwrap();
        let error = Export::new(&dj, &image).to(&folder).await.unwrap_err();
        assert!(matches!(error, Error::Store(_)), "{error}");
        assert_eq!(found(place.path()), before);
        std::fs::rename(&aside, store.path().join(OBJECT)).unwrap();
        if folder != place.path() {
            Export::new(&dj, &image).to(&folder).await.unwrap();
            let fresh = tempfile::tempdir().unwrap();
            let other = instance(fresh.path()).await;
            Import::new(&other, &folder).run().await.unwrap();
        }
    }
}

#[tokio::test]
async fn what_is_dropped_leaves_nothing() {
    let (store, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let dj = instance(store.path()).await;
    let image = image(&dj, store.path()).await;
    let folder = place.path().join("export");
    let mut steps = 0;
    loop {
        let mut export = Box::pin(Export::new(&dj, &image).to(&folder));
        let mut is_done = false;
        for _ in 0..=steps {
            let waker = std::task::Waker::noop();
            if export.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_ready() {
                is_done = true;
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(export);
        if is_done {
            break;
        }
        assert_eq!(found(place.path()), [""; 0], "after {steps} steps");
        steps += 1 + steps / 4;
    }
    assert!(folder.join("manifest.json").exists());
}

#[tokio::test]
async fn nothing_that_is_there_is_written_over() {
    let (store, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let dj = instance(store.path()).await;
    let image = image(&dj, store.path()).await;
    let file = place.path().join("file");
    std::fs::write(&file, "mine").unwrap();
    let error = Export::new(&dj, &image).to(&file).await.unwrap_err();
    assert!(matches!(error, Error::NoFolder { .. }), "{error}");
    let error = Export::new(&dj, &image).to(place.path()).await.unwrap_err();
    assert!(matches!(error, Error::NotEmpty { .. }), "{error}");
    let error = Export::new(&dj, &image).to(file.join("below")).await.unwrap_err();
    assert!(matches!(error, Error::File { .. }), "{error}");
    assert_eq!(found(place.path()), [file.display().to_string()]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
}

/// A link to a folder is that folder; one to nothing, or to a file, is none.
#[cfg(unix)]
#[tokio::test]
async fn links_are_followed_to_a_folder_alone() {
    use std::os::unix::fs::symlink;

    let (store, place, elsewhere) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let dj = instance(store.path()).await;
    let image = image(&dj, store.path()).await;
    let link = place.path().join("link");
    symlink(elsewhere.path().join("nothing"), &link).unwrap();
    Export::new(&dj, &image).to(&link).await.unwrap_err();
    assert_eq!(found(elsewhere.path()), [""; 0]);
    assert!(link.is_symlink(), "the link of the user stays");

    std::fs::remove_file(&link).unwrap();
    std::fs::create_dir(elsewhere.path().join("folder")).unwrap();
    symlink(elsewhere.path().join("folder"), &link).unwrap();
    Export::new(&dj, &image).to(&link).await.unwrap();
    assert!(elsewhere.path().join("folder/manifest.json").exists());

    // A folder that holds nothing but a link: nothing is written through it.
    let third = place.path().join("third");
    std::fs::create_dir(&third).unwrap();
    symlink(elsewhere.path(), third.join("objects")).unwrap();
    let error = Export::new(&dj, &image).to(&third).await.unwrap_err();
    assert!(matches!(error, Error::NotEmpty { .. }), "{error}");
}

/// The most memory that this program took, in kilobytes, where the system tells it.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or(0, |line| line.split_whitespace().next().unwrap().parse().unwrap())
}

/// Objects are as large as recordings are, which memory is not.
#[tokio::test]
async fn large_objects_pass_a_piece_at_a_time() {
    const SIZE: u64 = 160 << 20;
    let folder = || tempfile::tempdir().unwrap();
    let (here, there, place) = (folder(), folder(), folder());
    let (dj, other) = (instance(here.path()).await, instance(there.path()).await);
    let definition = "id : int32\n---\nmovie : <object@main>";
    let recording = declared(&dj, "lab", "Recording", definition).await;
    let path = "_schema/lab/recording/id=1/movie_abcdefgh";
    std::fs::create_dir_all(here.path().join(path).parent().unwrap()).unwrap();
    let object = std::fs::File::create(here.path().join(path)).unwrap();
    object.set_len(SIZE).unwrap();
    let document = json!({
        "path": path, "store": "main", "size": SIZE, "ext": null, "is_dir": false, "item_count": null,
        "timestamp": "2026-01-01T00:00:00+00:00",
    });
    let rows = [json!({"id": 1, "movie": document})];
    recording.insert_with(&dj, rows, InsertOptions::new().as_stored()).await.unwrap();

    let (before, export) = (peak(), place.path().join("export"));
    Export::new(&dj, &recording).to(&export).await.unwrap();
    for _ in 0..2 {
        Import::new(&other, &export).run().await.unwrap();
    }
    // The system counts by thread, and may tell a little less later than it told before.
    let more = peak().saturating_sub(before);
    assert!(more < 96 << 10, "{more} kB");
    assert_eq!(std::fs::metadata(there.path().join(path)).unwrap().len(), SIZE);

    // Another one of this size is not written over.
    let mut changed = std::fs::File::options().write(true).open(there.path().join(path)).unwrap();
    changed.seek(std::io::SeekFrom::End(-1)).unwrap();
    changed.write_all(b"x").unwrap();
    let error = Import::new(&other, &export).run().await.unwrap_err().to_string();
    assert!(error.contains(path), "{error}");
}
