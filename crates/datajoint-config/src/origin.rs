//! Values, and where they come from.

use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::url::without_credentials;
use crate::{alerts, password, setting};

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

impl Origin {
    /// Returns the file in which the value stands.
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Self::VariableFile { path, .. } | Self::Secret(path) | Self::File { path, .. } => Some(path),
            Self::Program | Self::Variable(_) | Self::Default => None,
        }
    }

    /// Returns true when both values stand in one place: the program, the environment, one folder, or one file.
    pub(crate) fn is_same_place(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Variable(_) | Self::VariableFile { .. },
                Self::Variable(_) | Self::VariableFile { .. },
            ) => true,
            (Self::Secret(one), Self::Secret(other)) => one.parent() == other.parent(),
            (Self::File { path: one, .. }, Self::File { path: other, .. }) => one == other,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
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
    /// An attribute that a plugin gives to its stores, of which nobody knows whether it is a secret.
    Unlisted(Value),
    /// A command, whose arguments may be secrets.
    Command(String),
    /// A program with its arguments, which may be secrets.
    Words(Vec<String>),
    /// An address, of which all but the host may be a secret.
    Address(String),
}

impl Held {
    pub(crate) fn new(key: &str, value: Value) -> Self {
        match value {
            Value::String(text) if setting::is_secret(key) => Self::Secret(text.into()),
            Value::String(text) if key == "database.password_command" => Self::Command(text),
            Value::String(text) if key == "alerts.webhook" => Self::Address(text),
            Value::Array(words) if key == "alerts.command" => {
                Self::Words(words.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            }
            value if setting::is_unlisted(key) => Self::Unlisted(value),
            value => Self::Plain(value),
        }
    }

    pub(crate) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Plain(one), Self::Plain(other)) | (Self::Unlisted(one), Self::Unlisted(other)) => {
                one == other
            }
            (Self::Secret(one), Self::Secret(other)) => one.expose_secret() == other.expose_secret(),
            (Self::Command(one), Self::Command(other)) | (Self::Address(one), Self::Address(other)) => {
                one == other
            }
            (Self::Words(one), Self::Words(other)) => one == other,
            _ => false,
        }
    }

    /// The value, unless it is a secret.
    pub(crate) fn open(&self) -> Option<&Value> {
        match self {
            Self::Plain(value) | Self::Unlisted(value) => Some(value),
            Self::Secret(_) | Self::Command(_) | Self::Words(_) | Self::Address(_) => None,
        }
    }

    /// The value itself, to be given on and never shown.
    pub(crate) fn exposed(&self) -> Value {
        match self {
            Self::Plain(value) | Self::Unlisted(value) => value.clone(),
            Self::Secret(secret) => Value::String(secret.expose_secret().to_owned()),
            Self::Command(text) | Self::Address(text) => Value::String(text.clone()),
            Self::Words(words) => words.iter().cloned().map(Value::String).collect(),
        }
    }
}

impl fmt::Display for Held {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(Value::String(text)) => formatter.write_str(&without_credentials(text)),
            Self::Plain(value) => write!(formatter, "{value}"),
            Self::Secret(_) | Self::Unlisted(_) => formatter.write_str("********"),
            Self::Command(command) => formatter.write_str(&password::shown(command)),
            Self::Words(words) => formatter.write_str(&alerts::shown_words(words)),
            Self::Address(address) => formatter.write_str(&alerts::shown_address(address)),
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
