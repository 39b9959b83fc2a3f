//! Objects in stores.

use std::collections::{HashMap, HashSet};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use cap_std::fs::File;
use datajoint_config::Settings;
use datajoint_schema::TableName;
use datajoint_store::{ContentDigest, Spec, Store};
use md5::{Digest as _, Md5};

use crate::folder::{Folder, NewFolder};
use crate::{Error, Object, Result};

/// The folder of an export in which objects of the default store lie. No store has this name: a setting's has no `~`.
const OF_THE_DEFAULT: &str = "~default";

/// The largest object that is put into a store at once; of others a piece of this size is in memory.
const AT_ONCE: u64 = 8 << 20;

/// How much of a file is read at once.
const PIECE: usize = 1 << 20;

/// Stores that were opened.
pub(crate) struct Objects<'a> {
    settings: &'a Settings,
    open: HashMap<Option<String>, Store>,
    /// The objects that were written, each by its store and its path there.
    saved: HashSet<(Option<String>, String)>,
}

impl<'a> Objects<'a> {
    pub(crate) fn new(settings: &'a Settings) -> Self {
        Self { settings, open: HashMap::new(), saved: HashSet::new() }
    }

    fn store(&mut self, table: &TableName, store: Option<&str>) -> Result<&Store> {
        let key = store.map(str::to_owned);
        if !self.open.contains_key(&key) {
            let stores = &self.settings.stores;
            let Some(name) = store.or(stores.default.as_deref()) else {
                return Err(Error::NoDefaultStore { table: table.clone() });
            };
            let attributes = stores.named.get(name);
            let attributes = attributes
                .ok_or_else(|| Error::UnknownStore { table: table.clone(), store: name.to_owned() })?;
            self.open.insert(key.clone(), Store::open(Spec::new(name, attributes)?)?);
        }
        Ok(&self.open[&key])
    }

    /// Writes an object, or all of a folder, beside an export.
    pub(crate) async fn save(
        &mut self,
        table: &TableName,
        store: Option<&str>,
        path: &str,
        folder: &mut NewFolder,
    ) -> Result<Vec<Object>> {
        let paths = self.store(table, store)?.list(path).await?;
        let mut saved = Vec::new();
        for path in paths {
            // Rows of several tables may speak of one object.
            if !self.saved.insert((store.map(str::to_owned), path.clone())) {
                continue;
            }
            let here = self.store(table, store)?;
            let mut reader = here.reader(&path).await?;
            let file = file_of(store, &path);
            let mut new = folder.create(&file)?;
            let mut digest = here.spec().goes_by_content(&path).then(ContentDigest::default);
            let (mut size, mut hash) = (0, Md5::new());
            while let Some(piece) = reader.next().await {
                let piece = piece?;
                if let Some(digest) = &mut digest {
                    digest.add(&piece);
                }
                size += piece.len() as u64;
                hash.update(&piece);
                new.write_all(&piece).map_err(Error::file(&folder.path_of(&file)))?;
            }
            if let Some(digest) = digest {
                check_content(here.spec(), &path, digest)?;
            }
            let hash = Some(hex(hash));
            saved.push(Object { store: store.map(str::to_owned), path, size, hash });
        }
        Ok(saved)
    }

    /// Looks at an object of an export. Gives the schema whose rows it belongs to by its path in the store, if there is one.
    ///
    /// Fails when its bytes are not those that the manifest says, as far as it does, and for a path that no object of its store has.
    pub(crate) fn check(
        &mut self,
        table: &TableName,
        object: &Object,
        folder: &Folder,
    ) -> Result<Option<String>> {
        let spec = self.store(table, object.store.as_deref())?.spec();
        spec.check_path(&object.path)?;
        let mut file = open(object, folder)?;
        if object.hash.is_some() {
            let path = folder.path_of(&file_of(object.store.as_deref(), &object.path));
            let (mut hash, mut buffer) = (Md5::new(), vec![0; PIECE]);
            loop {
                match file.read(&mut buffer).map_err(Error::file(&path))? {
                    0 => break,
                    length => hash.update(&buffer[..length]),
                }
            }
            check_hash(object, hash, &path)?;
        }
        Ok(spec.schema_of(&object.path).map(str::to_owned))
    }

