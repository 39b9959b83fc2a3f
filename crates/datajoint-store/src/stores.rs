//! The stores of the settings, each opened when it is first needed.

#[cfg(feature = "objects")]
use std::collections::HashMap;
#[cfg(feature = "objects")]
use std::sync::{Mutex, PoisonError};

use datajoint_config::{Store as Attributes, Stores as Settings};

use crate::{Error, Result};
#[cfg(feature = "objects")]
use crate::{Spec, Store};

/// The stores of the settings, each opened when it is first needed.
#[derive(Debug, Default)]
pub struct Stores {
    settings: Settings,
    #[cfg(feature = "objects")]
    open: Mutex<HashMap<String, Store>>,
}

impl Stores {
    /// The stores of these settings.
    pub fn new(settings: &Settings) -> Self {
        Self {
            settings: settings.clone(),
            #[cfg(feature = "objects")]
            open: Mutex::default(),
        }
    }

    /// Fails when the settings have no store of this name. Nothing is opened.
    pub fn check(&self, name: &str) -> Result<()> {
        self.attributes(name).map(drop)
    }

    fn attributes(&self, name: &str) -> Result<&Attributes> {
        let attributes = self.settings.named.get(name);
        attributes.ok_or_else(|| Error::NotSet { store: name.to_owned(), known: self.names() })
    }

    fn names(&self) -> Vec<String> {
        self.settings.named.keys().cloned().collect()
    }
}

#[cfg(feature = "objects")]
impl Stores {
    /// The store of this name; of no name the default one.
    ///
    /// Fails when the settings have no such store, or can't be meant, and as [`Store::open`] does.
    pub fn get(&self, name: Option<&str>) -> Result<Store> {
        let Some(name) = name.or(self.settings.default.as_deref()) else {
            return Err(self.no_default("stores.default"));
        };
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = open.get(name) {
            return Ok(store.clone());
        }
        let store = Store::open(Spec::new(name, self.attributes(name)?)?)?;
        open.insert(name.to_owned(), store.clone());
        Ok(store)
    }

    /// The store for files of the users', when none is named.
    ///
    /// Fails as [`get`](Self::get) does.
    pub fn for_files(&self) -> Result<Store> {
        match &self.settings.filepath_default {
            Some(name) => self.get(Some(name)),
            None => Err(self.no_default("stores.filepath_default")),
        }
    }

    fn no_default(&self, setting: &'static str) -> Error {
        Error::NoDefault { setting, known: self.names() }
    }
}

impl AsRef<Self> for Stores {
    fn as_ref(&self) -> &Self {
        self
    }
}
