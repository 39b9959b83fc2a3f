//! Objects in stores.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use datajoint_config::Settings;
use datajoint_definition::{AttributeType, Store as Place};
use datajoint_schema::{Attribute, TableName};
use datajoint_store::{Spec, Store};

use crate::{Error, Object, Result};

/// True for attributes whose values are kept in a store.
pub(crate) fn is_stored(attribute: &Attribute) -> bool {
    matches!(&attribute.attribute_type, AttributeType::Codec(codec) if codec.store != Place::Table)
}

/// Stores that were opened.
pub(crate) struct Objects<'a> {
    settings: &'a Settings,
    open: HashMap<String, Store>,
}

impl<'a> Objects<'a> {
    pub(crate) fn new(settings: &'a Settings) -> Self {
        Self { settings, open: HashMap::new() }
    }

    fn store(&mut self, table: &TableName, name: &str) -> Result<&Store> {
        if !self.open.contains_key(name) {
            let attributes = self
                .settings
                .stores
                .named
                .get(name)
                .ok_or_else(|| Error::UnknownStore { table: table.clone(), store: name.to_owned() })?;
            self.open.insert(name.to_owned(), Store::open(Spec::new(name, attributes)?)?);
        }
        Ok(&self.open[name])
    }

    /// Writes an object, or all of a folder, beside an export.
    pub(crate) async fn save(
        &mut self,
        table: &TableName,
        name: &str,
        path: &str,
        folder: &Path,
    ) -> Result<Vec<Object>> {
        let store = self.store(table, name)?;
        let mut saved = Vec::new();
        for path in store.list(path).await? {
            let bytes = store.get(&path).await?;
            let file = file_of(folder, name, &path);
            if let Some(parent) = file.parent() {
                std::fs::create_dir_all(parent).map_err(Error::file(parent))?;
            }
            std::fs::write(&file, &bytes).map_err(Error::file(&file))?;
            saved.push(Object { store: name.to_owned(), path, size: bytes.len() as u64 });
        }
        Ok(saved)
    }

    /// Puts an object of an export into its store, unless it is there.
    pub(crate) async fn restore(&mut self, object: &Object, folder: &Path) -> Result<()> {
        let table = TableName::new("", "an export");
        let file = file_of(folder, &object.store, &object.path);
        let bytes = std::fs::read(&file).map_err(Error::file(&file))?;
        if bytes.len() as u64 != object.size {
            let problem = format!("it has {} bytes, and the manifest says {}", bytes.len(), object.size);
            return Err(Error::format(&file, &problem));
        }
        Ok(self.store(&table, &object.store)?.put_new(&object.path, bytes).await?)
    }
}

/// Where an object lies; no path leads out of the folder.
fn file_of(folder: &Path, store: &str, path: &str) -> PathBuf {
    let mut file = folder.join("objects").join(store.replace(['/', '\\'], "_"));
    file.extend(path.split('/').filter(|step| !matches!(*step, "" | "." | "..")));
    file
}
