//! `datajoint.json`: where it is, and its dotted keys.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::{Error, Result};

const NAME: &str = "datajoint.json";

/// The nearest settings file from a folder upward; not beyond the root of a repository.
pub(crate) fn find(from: &Path) -> Option<PathBuf> {
    let from = std::path::absolute(from).ok()?;
    for folder in from.ancestors() {
        let file = folder.join(NAME);
        if file.is_file() {
            return Some(file);
        }
        if folder.join(".git").exists() || folder.join(".hg").exists() {
            return None;
        }
    }
    None
}

/// The file as JSON in which `"group.key": value` stands as `"group": {"key": value}`.
pub(crate) fn read(path: &Path) -> Result<Value> {
    let fault = |source| Error::File { path: path.display().to_string(), source };
    let text = std::fs::read_to_string(path).map_err(fault)?;
    let json: Value = serde_json::from_str(&text).map_err(|error| fault(error.into()))?;
    let mut nested = Map::new();
    if let Value::Object(entries) = json {
        for (key, value) in entries {
            let path: Vec<&str> = key.split('.').collect();
            insert(&mut nested, &path, value);
        }
    }
    Ok(Value::Object(nested))
}

fn insert(into: &mut Map<String, Value>, path: &[&str], value: Value) {
    match (path, value) {
        ([], _) => {}
        ([key], Value::Object(entries)) => {
            let group = into.entry(*key).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(group) = group {
                for (key, value) in entries {
                    insert(group, &[&key], value);
                }
            }
        }
        ([key], value) => {
            into.insert((*key).to_owned(), value);
        }
        ([key, rest @ ..], value) => {
            let group = into.entry(*key).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(group) = group {
                insert(group, rest, value);
            }
        }
    }
}