    /// Puts an object of an export into its store, unless it is there.
    pub(crate) async fn restore(
        &mut self,
        table: &TableName,
        object: &Object,
        folder: &Folder,
    ) -> Result<()> {
        let path = folder.path_of(&file_of(object.store.as_deref(), &object.path));
        let mut file = open(object, folder)?;
        let store = self.store(table, object.store.as_deref())?;
        let is_by_content = store.spec().goes_by_content(&object.path);
        if object.size > AT_ONCE && !is_by_content {
            return put_pieces(store, object, &mut file, &path).await;
        }
        let mut bytes = Vec::new();
        file.take(object.size).read_to_end(&mut bytes).map_err(Error::file(&path))?;
        // Somebody may have changed it since it was looked at.
        check_hash(object, Md5::new_with_prefix(&bytes), &path)?;
        if is_by_content {
            let mut digest = ContentDigest::default();
            digest.add(&bytes);
            check_content(store.spec(), &object.path, digest)?;
            store.put_content(&object.path, bytes).await?;
        } else {
            store.put_new(&object.path, bytes).await?;
        }
        Ok(())
    }
}

/// Puts an object into its store, a piece after the other, unless the same one is there.
async fn put_pieces(store: &Store, object: &Object, file: &mut File, path: &Path) -> Result<()> {
    let found = store.head(&object.path).await?;
    if found.is_some_and(|found| found.size == object.size) && is_same(store, object, file, path).await? {
        return Ok(());
    }
    // Fails where another one is there.
    let mut writer = store.writer(&object.path).await?;
    let (mut buffer, mut rest) = (vec![0; PIECE], object.size);
    file.rewind().map_err(Error::file(path))?;
    let mut hash = Md5::new();
    while rest > 0 {
        let most = usize::try_from(rest).map_or(buffer.len(), |rest| rest.min(buffer.len()));
        if let Err(error) = file.read_exact(&mut buffer[..most]) {
            writer.abort().await;
            return Err(Error::file(path)(error));
        }
        hash.update(&buffer[..most]);
        writer.write(&buffer[..most]).await?;
        rest -= most as u64;
    }
    if let Err(error) = check_hash(object, hash, path) {
        writer.abort().await;
        return Err(error);
    }
    writer.finish().await?;
    Ok(())
}

/// Compares an object of one size with what is in the store.
async fn is_same(store: &Store, object: &Object, file: &mut File, path: &Path) -> Result<bool> {
    let mut reader = store.reader(&object.path).await?;
    while let Some(piece) = reader.next().await {
        let piece = piece?;
        let mut own = vec![0; piece.len()];
        file.read_exact(&mut own).map_err(Error::file(path))?;
        if own != piece {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Opens the file of an object. Fails for one of another size than the manifest says.
fn open(object: &Object, folder: &Folder) -> Result<File> {
    let file = file_of(object.store.as_deref(), &object.path);
    let path = folder.path_of(&file);
    let open = folder.read(&file)?;
    let size = open.metadata().map_err(Error::file(&path))?.len();
    if size != object.size {
        let problem = format!("it has {size} bytes, and the manifest says {}", object.size);
        return Err(Error::format(&path, &problem));
    }
    Ok(open)
}

/// Fails for other bytes than those that were exported, as far as the manifest tells.
fn check_hash(object: &Object, hash: Md5, path: &Path) -> Result<()> {
    match &object.hash {
        Some(expected) if *expected != hex(hash) => {
            Err(Error::OtherBytes { path: path.display().to_string() })
        }
        _ => Ok(()),
    }
}

fn hex(hash: Md5) -> String {
    format!("{:032x}", u128::from_be_bytes(hash.finalize().into()))
}

/// Fails for an object that goes by its content, and has another one: whoever looks for this content would be given it.
fn check_content(spec: &Spec, path: &str, digest: ContentDigest) -> Result<()> {
    let expected = path.rsplit('/').next().unwrap_or_default();
    let found = digest.name();
    if found == expected {
        return Ok(());
    }
    Err(Error::OtherContent { store: spec.name.clone(), object: path.to_owned(), found })
}

/// Where an object lies in the folder.
fn file_of(store: Option<&str>, path: &str) -> String {
    let store = store.unwrap_or(OF_THE_DEFAULT);
    format!("objects/{store}/{path}")
}
