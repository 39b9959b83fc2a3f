//! Folders of this machine into stores.

use std::path::{Path, PathBuf};

use datajoint_store::Store;
use serde_json::json;

use crate::{Error, Result};

/// What a folder holds.
pub(super) struct Folder {
    pub(super) size: u64,
    pub(super) files: u64,
}

/// Writes every file of a folder below a path, and what the folder holds beside it.
pub(super) async fn folder(store: &Store, path: &str, folder: &Path, created: &str) -> Result<Folder> {
    let root = folder.to_owned();
    let found = tokio::task::spawn_blocking(move || {
        let mut found = Vec::new();
        collect(&root, "", &mut found).map(|()| found)
    });
    let found = found.await.map_err(Error::other)??;
    let mut files = Vec::new();
    let mut total = 0;
    for (name, file) in found {
        let size = store.put_file(&format!("{path}/{name}"), &file).await?;
        total += size;
        files.push(json!({"path": name, "size": size}));
    }
    let count = files.len() as u64;
    let manifest = json!({"files": files, "total_size": total, "item_count": count, "created": created});
    let manifest = serde_json::to_vec_pretty(&manifest).map_err(Error::other)?;
    store.put_content(&format!("{path}.manifest.json"), manifest).await?;
    Ok(Folder { size: total, files: count })
}

/// The files of a folder in the order of their names, each by its path within.
fn collect(folder: &Path, within: &str, found: &mut Vec<(String, PathBuf)>) -> Result<()> {
    let unread = |source| Error::File { path: folder.to_owned(), action: "read", source };
    let entries: std::io::Result<Vec<_>> = std::fs::read_dir(folder).map_err(unread)?.collect();
    let mut entries = entries.map_err(unread)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let name = entry.file_name().into_string();
        let name = name.map_err(|_| {
            Error::value(format!("the name of {} is not UTF-8: rename the file", path.display()))
        })?;
        let name = if within.is_empty() { name } else { format!("{within}/{name}") };
        let kind = entry.file_type().map_err(unread)?;
        if kind.is_symlink() {
            let problem = "is a link, which a store does not keep: put what it leads to in its place";
            return Err(Error::value(format!("{} {problem}", path.display())));
        }
        if kind.is_dir() {
            collect(&path, &name, found)?;
        } else {
            found.push((name, path));
        }
    }
    Ok(())
}
