//! Which keys there are.

use datajoint_definition::suggest;

use super::alike::alike;
use crate::setting::{OLDER, SETTINGS, STORE_ATTRIBUTES, Setting};

/// Settings that DataJoint for Python had, or documents without having them.
const GONE: &[&str] = &[
    "cache",
    "fetch_format",
    "enable_python_native_blobs",
    "add_hidden_timestamp",
    "connection.init_function",
    "database.charset",
    "database.collation",
];

/// The key as it is called today, and its setting. Fails with what is wrong and what to write.
pub(super) fn known(key: &str) -> Result<(String, &'static Setting), String> {
    let key = OLDER.iter().find(|(older, _)| *older == key).map_or(key, |(_, today)| today);
    if let Some(setting) = Setting::of(key) {
        if let Some(store) = key.strip_prefix("stores.") {
            store_attribute(store)?;
        }
        return Ok((key.to_owned(), setting));
    }
    if GONE.contains(&key) {
        return Err(format!("`{key}` is no longer a setting: remove it"));
    }
    Err(match meant(key) {
        Some(near) => format!("there is no setting `{key}`; did you mean `{near}`?"),
        None => format!("there is no setting `{key}`: remove it, or read the file leniently"),
    })
}

/// The key that was probably meant: the most similar name of the group, or else of all, or the right name in the wrong group,
/// or in none.
fn meant(key: &str) -> Option<&'static str> {
    let last = |key: &'static str| key.rsplit('.').next().unwrap_or(key);
    if let Some((group, name)) = key.split_once('.') {
        let of_group = SETTINGS.iter().filter(|setting| setting.group() == Some(group));
        if let Some(near) = alike(name, of_group.clone().map(|setting| last(setting.key))) {
            return of_group.map(|setting| setting.key).find(|key| last(key) == near);
        }
    }
    suggest(key, SETTINGS.iter().map(|setting| setting.key)).or_else(|| {
        let name = alike(key.rsplit('.').next()?, SETTINGS.iter().map(|setting| last(setting.key)))?;
        let mut same = SETTINGS.iter().filter(|setting| last(setting.key) == name);
        same.next().filter(|_| same.next().is_none()).map(|setting| setting.key)
    })
}

/// Checks what follows `stores.`: `default`, `filepath_default`, or a name and an attribute.
fn store_attribute(place: &str) -> Result<(), String> {
    match place.rsplit_once('.') {
        None if matches!(place, "default" | "filepath_default") => Ok(()),
        None => Err(format!(
            "`stores.{place}` must be an object with the attributes of the store, such as `protocol` and `location`"
        )),
        // Plugins have attributes of their own.
        Some((store, attribute)) => {
            let names = STORE_ATTRIBUTES.iter().map(|(name, _)| *name);
            match suggest(attribute, names.clone()) {
                Some(near) if !names.clone().any(|name| name == attribute) => {
                    Err(format!("a store has no `{attribute}`; did you mean `stores.{store}.{near}`?"))
                }
                _ => Ok(()),
            }
        }
    }
}
