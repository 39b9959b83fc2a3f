//! Objects in stores.

use std::collections::{HashMap, HashSet};
use std::io::{Read as _, Write as _};

use datajoint_config::Settings;
use datajoint_definition::{AttributeType, Store as Place};
use datajoint_schema::{Attribute, TableName};
use datajoint_store::{Spec, Store};

use crate::folder::Folder;
use crate::{Error, Object, Result};

/// The folder of an export in which objects of the default store lie. No store has this name: a setting's has no `~`.
const OF_THE_DEFAULT: &str = "~default";

/// True for attributes whose values are kept in a store.
pub(crate) fn is_stored(attribute: &Attribute) -> bool {
    matches!(&attribute.attribute_type, AttributeType::Codec(codec) if codec.store != Place::Table)
}

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
        folder: &Folder,
    ) -> Result<Vec<Object>> {
        let paths = self.store(table, store)?.list(path).await?;
        let mut saved = Vec::new();
        for path in paths {
            // Rows of several tables may speak of one object.
            if !self.saved.insert((store.map(str::to_owned), path.clone())) {
                continue;
            }
            let bytes = self.store(table, store)?.get(&path).await?;
            let file = file_of(store, &path);
            let written = folder.create(&file)?.write_all(&bytes);
            written.map_err(Error::file(&folder.path_of(&file)))?;
            saved.push(Object { store: store.map(str::to_owned), path, size: bytes.len() as u64 });
        }
        Ok(saved)
    }

    /// Puts an object of an export into its store, unless it is there.
    pub(crate) async fn restore(&mut self, object: &Object, folder: &Folder) -> Result<()> {
        let table = TableName::new("", "an export");
        let file = file_of(object.store.as_deref(), &object.path);
        let path = folder.path_of(&file);
        let mut open = folder.read(&file)?;
        let size = open.metadata().map_err(Error::file(&path))?.len();
        if size != object.size {
            let problem = format!("it has {size} bytes, and the manifest says {}", object.size);
            return Err(Error::format(&path, &problem));
        }
        let mut bytes = Vec::new();
        open.read_to_end(&mut bytes).map_err(Error::file(&path))?;
        Ok(self.store(&table, object.store.as_deref())?.put_new(&object.path, bytes).await?)
    }
}

/// Where an object lies in the folder.
fn file_of(store: Option<&str>, path: &str) -> String {
    let store = store.unwrap_or(OF_THE_DEFAULT);
    format!("objects/{store}/{}", path.trim_start_matches('/'))
}
