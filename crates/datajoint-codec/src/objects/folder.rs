//! Folders in stores, compared with what was written of them.

use std::collections::HashMap;

use datajoint_store::{Store, StoredObject};
use serde::Deserialize;

use crate::{Error, Result};

/// What a row says of a folder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told {
    /// The size of all files together.
    pub(crate) size: Option<u64>,
    /// How many files there are.
    pub(crate) files: Option<u64>,
    /// True for a folder that a codec wrote, with its manifest beside it; false for one of the users'.
    pub(crate) is_owned: bool,
}

/// What lies beside a folder and says what it holds.
#[derive(Debug, Deserialize)]
struct Manifest {
    files: Vec<File>,
    total_size: u64,
    item_count: u64,
}

#[derive(Debug, Deserialize)]
struct File {
    path: String,
    size: u64,
}

/// How many bytes a manifest has at most: for all of it, and for each file.
const OF_ALL: u64 = 64 << 10;
const OF_A_FILE: u64 = 32 << 10;

/// Returns the files of a folder, in the order of their paths.
///
/// Fails when they are not those that were written, as far as the row and the manifest say. A staged insert of DataJoint for
/// Python writes no manifest.
pub(crate) async fn files(store: &Store, path: &str, told: Told) -> Result<Vec<StoredObject>> {
    let found = store.objects_in(path).await?;
    if found.is_empty() && told.files != Some(0) {
        return Err(store.missing(path).into());
    }
    if told.is_owned
        && let Some(manifest) = manifest(store, path, found.len() as u64).await?
    {
        compare(store, path, &manifest, &found)?;
    }
    let fault =
        |problem| Err(Error::Folder { store: store.spec().name.clone(), path: path.to_owned(), problem });
    let (files, size): (_, u64) = (found.len() as u64, found.iter().map(|file| file.size).sum());
    match (told.files, told.size) {
        (Some(expected), _) if expected != files => {
            let expected = datajoint_definition::count(expected, "file");
            fault(format!(
                "it has {}, and the row says {expected}",
                datajoint_definition::count(files, "file")
            ))
        }
        (_, Some(expected)) if expected != size => {
            fault(format!("its files have {size} bytes, and the row says {expected}"))
        }
        _ => Ok(found),
    }
}

/// Reads the manifest of a folder; `None` where there is none.
async fn manifest(store: &Store, folder: &str, files: u64) -> Result<Option<Manifest>> {
    let path = format!("{folder}.manifest.json");
    let Some(there) = store.head(&path).await? else { return Ok(None) };
    let odd = |problem| Error::Folder {
        store: store.spec().name.clone(),
        path: folder.to_owned(),
        problem: format!("{path}, which says what it holds, {problem}"),
    };
    if there.size > OF_ALL + files.saturating_mul(OF_A_FILE) {
        return Err(odd(format!("has {} bytes, more than its files need", there.size)));
    }
    let manifest: Manifest = serde_json::from_slice(&store.get(&path).await?)
        .map_err(|error| odd(format!("is no manifest: {error}")))?;
    let size = manifest.files.iter().map(|file| file.size).fold(0, u64::saturating_add);
    if (manifest.files.len() as u64, size) != (manifest.item_count, manifest.total_size) {
        return Err(odd("contradicts itself".to_owned()));
    }
    Ok(Some(manifest))
}

/// Fails when a file of the manifest is not there as it says.
fn compare(store: &Store, folder: &str, manifest: &Manifest, found: &[StoredObject]) -> Result<()> {
    let found: HashMap<&str, u64> = found.iter().map(|file| (file.path.as_str(), file.size)).collect();
    for File { path, size } in &manifest.files {
        let path = format!("{folder}/{path}");
        match found.get(path.as_str()) {
            None => return Err(store.missing(&path).into()),
            Some(found) if found != size => {
                let store = store.spec().name.clone();
                return Err(Error::Resized { store, path, expected: *size, found: *found });
            }
            Some(_) => {}
        }
    }
    Ok(())
}
