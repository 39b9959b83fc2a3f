/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why rows and stores can't be compared.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A store.
    #[error("{0}")]
    Store(#[from] datajoint_store::Error),
    /// A list can't be sorted.
    #[error(
        "a list of objects can't be sorted in {folder}: {source}; make room there, or name another folder in TMPDIR"
    )]
    Sort {
        /// The folder for temporary files.
        folder: String,
        /// Why.
        source: std::io::Error,
    },
}

impl Error {
    pub(crate) fn sort(source: std::io::Error) -> Self {
        Self::Sort { folder: std::env::temp_dir().display().to_string(), source }
    }
}

datajoint_definition::debug_as_report!(Error);
