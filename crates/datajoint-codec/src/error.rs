/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a value can't be encoded or decoded, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The store, or the object in it.
    #[error("{0}")]
    Store(#[from] datajoint_store::Error),
    /// A value that the codec does not take.
    #[error("{0}")]
    Value(String),
    /// What stands in the table describes no object of the codec.
    #[error("the table holds {found} for it, which `<{codec}>` did not write: {problem}")]
    Stored {
        /// The codec.
        codec: String,
        /// What stands there, shortened.
        found: String,
        /// What is wrong with it.
        problem: String,
    },
    /// An object with another content than the one that was written.
    #[error(
        "the object at {path} in the store `{store}` is not what was written: its hash is {found}, not {expected}; \
         restore it from a copy"
    )]
    Changed {
        /// The store.
        store: String,
        /// The path of the object.
        path: String,
        /// The hash that the row has.
        expected: String,
        /// The hash of what is there.
        found: String,
    },
    /// An object of another size than the one that was written.
    #[error(
        "the object at {path} in the store `{store}` is not what was written: it has {found} bytes, not {expected}; \
         restore it from a copy"
    )]
    Resized {
        /// The store.
        store: String,
        /// The path of the object.
        path: String,
        /// The size that the row has.
        expected: u64,
        /// The size of what is there.
        found: u64,
    },
    /// A folder that does not hold what was written.
    #[error(
        "the folder at {path} in the store `{store}` is not what was written: {problem}; restore it from a copy"
    )]
    Folder {
        /// The store.
        store: String,
        /// The path of the folder.
        path: String,
        /// What differs.
        problem: String,
    },
    /// An array of another type or shape than the one that was written.
    #[error(
        "the array at {path} in the store `{store}` is not what was written: {found}, not {expected}; restore it from a copy"
    )]
    OtherArray {
        /// The store.
        store: String,
        /// The path of the object.
        path: String,
        /// The type and the shape that the row has.
        expected: String,
        /// What is there.
        found: String,
    },
    /// A codec that the program does not know.
    #[error(
        "no codec `{codec}` is registered{hint}: register it with `Instance::with_codecs`, or leave the attribute out with \
         a projection"
    )]
    Unknown {
        /// The codec.
        codec: String,
        /// The most similar name.
        hint: String,
    },
    /// A codec with a store, in a program that was built without stores.
    #[error(
        "`<{codec}@>` keeps its values in a store, which this program was built without: \
         build it with the feature `stores` of `datajoint`"
    )]
    NoStores {
        /// The codec.
        codec: String,
    },
    /// A codec that hands on to itself.
    #[error("the codec `{codec}` hands its values on in a circle: let `inner` of one of them give another")]
    Circle {
        /// The codec.
        codec: String,
    },
    /// A value that a later version of the codec wrote.
    #[error(
        "version {written} of the codec `{codec}` wrote it, and this program has version {known}: \
         build it with the later one"
    )]
    Newer {
        /// The codec.
        codec: String,
        /// The version that wrote it.
        written: u64,
        /// The version that the program has.
        known: u64,
    },
    /// A file on this machine can't be read or written.
    #[error("{path} can't be {action}: {source}")]
    File {
        /// The file.
        path: std::path::PathBuf,
        /// `read` or `written`.
        action: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// What a codec of the program's own says.
    #[error("{0}")]
    Other(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// An error of a codec of one's own.
    pub fn other(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Other(error.into())
    }

    /// A value that a codec does not take, and what it takes.
    pub fn value(message: impl Into<String>) -> Self {
        Self::Value(message.into())
    }

    pub(crate) fn stored(codec: &str, found: &impl ToString, problem: impl Into<String>) -> Self {
        let found = found.to_string().chars().take(200).collect();
        Self::Stored { codec: codec.to_owned(), found, problem: problem.into() }
    }
}
