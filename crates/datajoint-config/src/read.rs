//! Reads settings from everywhere they may stand.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use datajoint_definition::Backend;
use serde_json::Value;

use crate::error::Fault;
use crate::origin::{Given, Held, Origin};
use crate::setting::{is_secret, is_unlisted};
use crate::sources::Sources;
use crate::url::has_credentials;
use crate::{Error, Result, Settings};

mod alike;
mod environment;
mod files;
mod keys;
mod merge;
mod secrets;
mod stores;

/// Where orchestrators mount secrets.
const MOUNTED_SECRETS: &str = "/run/secrets/datajoint";

/// Reads settings; what is set on it decides from where.
///
/// ```
/// use datajoint_config::Settings;
///
/// let settings = Settings::reader().environment([("DJ_HOST", "db.lab")]).without_files().load()?;
/// assert_eq!(settings.database.host.as_deref(), Some("db.lab"));
/// # Ok::<(), datajoint_config::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Reader {
    directory: PathBuf,
    file: Option<PathBuf>,
    reads_files: bool,
    lenient: bool,
    environment: Option<BTreeMap<String, String>>,
    mounted_secrets: PathBuf,
    program: Vec<(String, Value)>,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            directory: PathBuf::from("."),
            file: None,
            reads_files: true,
            lenient: false,
            environment: None,
            mounted_secrets: PathBuf::from(MOUNTED_SECRETS),
            program: Vec::new(),
        }
    }
}

impl Reader {
    /// Searches the files from this folder upward, instead of from the current one.
    pub fn directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directory = directory.into();
        self
    }

    /// Reads this file in place of a `datajoint.json` that would be searched.
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = Some(path.into());
        self
    }

    /// Reads no files and no secrets.
    pub fn without_files(mut self) -> Self {
        self.reads_files = false;
        self
    }

    /// Takes unknown keys for warnings, for files that are shared with clients of other versions.
    pub fn lenient(mut self) -> Self {
        self.lenient = true;
        self
    }

    /// Takes these variables in place of those of the process.
    pub fn environment<K: Into<String>, V: Into<String>>(
        mut self,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        self.environment =
            Some(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect());
        self
    }

    /// Takes the secrets that an orchestrator mounts from this folder.
    pub fn mounted_secrets(mut self, folder: impl Into<PathBuf>) -> Self {
        self.mounted_secrets = folder.into();
        self
    }

    /// Sets a setting over everything else, such as `("database.port", 3307)`.
    pub fn set(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.program.push((key.into(), value.into()));
        self
    }

    /// Reads. Nothing connects, and no command runs.
    ///
    /// Fails with every fault there is: unknown keys, and values that do not fit, each with its place.
    pub fn load(self) -> Result<Settings> {
        let mut found = Found::default();
        for (key, value) in &self.program {
            found.give(key, value.clone(), Origin::Program, self.lenient);
        }
        let variables = environment::variables(self.environment.as_ref(), &mut found);
        let replaces_stores = environment::read(&variables, self.lenient, &mut found);
        let ignores_files = found.flag("ignore_config_file");
        let mut replaced = Vec::new();
        if self.reads_files && !ignores_files {
            let file = match self.file.clone() {
                Some(file) => Some(file),
                None => files::find(&self.directory)?,
            };
            let beside = file.as_deref().and_then(Path::parent);
            if let Some(folder) = beside {
                secrets::read(&folder.join(".secrets"), self.lenient, &mut found)?;
            }
            if self.file.is_none() && !self.lenient {
                secrets::check_lonely(files::upward(&self.directory), beside)?;
            }
            secrets::read(&self.mounted_secrets, self.lenient, &mut found)?;
            let strong = found.given.len();
            files::read(file.as_deref(), &self.directory, self.lenient, &mut found)?;
            if replaces_stores {
                let mut place = 0;
                let is_replaced = |given: &mut Given| {
                    place += 1;
                    place > strong && given.key.starts_with("stores.")
                };
                replaced = found.given.extract_if(.., is_replaced).collect();
            }
        }
        secrets::give_to_store(&mut found);
        merge::check_older(&mut found);
        stores::check(&mut found, self.lenient);
        found.check_prefix();
        found.check_embedded(self.lenient);
        if !found.faults.is_empty() {
            return Err(Error::Values(found.faults));
        }
        for warning in &found.warnings {
            tracing::warn!("{warning}");
        }
        let Found { given, files, warnings, exposed, .. } = found;
        merge::settings(Sources { given, replaced, files, warnings, exposed })
    }
}

/// Settings that a file on this machine has no use for.
const OF_SERVERS: [&str; 6] = [
    "database.host",
    "database.port",
    "database.user",
    "database.password",
    "database.password_command",
    "database.name",
];

/// What was read so far, the strongest first.
#[derive(Default)]
struct Found {
    given: Vec<Given>,
    files: Vec<PathBuf>,
    warnings: Vec<String>,
    faults: Vec<Fault>,
    /// What was given by an older name.
    older: Vec<Given>,
    /// Files of secrets that others may read.
    exposed: Vec<PathBuf>,
    /// Secrets of the store that is meant when none is named, with their place among what is given.
    of_store: Vec<(usize, String, Value, Origin)>,
}

