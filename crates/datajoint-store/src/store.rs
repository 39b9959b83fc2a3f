//! Stores that are open.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, PutPayload};
use uuid::Uuid;

use crate::{Error, Protocol, Result, Spec, StoredObject, open};

/// A store.
#[derive(Clone)]
pub struct Store {
    pub(crate) spec: Spec,
    pub(crate) objects: Arc<dyn ObjectStore>,
    /// What stands before every path.
    root: Path,
}

impl Store {
    /// Opens a store. Nothing is sent before it is used.
    ///
    /// Fails for a folder that is not there and for a protocol that the program was built without.
    pub fn open(spec: Spec) -> Result<Self> {
        let (objects, root) = open::open(&spec)?;
        Ok(Self { spec, objects, root })
    }

    /// Its settings.
    pub const fn spec(&self) -> &Spec {
        &self.spec
    }

    /// Writes a small object, reads it, and deletes it.
    ///
    /// Fails when any of these is refused, and when other bytes come back.
    ///
    /// ```
    /// # use datajoint_config::Settings;
    /// # use datajoint_store::{Spec, Store};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let stores = serde_json::json!({"main": {"protocol": "file", "location": folder.path()}}).to_string();
    /// # let settings = Settings::reader().without_files().environment([("DJ_STORES", stores)]).load()?;
    /// let spec = Spec::new("main", &settings.stores.named["main"])?;
    /// Store::open(spec)?.check().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the small object that it writes may stay.
    pub async fn check(&self) -> Result<()> {
        let path = self.root.clone().join(format!("datajoint-verify-{}", Uuid::new_v4()));
        let bytes = b"DataJoint was here to see whether it may write.";
        let written = self.objects.put(&path, PutPayload::from_static(bytes)).await;
        written.map_err(|error| self.failed("write", error))?;
        let read = async { self.objects.get(&path).await?.bytes().await };
        let read = read.await.map_err(|error| self.failed("read", error));
        // It goes whatever the reading gave.
        self.objects.delete(&path).await.map_err(|error| self.failed("delete", error))?;
        if read? != bytes[..] {
            return Err(Error::Changed { store: self.spec.name.clone(), url: self.spec.url() });
        }
        Ok(())
    }

    /// The files of uploads that were begun and not finished for so long, in a store that is a folder; `None` for others,
    /// which don't show them.
    ///
    /// Each is left by a program that ended while it wrote: no object refers to it.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn unfinished(&self, longer_than: Duration) -> Option<Vec<PathBuf>> {
        if self.spec.protocol != Protocol::File {
            return None;
        }
        let folder = PathBuf::from(&self.spec.location);
        let before = SystemTime::now().checked_sub(longer_than)?;
        let looking = tokio::task::spawn_blocking(move || {
            let mut found = Vec::new();
            unfinished(&folder, before, &mut found);
            found.sort();
            found
        });
        looking.await.ok()
    }

    /// Where an object is: the path as it is, with no character written another way.
    ///
    /// Fails for a path that leads out of the store, by its steps or, in a folder, by a link.
    pub(crate) async fn place(&self, path: &str) -> Result<Path> {
        self.spec.check_path(path)?;
        self.check_links(path).await?;
        let root = self.root.as_ref();
        let whole = if root.is_empty() { path.to_owned() } else { format!("{root}/{path}") };
        Path::parse(whole).map_err(|error| self.failed("name", error.into()))
    }

    /// The path within the store.
    pub(crate) fn within(&self, place: &Path) -> String {
        let parts: Vec<String> = place
            .prefix_match(&self.root)
            .map(|parts| parts.map(|part| part.as_ref().to_owned()).collect())
            .unwrap_or_default();
        parts.join("/")
    }

    /// Fails for a path in a folder that a link leads out of it.
    async fn check_links(&self, path: &str) -> Result<()> {
        if self.spec.protocol != Protocol::File {
            return Ok(());
        }
        let location = PathBuf::from(&self.spec.location);
        let whole = location.join(path);
        let leads_out = tokio::task::spawn_blocking(move || leads_out(&location, &whole)).await;
        if leads_out.unwrap_or(true) {
            return Err(self
                .spec
                .bad_path(path, "leads out of the store by a link: put the object itself there"));
        }
        Ok(())
    }

    /// Those of these objects that lie in the folder of the store itself.
    ///
    /// Fails when that could not be looked at.
    pub(crate) async fn without_links(&self, mut found: Vec<StoredObject>) -> Result<Vec<StoredObject>> {
        let location = PathBuf::from(&self.spec.location);
        let looking = tokio::task::spawn_blocking(move || {
            let mut folders: HashMap<PathBuf, bool> = HashMap::new();
            found.retain(|object| {
                let whole = location.join(&object.path);
                let folder = whole.parent().unwrap_or(&location).to_path_buf();
                let is_elsewhere =
                    *folders.entry(folder).or_insert_with_key(|folder| leads_out(&location, folder));
                !(is_elsewhere || whole.is_symlink() && leads_out(&location, &whole))
            });
            found
        });
        looking.await.map_err(|error| self.failed("list", object_store::Error::JoinError { source: error }))
    }

    pub(crate) fn failed(&self, action: &'static str, source: object_store::Error) -> Error {
        let (store, url) = (self.spec.name.clone(), self.spec.url());
        Error::Failed { store, url, action, source: Box::new(source) }
    }

    #[doc(hidden)]
    pub fn missing(&self, path: &str) -> Error {
        Error::NoObject { store: self.spec.name.clone(), url: self.spec.url(), path: path.to_owned() }
    }
}

/// True when what is there of a path lies elsewhere than in the folder.
fn leads_out(folder: &std::path::Path, whole: &std::path::Path) -> bool {
    let Ok(folder) = folder.canonicalize() else { return false };
    // What is not there yet leads nowhere; a link to what is not there does.
    let there = whole.ancestors().find(|part| part.symlink_metadata().is_ok());
    there.is_some_and(|there| there.canonicalize().map_or(true, |found| !found.starts_with(&folder)))
}

/// Collects the files that this library (`name#1`) and DataJoint for Python (`name.saving`, `name.copying`) write before they
/// give them their names.
fn unfinished(folder: &std::path::Path, before: SystemTime, found: &mut Vec<PathBuf>) {
    // What can't be read holds nothing that could be told.
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            unfinished(&path, before, found);
            continue;
        }
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_numbered = name.rsplit_once('#').is_some_and(|(_, number)| {
            !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit())
        });
        let is_temporary = is_numbered || name.ends_with(".saving") || name.ends_with(".copying");
        let is_old = entry.metadata().and_then(|meta| meta.modified()).is_ok_and(|time| time < before);
        if is_temporary && is_old {
            found.push(path);
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Store({} at {})", self.spec.name, self.spec.url())
    }
}
