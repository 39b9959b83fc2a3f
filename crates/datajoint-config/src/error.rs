use std::fmt;

use thiserror::Error;

use crate::Origin;

/// Why settings can't be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A file can't be read.
    #[error("{path} can't be read: {source}; mend it or remove it")]
    File {
        /// The file.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
    /// A file that is not of its format.
    #[error("{path}:{line}: {message}; mend the file")]
    Format {
        /// The file.
        path: String,
        /// The line.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// Values that do not fit, all of them.
    #[error("{}", Faults(.0))]
    Values(Vec<Fault>),
    /// The settings do not fit together.
    #[error("settings: {0}")]
    Value(Box<figment::Error>),
    /// A command that should print the password.
    #[error("the command of database.password_command {reason}; run it by hand to see why")]
    PasswordCommand {
        /// What happened.
        reason: String,
    },
    /// A backend there is not.
    #[error(transparent)]
    Backend(#[from] datajoint_definition::UnknownBackend),
    /// A URL that names no database.
    #[error(
        "`{0}` names no database: write mysql://user:password@host:port, postgres://user:password@host:port/database, \
         sqlite:path or sqlite::memory:"
    )]
    Url(String),
}

/// Something wrong with a setting, where it stands, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The setting as it was written.
    pub key: String,
    /// Where it stands.
    pub origin: Origin,
    /// What is wrong and what to do next.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} (from {})", self.message, self.origin)
    }
}

struct Faults<'a>(&'a [Fault]);

impl fmt::Display for Faults<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        formatter.write_str(&lines.join("\n"))
    }
}

impl From<figment::Error> for Error {
    fn from(error: figment::Error) -> Self {
        Self::Value(Box::new(error))
    }
}
