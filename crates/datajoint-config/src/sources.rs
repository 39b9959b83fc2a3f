//! Which value of a setting counts, and which it hides.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::Settings;
use crate::origin::{Given, Held, Origin};
use crate::setting::{SETTINGS, Setting, is_secret};

/// Everything that was read, the strongest first.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub(crate) given: Vec<Given>,
    /// What files say of stores, where a variable replaces all of them.
    pub(crate) replaced: Vec<Given>,
    pub(crate) files: Vec<PathBuf>,
    pub(crate) warnings: Vec<String>,
    /// Files of secrets that others may read.
    pub(crate) exposed: Vec<PathBuf>,
}

/// One setting: what it is, where that comes from, and what it hides. Secrets stay hidden.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Explained {
    /// The setting.
    pub key: String,
    /// Its value as text; a secret as stars, nothing where there is none.
    pub value: Option<String>,
    /// Where it comes from.
    pub origin: Origin,
    /// The values that this one hides, the strongest first, with their origins.
    pub hidden: Vec<(String, Origin)>,
}

/// Each setting with its value, where that comes from, and what it hides.
///
/// As text it is a table for people; [`Explanation::json`] is for programs.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The settings, in the order of the documentation.
    pub settings: Vec<Explained>,
}

impl Settings {
    /// Where each setting comes from, and what it hides.
    ///
    /// ```
    /// use datajoint_config::{Origin, Settings};
    ///
    /// let variables = [("DJ_HOST", "db.lab"), ("DJ_PASS", "secret")];
    /// let settings = Settings::reader().environment(variables).without_files().load()?;
    /// let explanation = settings.explain();
    /// let host = explanation.settings.iter().find(|setting| setting.key == "database.host").unwrap();
    /// assert_eq!(host.origin, Origin::Variable("DJ_HOST".to_owned()));
    /// assert!(!explanation.to_string().contains("secret"));
    /// # Ok::<(), datajoint_config::Error>(())
    /// ```
    pub fn explain(&self) -> Explanation {
        let mut keys = Vec::new();
        for setting in SETTINGS {
            if setting.key == "stores" {
                keys.extend(self.stores.keys());
            } else {
                keys.push(setting.key.to_owned());
            }
        }
        let mut given: HashMap<&str, Vec<&Given>> = HashMap::new();
        for one in &self.sources.given {
            given.entry(one.key.as_str()).or_default().push(one);
        }
        let of = |key: &str| given.get(key).map(Vec::as_slice).unwrap_or_default();
        let explained = keys.into_iter().map(|key| self.explain_one(of(&key), key.clone()));
        Explanation { settings: explained.collect() }
    }

    /// Returns the secrets that stand in files, each with its key and its file, also those that stronger values hide: a secret
    /// that is not used can be read all the same.
    pub fn secrets_in_files(&self) -> impl Iterator<Item = (&str, &Path)> {
        let given = self.sources.given.iter().chain(&self.sources.replaced);
        let secrets = given.filter(|given| is_secret(&given.key));
        secrets.filter_map(|given| Some((given.key.as_str(), given.origin.path()?)))
    }

    /// Where the value of a setting comes from, such as `database.create_tables`.
    pub fn origin(&self, key: &str) -> Origin {
        let given: Vec<&Given> = self.sources.given.iter().filter(|given| given.key == key).collect();
        self.explain_one(&given, key.to_owned()).origin
    }

    fn explain_one(&self, given: &[&Given], key: String) -> Explained {
        let now = self.held(&key);
        let is_as_read = match (&now, given.first()) {
            (Some(now), Some(first)) => now.same(&first.value),
            (None, None) => true,
            (Some(now), None) => default_of(&key).is_some_and(|default| now.same(&default)),
            (None, Some(_)) => false,
        };
        let (origin, hides) = match (is_as_read, given.first()) {
            (true, Some(first)) => (first.origin.clone(), given.get(1..)),
            (true, None) => (Origin::Default, None),
            (false, _) => (Origin::Program, given.get(..)),
        };
        let hides = hides.unwrap_or_default();
        let hidden = hides.iter().map(|given| (given.value.to_string(), given.origin.clone())).collect();
        Explained { value: now.map(|now| now.to_string()), key, origin, hidden }
    }
}

fn default_of(key: &str) -> Option<Held> {
    let setting = Setting::of(key)?;
    let value: Value = serde_json::from_str(setting.default).ok()?;
    (!value.is_null()).then_some(Held::Plain(value))
}

impl Explanation {
    /// The same for programs: an array of objects `key`, `value`, `origin`, `hidden`.
    pub fn json(&self) -> Value {
        let one = |setting: &Explained| {
            let hidden: Vec<Value> = setting
                .hidden
                .iter()
                .map(|(value, origin)| json!({"value": value, "origin": origin.to_string()}))
                .collect();
            json!({
                "key": setting.key,
                "value": setting.value,
                "origin": setting.origin.to_string(),
                "hidden": hidden,
            })
        };
        self.settings.iter().map(one).collect()
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |text: fn(&Explained) -> usize| self.settings.iter().map(text).max().unwrap_or_default();
        let key_width = width(|setting| setting.key.chars().count());
        let value_width = width(|setting| shown(setting.value.as_deref()).chars().count()).min(40);
        for setting in &self.settings {
            let value = shown(setting.value.as_deref());
            writeln!(formatter, "{:key_width$}  {value:value_width$}  {}", setting.key, setting.origin)?;
            for (value, origin) in &setting.hidden {
                writeln!(formatter, "{:key_width$}  {:value_width$}  hides {value} of {origin}", "", "")?;
            }
        }
        Ok(())
    }
}

fn shown(value: Option<&str>) -> &str {
    value.unwrap_or("-")
}
