//! Folders of this machine into stores.

use std::path::{Path, PathBuf};

use datajoint_store::Store;
use serde_json::{Value as Json, json};

use crate::{Error, Result};

/// What a folder holds: the path of each file within, with its size.
#[derive(Debug, Default)]
pub(crate) struct Folder(Vec<(String, u64)>);

impl Folder {
    pub(crate) fn note(&mut self, name: &str, size: u64) {
        self.0.push((name.to_owned(), size));
    }

    pub(crate) fn names(&self) -> &[(String, u64)] {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn size(&self) -> u64 {
        self.0.iter().map(|(_, size)| size).sum()
    }

    pub(crate) fn files(&self) -> u64 {
        self.0.len() as u64
    }

    /// Writes beside the folder what it holds.
    pub(crate) async fn write_manifest(&self, store: &Store, path: &str, created: &str) -> Result<()> {
        let files: Vec<Json> =
            self.0.iter().map(|(path, size)| json!({"path": path, "size": size})).collect();
        let manifest = json!({
            "files": files, "total_size": self.size(), "item_count": self.files(), "created": created,
        });
        let manifest = serde_json::to_vec_pretty(&manifest).map_err(Error::other)?;
        store.put_new(&format!("{path}.manifest.json"), manifest).await?;
        Ok(())
    }
}

/// Writes every file of a folder below a path, and what the folder holds beside it.
pub(super) async fn folder(store: &Store, path: &str, folder: &Path, created: &str) -> Result<Folder> {
    let root = folder.to_owned();
    let found = tokio::task::spawn_blocking(move || {
        let mut found = Vec::new();
        collect(&root, "", &mut found).map(|()| found)
    });
    let mut uploaded = Folder::default();
    for (name, file) in found.await.map_err(Error::other)?? {
        let size = store.put_file(&format!("{path}/{name}"), &file).await?;
        uploaded.note(&name, size);
    }
    uploaded.write_manifest(store, path, created).await?;
    Ok(uploaded)
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
