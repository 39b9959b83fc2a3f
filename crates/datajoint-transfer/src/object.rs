//! Objects in stores.

use std::collections::{HashMap, HashSet};
use std::io::{Read as _, Write as _};

use datajoint_config::Settings;
use datajoint_schema::TableName;
use datajoint_store::{Spec, Store, content_hash};

use crate::folder::{Folder, NewFolder};
use crate::{Error, Object, Result};

/// The folder of an export in which objects of the default store lie. No store has this name: a setting's has no `~`.
const OF_THE_DEFAULT: &str = "~default";

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
            let bytes = here.get(&path).await?;
            check_content(here.spec(), &path, &bytes)?;
            let file = file_of(store, &path);
            let written = folder.create(&file)?.write_all(&bytes);
            written.map_err(Error::file(&folder.path_of(&file)))?;
            saved.push(Object { store: store.map(str::to_owned), path, size: bytes.len() as u64 });
        }
        Ok(saved)
    }

    /// Looks at an object of an export. Gives the schema whose rows it belongs to by its path in the store, if there is one.
    ///
    /// Fails when it is not there as the manifest says, and for a path that no object of its store has.
    pub(crate) fn check(
        &mut self,
        table: &TableName,
        object: &Object,
        folder: &Folder,
    ) -> Result<Option<String>> {
        open(object, folder)?;
        let spec = self.store(table, object.store.as_deref())?.spec();
        spec.check_path(&object.path)?;
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
        let mut bytes = Vec::new();
        open(object, folder)?.take(object.size).read_to_end(&mut bytes).map_err(Error::file(&path))?;
        let store = self.store(table, object.store.as_deref())?;
        if store.spec().goes_by_content(&object.path) {
            check_content(store.spec(), &object.path, &bytes)?;
            store.put_content(&object.path, bytes).await?;
        } else {
            store.put_new(&object.path, bytes).await?;
        }
        Ok(())
    }
}

/// Opens the file of an object. Fails for one of another size than the manifest says.
fn open(object: &Object, folder: &Folder) -> Result<cap_std::fs::File> {
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

/// Fails for an object that goes by its content, and has another one: whoever looks for this content would be given it.
fn check_content(spec: &Spec, path: &str, bytes: &[u8]) -> Result<()> {
    let expected = path.rsplit('/').next().unwrap_or_default();
    let found = content_hash(bytes);
    if !spec.goes_by_content(path) || found == expected {
        return Ok(());
    }
    Err(Error::OtherContent { store: spec.name.clone(), object: path.to_owned(), found })
}

/// Where an object lies in the folder.
fn file_of(store: Option<&str>, path: &str) -> String {
    let store = store.unwrap_or(OF_THE_DEFAULT);
    format!("objects/{store}/{path}")
}
