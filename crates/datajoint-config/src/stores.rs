//! Where objects are kept.

use std::collections::BTreeMap;
use std::fmt;

use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::origin::Held;

/// The stores by name, and which of them stands for the others.
#[derive(Debug, Clone, Default)]
pub struct Stores {
    /// The name of the store that is meant when none is named.
    pub default: Option<String>,
    /// The name of the store for `<filepath>` when none is named.
    pub filepath_default: Option<String>,
    /// The stores.
    pub named: BTreeMap<String, Store>,
}

/// One store: its attributes, of which the secret ones don't show themselves.
#[derive(Clone, Default)]
pub struct Store {
    attributes: BTreeMap<String, Held>,
}

impl Store {
    /// An attribute as text, if the store has it and it is no secret.
    pub fn text(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute)?.open()?.as_str()
    }

    /// An attribute as a switch, if the store has it: `true`, or a text that says so.
    pub fn flag(&self, attribute: &str) -> Option<bool> {
        match self.attributes.get(attribute)?.open()? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) => match text.to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" => Some(true),
                "false" | "0" | "no" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// An attribute as whole numbers, if the store has it: a list of them, one alone, or a text that says so (`2,2`).
    ///
    /// `None` too for what is no such number.
    pub fn numbers(&self, attribute: &str) -> Option<Vec<usize>> {
        let number = |value: &Value| match value {
            Value::String(text) => text.trim().parse().ok(),
            value => value.as_u64().and_then(|number| usize::try_from(number).ok()),
        };
        match self.attributes.get(attribute)?.open()? {
            Value::Array(values) => values.iter().map(number).collect(),
            Value::String(text) => {
                let text = text.trim().trim_start_matches('[').trim_end_matches(']');
                text.split(',').map(|number| number.trim().parse().ok()).collect()
            }
            value => number(value).map(|number| vec![number]),
        }
    }

    /// True when an attribute is there and is not null.
    pub fn has(&self, attribute: &str) -> bool {
        !matches!(self.attributes.get(attribute), None | Some(Held::Plain(Value::Null)))
    }

    /// A secret attribute, if the store has it.
    pub fn secret(&self, attribute: &str) -> Option<&SecretString> {
        match self.attributes.get(attribute)? {
            Held::Secret(secret) => Some(secret),
            Held::Plain(_) | Held::Unlisted(_) | Held::Command(_) | Held::Words(_) | Held::Address(_) => None,
        }
    }

    /// The names of the attributes.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.attributes.keys().map(String::as_str)
    }
}

impl Stores {
    /// What stands at `default`, or at the attribute of a store.
    pub(crate) fn held(&self, place: &str) -> Option<Held> {
        let text = |name: &Option<String>| name.clone().map(|name| Held::Plain(Value::String(name)));
        match place.rsplit_once('.') {
            Some((store, attribute)) => self.named.get(store)?.attributes.get(attribute).cloned(),
            None if place == "default" => text(&self.default),
            None if place == "filepath_default" => text(&self.filepath_default),
            None => None,
        }
    }

    /// The keys of all that is set.
    pub(crate) fn keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        keys.extend(self.default.is_some().then(|| "stores.default".to_owned()));
        keys.extend(self.filepath_default.is_some().then(|| "stores.filepath_default".to_owned()));
        for (name, store) in &self.named {
            keys.extend(store.names().map(|attribute| format!("stores.{name}.{attribute}")));
        }
        keys
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_map().entries(&self.attributes).finish()
    }
}

impl<'de> Deserialize<'de> for Stores {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut stores = Self::default();
        for (name, value) in Map::<String, Value>::deserialize(deserializer)? {
            match (name.as_str(), value) {
                ("default", Value::String(store)) => stores.default = Some(store),
                ("filepath_default", Value::String(store)) => stores.filepath_default = Some(store),
                (_, Value::Object(attributes)) => {
                    let held = |(attribute, value)| {
                        let held = Held::new(&format!("stores.{name}.{attribute}"), value);
                        (attribute, held)
                    };
                    let attributes = attributes.into_iter().map(held).collect();
                    stores.named.insert(name.clone(), Store { attributes });
                }
                _ => {}
            }
        }
        Ok(stores)
    }
}
