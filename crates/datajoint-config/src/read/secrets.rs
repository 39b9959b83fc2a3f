//! Folders with one file for each secret.

use std::path::{Path, PathBuf};

use datajoint_definition::suggest;
use serde_json::{Map, Value};

use super::Found;
use super::files::is_there;
use crate::error::Fault;
use crate::origin::{Given, Held, Origin};
use crate::setting::{STORE_ATTRIBUTES, is_secret};
use crate::{Error, Result};

/// What a file of a folder of secrets is for.
enum Name<'a> {
    /// A setting.
    Setting,
    /// An attribute of the store that is meant when none is named.
    OfStore(&'a str),
    /// All secret attributes of it.
    Credentials,
}

impl<'a> Name<'a> {
    /// What a file of this name is for. Fails with what is wrong and what to write.
    fn of(name: &'a str) -> Result<Self, String> {
        let is_attribute =
            |name: &str| STORE_ATTRIBUTES.iter().any(|(known, secret)| *secret && *known == name);
        match name.split_once('.') {
            Some(("database", "user" | "password")) => return Ok(Self::Setting),
            Some(("stores", place)) if place.contains('.') => return Ok(Self::Setting),
            Some(("storage", "credentials")) => return Ok(Self::Credentials),
            Some(("storage", attribute)) if is_attribute(attribute) => return Ok(Self::OfStore(attribute)),
            _ => {}
        }
        let secret = STORE_ATTRIBUTES.iter().filter(|(_, secret)| *secret);
        let mut known: Vec<String> = secret.map(|(name, _)| format!("storage.{name}")).collect();
        known.extend(["database.user", "database.password", "storage.credentials"].map(str::to_owned));
        Err(match suggest(name, known.iter().map(String::as_str)) {
            Some(near) => format!("there is no secret `{name}`; did you mean `{near}`?"),
            None => format!(
                "there is no secret `{name}`: take the file away, or name it database.user, database.password, \
                 stores.NAME.access_key or storage.access_key"
            ),
        })
    }
}

/// Takes the secrets of a folder, when it is there. Names that begin with a dot are for others.
pub(super) fn read(folder: &Path, lenient: bool, found: &mut Found) -> Result<()> {
    for path in files(folder)? {
        let Some(name) = path.file_name().and_then(|name| name.to_str()).map(str::to_owned) else { continue };
        let origin = Origin::Secret(path.clone());
        let meaning = match Name::of(&name) {
            Ok(meaning) => meaning,
            Err(message) if lenient => {
                found.warnings.push(format!("{message} (from {origin})"));
                continue;
            }
            Err(message) => {
                found.faults.push(Fault { key: name, origin, message });
                continue;
            }
        };
        is_there(&path)?;
        let text = std::fs::read_to_string(&path)
            .map_err(|source| Error::File { path: path.display().to_string(), source })?;
        if let Some(warning) = readable_by_others(&path) {
            found.warnings.push(warning);
            found.exposed.push(path);
        }
        let text = without_end(&text);
        if text.is_empty() {
            continue;
        }
        let place = found.given.len();
        match meaning {
            Name::Setting => found.give(&name, Value::from(text), origin, lenient),
            Name::OfStore(attribute) => {
                found.of_store.push((place, attribute.to_owned(), Value::from(text), origin));
            }
            Name::Credentials => match credentials(text) {
                Some(attributes) => {
                    for (attribute, value) in attributes {
                        found.of_store.push((place, attribute, value, origin.clone()));
                    }
                }
                None => found.faults.push(Fault {
                    key: name,
                    origin,
                    message: "`storage.credentials` must be a JSON object, or lines, with access_key and secret_key, \
                              or the other secrets of a store"
                        .to_owned(),
                }),
            },
        }
    }
    Ok(())
}

