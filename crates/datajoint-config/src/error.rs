use thiserror::Error;

/// Why settings can't be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The settings file can't be read.
    #[error("{path} can't be read: {source}; mend it or remove it")]
    File {
        /// The file.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
    /// A value of the wrong type or an unknown name, with the place it came from.
    #[error("settings: {0}")]
    Value(Box<figment::Error>),
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

impl From<figment::Error> for Error {
    fn from(error: figment::Error) -> Self {
        Self::Value(Box::new(error))
    }
}
