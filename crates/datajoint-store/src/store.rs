//! Stores that are open.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, PutMode, PutPayload};
use uuid::Uuid;

use crate::{Error, Protocol, Result, Spec, open};

/// A store.
#[derive(Clone)]
pub struct Store {
    spec: Spec,
    objects: Arc<dyn ObjectStore>,
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

    /// The bytes of an object.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn get(&self, path: &str) -> Result<Vec<u8>> {
        let place = self.place(path)?;
        let read = async { self.objects.get(&place).await?.bytes().await };
        Ok(read.await.map_err(|error| self.failed("read", error))?.to_vec())
    }

    /// Writes an object, unless the same one is there already.
    ///
    /// Fails when another one is there, which stays as it is.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the object may be there or not, and never a part of it.
    pub async fn put_new(&self, path: &str, bytes: Vec<u8>) -> Result<()> {
        let place = self.place(path)?;
        match self.objects.head(&place).await {
            Ok(_) => return self.check_same(path, &bytes).await,
            Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(self.failed("look for", error)),
        }
        // Someone else may have written it since: the store decides.
        let payload = PutPayload::from(bytes.clone());
        match self.objects.put_opts(&place, payload, PutMode::Create.into()).await {
            Ok(_) => Ok(()),
            Err(object_store::Error::AlreadyExists { .. }) => self.check_same(path, &bytes).await,
            Err(error) => Err(self.failed("write", error)),
        }
    }

    /// Fails when the object that is there is another one.
    async fn check_same(&self, path: &str, bytes: &[u8]) -> Result<()> {
        let found = self.objects.head(&self.place(path)?).await;
        let found = found.map_err(|error| self.failed("look for", error))?.size;
        let given = bytes.len() as u64;
        if found == given && self.get(path).await? == bytes {
            return Ok(());
        }
        let (store, url, path) = (self.spec.name.clone(), self.spec.url(), path.to_owned());
        Err(Error::Occupied { store, url, path, found, given })
    }

    /// The object at a path, or all below it when it is a folder, and what says what the folder holds.
    ///
    /// Fails when there is none.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn list(&self, path: &str) -> Result<Vec<String>> {
        use futures_util::TryStreamExt as _;

        let place = self.place(path)?;
        match self.objects.head(&place).await {
            Ok(_) => return Ok(vec![path.to_owned()]),
            Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(self.failed("look for", error)),
        }
        let found: Vec<object_store::ObjectMeta> = self
            .objects
            .list(Some(&place))
            .try_collect()
            .await
            .map_err(|error| self.failed("list", error))?;
        if found.is_empty() {
            let source = format!("nothing is at {path}").into();
            return Err(self.failed("find", object_store::Error::NotFound { path: path.to_owned(), source }));
        }
        let relative = |meta: &object_store::ObjectMeta| {
            let parts: Vec<String> = meta
                .location
                .prefix_match(&self.root)
                .map(|parts| parts.map(|part| part.as_ref().to_owned()).collect())
                .unwrap_or_default();
            parts.join("/")
        };
        let mut paths: Vec<String> = found.iter().map(relative).collect();
        let manifest = format!("{path}.manifest.json");
        if self.objects.head(&self.place(&manifest)?).await.is_ok() {
            paths.push(manifest);
        }
        Ok(paths)
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
    fn place(&self, path: &str) -> Result<Path> {
        let steps = self.root.as_ref().split('/').chain(path.split('/')).filter(|step| !step.is_empty());
        Path::parse(steps.collect::<Vec<_>>().join("/")).map_err(|error| self.failed("name", error.into()))
    }

    fn failed(&self, action: &'static str, source: object_store::Error) -> Error {
        let (store, url) = (self.spec.name.clone(), self.spec.url());
        Error::Failed { store, url, action, source: Box::new(source) }
    }
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