/// The files of a folder in order, without those whose names begin with a dot, and without folders that have not the name
/// of a secret.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let fault = |source| Error::File { path: folder.display().to_string(), source };
    if std::fs::symlink_metadata(folder).is_err() {
        return Ok(Vec::new());
    }
    let entries = std::fs::read_dir(folder).map_err(fault)?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(fault)?.path();
        let Some(name) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else { continue };
        if !name.starts_with('.') && (!path.is_dir() || Name::of(&name).is_ok()) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// A secret as its file has it: blanks belong to it, and one end of a line, which editors and `echo` leave, does not.
pub(super) fn without_end(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

/// Fails for a folder of secrets that nobody reads, since there is no `datajoint.json` beside it.
pub(super) fn check_lonely(folders: impl Iterator<Item = PathBuf>, beside: Option<&Path>) -> Result<()> {
    for folder in folders.take_while(|folder| beside != Some(folder.as_path())) {
        let secrets = folder.join(".secrets");
        let is_ours = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| Name::of(name).is_ok())
        };
        if files(&secrets).is_ok_and(|files| files.iter().any(is_ours)) {
            return Err(Error::LonelySecrets { folder: secrets.display().to_string() });
        }
    }
    Ok(())
}

/// The attributes of `storage.credentials`: an object of JSON, or lines as `access_key = ...`, as AWS writes them too.
fn credentials(text: &str) -> Option<Vec<(String, Value)>> {
    let object = if let Ok(object) = serde_json::from_str::<Map<String, Value>>(text) {
        object
    } else {
        let lines =
            text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', '[']));
        let pairs = lines.map(|line| {
            let (name, value) = line.split_once('=')?;
            Some((name.trim().to_owned(), Value::from(value.trim())))
        });
        pairs.collect::<Option<_>>()?
    };
    let attributes = object.into_iter().map(|(name, value)| {
        let name = match name.to_ascii_lowercase().as_str() {
            "aws_access_key_id" => "access_key".to_owned(),
            "aws_secret_access_key" => "secret_key".to_owned(),
            name => name.to_owned(),
        };
        (is_secret(&format!("stores.any.{name}")) && value.is_string()).then_some((name, value))
    });
    attributes.collect::<Option<Vec<_>>>().filter(|attributes| !attributes.is_empty())
}

/// Gives the secrets of the store that is not named to the default one, or to the only one there is.
pub(super) fn give_to_store(found: &mut Found) {
    let secrets = std::mem::take(&mut found.of_store);
    if secrets.is_empty() {
        return;
    }
    let default = found.given.iter().find(|given| given.key == "stores.default").map(|given| &given.value);
    let mut names: Vec<String> = found
        .given
        .iter()
        .filter_map(|given| Some(given.key.strip_prefix("stores.")?.rsplit_once('.')?.0.to_owned()))
        .collect();
    names.sort();
    names.dedup();
    let store = match (default, names.as_slice()) {
        (Some(Held::Plain(Value::String(name))), _) => name.clone(),
        (_, [only]) => only.clone(),
        (_, names) => {
            let (_, attribute, _, origin) = &secrets[0];
            let problem = if names.is_empty() {
                "there is no store in the settings".to_owned()
            } else {
                format!("there are the stores {}, and none is `stores.default`", names.join(", "))
            };
            let name = names.first().map_or("NAME", String::as_str);
            let message = format!("{problem}: set it, or name the file `stores.{name}.{attribute}`");
            found.faults.push(Fault { key: format!("storage.{attribute}"), origin: origin.clone(), message });
            return;
        }
    };
    for (place, attribute, value, origin) in secrets.into_iter().rev() {
        let key = format!("stores.{store}.{attribute}");
        found.given.insert(place, Given { value: Held::new(&key, value), key, origin });
    }
}

/// What to do when more people than the owner may read a secret. Mounted secrets are links to such files.
#[cfg(unix)]
fn readable_by_others(path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    // Mounted secrets belong to the system, and a program without its rights reads them through its group.
    let others = if path.starts_with("/run/secrets") { 0o007 } else { 0o077 };
    (mode & others != 0)
        .then(|| format!("{} can be read by others than its owner: `chmod 600` it", path.display()))
}

#[cfg(not(unix))]
fn readable_by_others(_: &Path) -> Option<String> {
    None
}
