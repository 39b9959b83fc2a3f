use std::fmt;

use thiserror::Error;

use crate::Origin;

/// Why settings can't be read.
#[derive(Error)]
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
    /// A file that was to be written is there.
    #[error("{path} is there already and is left as it is: change it, or move it away first")]
    Exists {
        /// The file.
        path: String,
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
    Value(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A command that should print the password.
    #[error("the command of database.password_command {reason}; run it by hand to see why")]
    PasswordCommand {
        /// What happened.
        reason: String,
    },
    /// A backend there is not.
    #[error(transparent)]
    Backend(#[from] datajoint_definition::UnknownBackend),
    /// A password, and nobody to give it to.
    #[error(
        "there is a password (from {origin}) and neither a host nor a user, so that the database would be a file: set \
         DJ_HOST and DJ_USER, or DJ_BACKEND=sqlite if a file is meant"
    )]
    PasswordAlone {
        /// Where the password comes from.
        origin: Origin,
    },
    /// Secrets that nobody would read.
    #[error(
        "{folder} has secrets, and there is no datajoint.json beside it, so that they would not be read: write one \
         (`config init`), or move them to where it is"
    )]
    LonelySecrets {
        /// The folder.
        folder: String,
    },
    /// A URL that names no database.
    #[error(
        "`{0}` names no database: write mysql://user:password@host:port, postgres://user:password@host:port/database, \
         sqlite:path or sqlite::memory:"
    )]
    Url(String),
    /// A URL in which a port is none.
    #[error(
        "the port in `{0}` is none: write a number from 1 to 65535 after the host, or leave out the colon"
    )]
    UrlPort(String),
}

#[doc(hidden)]
impl From<figment::Error> for Error {
    fn from(error: figment::Error) -> Self {
        Self::Value(Box::new(error))
    }
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

datajoint_definition::debug_as_report!(Error);

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
