//! One crate as rustdoc describes it.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

/// The full path of an item, in the module where it is defined.
pub(super) type ItemPath = Vec<String>;

/// A crate, as `rustdoc --output-format json` describes it.
pub(super) struct Documented {
    /// The number of the crate's own module.
    pub(super) root: String,
    index: Value,
    paths: Value,
    by_path: BTreeMap<ItemPath, String>,
}

impl Documented {
    pub(super) fn read(file: &Path) -> Result<Self, String> {
        let fault = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
        let text = std::fs::read(file).map_err(|error| fault(&error))?;
        let all = serde_json::from_slice(&text).map_err(|error| fault(&error))?;
        Self::new(all).ok_or_else(|| fault(&"not the JSON of rustdoc"))
    }

    /// Returns none for what is not the JSON of rustdoc.
    pub(super) fn new(mut all: Value) -> Option<Self> {
        let root = all["root"].as_u64()?.to_string();
        let (index, paths) = (all["index"].take(), all["paths"].take());
        let mut by_path = BTreeMap::new();
        for (id, summary) in paths.as_object().into_iter().flatten() {
            if summary["crate_id"] == 0 && index.get(id).is_some() {
                by_path.insert(path_of(summary), id.clone());
            }
        }
        Some(Self { root, index, paths, by_path })
    }

    /// The item of a number, where it is documented here.
    pub(super) fn item(&self, id: &str) -> Option<Item<'_>> {
        let whole = self.index.get(id)?;
        let (kind, inner) = whole["inner"].as_object()?.iter().next()?;
        Some(Item { whole, kind, inner })
    }

    /// The full path of an item of this crate or of another.
    pub(super) fn path(&self, id: &str) -> Option<ItemPath> {
        self.paths.get(id).map(path_of)
    }

    /// The number of an item of this crate.
    pub(super) fn find(&self, path: &[String]) -> Option<&str> {
        if path.len() == 1 {
            return Some(&self.root);
        }
        self.by_path.get(path).map(String::as_str)
    }
}

fn path_of(summary: &Value) -> ItemPath {
    let parts = summary["path"].as_array().into_iter().flatten();
    parts.filter_map(|part| part.as_str().map(str::to_owned)).collect()
}

/// A documented item.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    whole: &'a Value,
    /// Its kind, as rustdoc calls it: `struct`, `impl`, `use`.
    pub(super) kind: &'a str,
    /// What there is to say of that kind.
    pub(super) inner: &'a Value,
}

impl<'a> Item<'a> {
    pub(super) fn name(self) -> &'a str {
        self.whole["name"].as_str().unwrap_or_default()
    }

    pub(super) fn is_public(self) -> bool {
        self.whole["visibility"] == "public"
    }

    /// True for variants and their fields, which are as public as what they belong to.
    pub(super) fn is_public_by_default(self) -> bool {
        self.whole["visibility"] == "default"
    }
}

/// The numbers in a list, as they are in the index.
pub(super) fn ids(list: &Value) -> impl Iterator<Item = String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_u64).map(|id| id.to_string())
}