impl Found {
    /// Takes a value of a key as it was written, or says what is wrong with either.
    fn give(&mut self, key: &str, value: Value, origin: Origin, lenient: bool) {
        let written = key;
        let (key, setting) = match keys::known(key) {
            Ok(known) => known,
            Err(message) if lenient => {
                self.warnings.push(format!("{message} (from {origin})"));
                return;
            }
            Err(message) => {
                self.faults.push(Fault { key: key.to_owned(), origin, message });
                return;
            }
        };
        // An attribute of a store is as the store wants it.
        let checked = if key == setting.key { setting.kind.check(value) } else { Ok(value) };
        match checked {
            Ok(Value::Null) => {}
            Ok(Value::String(text)) if key == "database.host" && text.contains("://") => {
                let message = format!(
                    "`{key}` is a URL: give the host alone; backend, port, user, password and database have settings of their own"
                );
                self.faults.push(Fault { key, origin, message });
            }
            Ok(value) if !is_secret(&key) && key != "stores" && holds_credentials(&key, &value) => {
                let message = format!(
                    "`{key}` has a user or a password within it: take them out, and set them by their own settings"
                );
                self.faults.push(Fault { key, origin, message });
            }
            Ok(value) if key.starts_with("stores.") && !fits_a_store(&key, &value) => {
                let message =
                    format!("`{key}` must be a string, a number or a switch: what stands there is not shown");
                self.faults.push(Fault { key, origin, message });
            }
            Ok(value) if key == "stores" => self.give_stores(&value, &origin, lenient),
            Ok(value) => {
                let is_older = key != written;
                let given = Given { value: Held::new(&key, value), key, origin };
                if is_older {
                    self.older.push(given.clone());
                }
                if !setting.has_effect() && !given.value.same(&setting.default_value()) {
                    let Given { key, origin, .. } = &given;
                    self.warnings.push(format!("`{key}` has no effect in this release (from {origin})"));
                }
                self.given.push(given);
            }
            Err(expected) => {
                let message = format!("`{key}` must be {expected}");
                self.faults.push(Fault { key, origin, message });
            }
        }
    }

    fn give_stores(&mut self, stores: &Value, origin: &Origin, lenient: bool) {
        for (name, store) in stores.as_object().into_iter().flatten() {
            match store.as_object() {
                Some(attributes) => {
                    for (attribute, value) in attributes {
                        let key = format!("stores.{name}.{attribute}");
                        self.give(&key, value.clone(), origin.clone(), lenient);
                    }
                }
                None => self.give(&format!("stores.{name}"), store.clone(), origin.clone(), lenient),
            }
        }
    }

    /// Says when names of schemas can't be told from those that have the prefix already.
    fn check_prefix(&mut self) {
        let Some(given) = self.given.iter().find(|given| given.key == "database.database_prefix") else {
            return;
        };
        let Held::Plain(Value::String(prefix)) = &given.value else { return };
        if prefix.ends_with(char::is_alphanumeric) {
            self.warnings.push(format!(
                "`database.database_prefix` is `{prefix}` (from {}), which does not show where it ends: `{prefix}_` does",
                given.origin
            ));
        }
    }

    /// Says of what is about a server that it has no effect, where the backend is a file. Whoever set it elsewhere than the
    /// backend, and stronger, meant a server.
    fn check_embedded(&mut self, lenient: bool) {
        let is_backend = |given: &Given| given.key == "database.backend";
        let Some(place) = self.given.iter().position(is_backend) else { return };
        let backend = self.given[place].clone();
        let Held::Plain(Value::String(name)) = &backend.value else { return };
        if !name.parse().is_ok_and(|backend: Backend| backend.capability().is_embedded) {
            return;
        }
        let mut told = Vec::new();
        for (stronger, given) in self.given.iter().enumerate().map(|(at, given)| (at < place, given)) {
            let Given { key, origin, .. } = given;
            if !OF_SERVERS.contains(&key.as_str()) || told.contains(&key) {
                continue;
            }
            told.push(key);
            let message = format!(
                "`{key}` has no effect, since `database.backend` is `sqlite` (from {}): set the backend of the server, or take it \
                 away",
                backend.origin
            );
            if stronger && !origin.is_same_place(&backend.origin) && !lenient {
                self.faults.push(Fault { key: key.clone(), origin: origin.clone(), message });
            } else {
                self.warnings.push(format!("{message} (from {origin})"));
            }
        }
    }

    /// True when a flag was set so far.
    fn flag(&self, key: &str) -> bool {
        let given = self.given.iter().find(|given| given.key == key);
        given.is_some_and(|given| matches!(given.value, Held::Plain(Value::Bool(true))))
    }
}

/// True where a string, however deep, is an address with a user or a password.
fn holds_credentials(key: &str, value: &Value) -> bool {
    match value {
        Value::String(text) => has_credentials(key, text),
        Value::Array(items) => items.iter().any(|item| holds_credentials(key, item)),
        Value::Object(members) => members.values().any(|member| holds_credentials(key, member)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// False where an attribute of a store is what none can be; a secret in it would not be known for one.
fn fits_a_store(key: &str, value: &Value) -> bool {
    match value {
        Value::String(_) => true,
        Value::Object(_) => is_unlisted(key),
        Value::Array(items) => is_unlisted(key) || (!is_secret(key) && items.iter().all(Value::is_number)),
        _ => !is_secret(key),
    }
}
