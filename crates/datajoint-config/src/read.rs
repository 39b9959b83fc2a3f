//! Reads settings from everywhere they may stand.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::Fault;
use crate::origin::{Given, Held, Origin};
use crate::sources::Sources;
use crate::{Error, Result, Settings};

mod environment;
mod files;
mod keys;
mod merge;
mod secrets;

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
        let variables = environment::variables(self.environment.as_ref());
        let replaces_stores = environment::read(&variables, &mut found);
        let ignores_files = found.flag("ignore_config_file");
        if self.reads_files && !ignores_files {
            let file = self.file.clone().or_else(|| files::find(&self.directory));
            if let Some(folder) = file.as_deref().and_then(Path::parent) {
                secrets::read(&folder.join(".secrets"), &mut found)?;
            }
            secrets::read(&self.mounted_secrets, &mut found)?;
            let strong = found.given.len();
            files::read(file.as_deref(), &self.directory, self.lenient, &mut found)?;
            if replaces_stores {
                let mut place = 0;
                found.given.retain(|given| {
                    place += 1;
                    place <= strong || !given.key.starts_with("stores.")
                });
            }
        }
        merge::check_older(&mut found);
        if !found.faults.is_empty() {
            return Err(Error::Values(found.faults));
        }
        for warning in &found.warnings {
            tracing::warn!("{warning}");
        }
        merge::settings(Sources { given: found.given, files: found.files, warnings: found.warnings })
    }
}

/// What was read so far, the strongest first.
#[derive(Default)]
struct Found {
    given: Vec<Given>,
    files: Vec<PathBuf>,
    warnings: Vec<String>,
    faults: Vec<Fault>,
    /// What was given by an older name.
    older: Vec<Given>,
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
            Ok(value) if key == "stores" => self.give_stores(&value, &origin, lenient),
            Ok(value) => {
                let is_older = key != written;
                let given = Given { value: Held::new(&key, value), key, origin };
                if is_older {
                    self.older.push(given.clone());
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

    /// True when a flag was set so far.
    fn flag(&self, key: &str) -> bool {
        let given = self.given.iter().find(|given| given.key == key);
        given.is_some_and(|given| matches!(given.value, Held::Plain(Value::Bool(true))))
    }
}
