//! Values, and where they come from.

use std::fmt;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::setting;

/// Where a value comes from, the strongest first.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// The program set it.
    Program,
    /// A variable of the environment.
    Variable(String),
    /// A file that a variable of the environment names.
    VariableFile {
        /// The variable.
        variable: String,
        /// The file.
        path: PathBuf,
    },
    /// A file in a folder of secrets.
    Secret(PathBuf),
    /// A line of a file of settings.
    File {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// Nobody set it.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program => formatter.write_str("the program"),
            Self::Variable(name) => write!(formatter, "the variable {name}"),
            Self::VariableFile { variable, path } => {
                write!(formatter, "{}, which {variable} names", path.display())
            }
            Self::Secret(path) => write!(formatter, "the secret {}", path.display()),
            Self::File { path, line } => write!(formatter, "{}:{line}", path.display()),
            Self::Default => formatter.write_str("default"),
        }
    }
}

/// A value of a setting, which shows itself only when it is no secret.
#[derive(Clone)]
pub(crate) enum Held {
    Plain(Value),
    Secret(SecretString),
}

impl Held {
    pub(crate) fn new(key: &str, value: Value) -> Self {
        match value {
            Value::String(text) if setting::is_secret(key) => Self::Secret(text.into()),
            value => Self::Plain(value),
        }
    }

    pub(crate) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Plain(one), Self::Plain(other)) => one == other,
            (Self::Secret(one), Self::Secret(other)) => one.expose_secret() == other.expose_secret(),
            _ => false,
        }
    }

    /// The value itself, to be given on and never shown.
    pub(crate) fn exposed(&self) -> Value {
        match self {
            Self::Plain(value) => value.clone(),
            Self::Secret(secret) => Value::String(secret.expose_secret().to_owned()),
        }
    }
}

impl fmt::Display for Held {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(Value::String(text)) => formatter.write_str(text),
            Self::Plain(value) => write!(formatter, "{value}"),
            Self::Secret(_) => formatter.write_str("********"),
        }
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// A value that something gave to a setting.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    /// The setting; of a store with its name and attribute.
    pub(crate) key: String,
    pub(crate) value: Held,
    pub(crate) origin: Origin,
}
