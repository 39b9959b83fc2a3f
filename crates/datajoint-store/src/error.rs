use std::path::PathBuf;

/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a store can't be used, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The settings of a store lack something.
    #[error("the store `{store}` has no `{attribute}`: set `stores.{store}.{attribute}`")]
    Missing {
        /// The store.
        store: String,
        /// What it lacks.
        attribute: &'static str,
    },
    /// The settings of a store have something that its protocol does not know.
    #[error(
        "the store `{store}` of the protocol `{protocol}` has no use for `{attribute}`: take it out of `stores.{store}`"
    )]
    Unknown {
        /// The store.
        store: String,
        /// Its protocol.
        protocol: String,
        /// What it has.
        attribute: String,
    },
    /// The settings of a store have a value that can't be.
    #[error("`stores.{store}.{attribute}` {problem}")]
    Invalid {
        /// The store.
        store: String,
        /// The attribute.
        attribute: &'static str,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// A store that is no cloud's, without keys.
    #[error(
        "the store `{store}` has no keys, and its endpoint {endpoint} is none of Amazon's, which machines there have keys \
         for: set `stores.{store}.access_key` and `stores.{store}.secret_key`, or the files storage.access_key and \
         storage.secret_key in .secrets/, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    )]
    NoKeys {
        /// The store.
        store: String,
        /// Its endpoint.
        endpoint: String,
    },
    /// The program was built without the protocol.
    #[error(
        "the store `{store}` is of the protocol `{protocol}`, which this program was built without: \
         build it with the feature `{protocol}`"
    )]
    NotBuilt {
        /// The store.
        store: String,
        /// Its protocol.
        protocol: &'static str,
    },
    /// The folder of a store is not there.
    #[error(
        "the store `{store}` is the folder {location}, which is not there: make it, or mount what holds it"
    )]
    NoFolder {
        /// The store.
        store: String,
        /// The folder.
        location: String,
    },
    /// A store refused or can't be reached.
    #[error("the store `{store}` at {url} failed to {action}: {source}")]
    Failed {
        /// The store.
        store: String,
        /// Where it is.
        url: String,
        /// What was to be done.
        action: &'static str,
        /// What it said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An object is not there.
    #[error(
        "the store `{store}` at {url} has no object at {path}: see whether it was moved or deleted, and whether \
         `stores.{store}` names the store that it was written to"
    )]
    NoObject {
        /// The store.
        store: String,
        /// Where it is.
        url: String,
        /// The path of the object.
        path: String,
    },
    /// A path that no object of a store has.
    #[error("the path {path:?} in the store `{store}` {problem}")]
    Path {
        /// The store.
        store: String,
        /// The path.
        path: String,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// A store that the settings don't have.
    #[error("the settings have no store `{store}`: set `stores.{store}`{}", among(.known))]
    NotSet {
        /// The store.
        store: String,
        /// Those that they have.
        known: Vec<String>,
    },
    /// No store stands for those that are not named.
    #[error("no store is named, and `{setting}` names none: set it to one of the stores{}", among(.known))]
    NoDefault {
        /// The setting.
        setting: &'static str,
        /// The stores that the settings have.
        known: Vec<String>,
    },
    /// A file on this machine can't be read or written.
    #[error("{path} can't be {action}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// `read` or `written`.
        action: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// Another object is where one was to be written.
    #[error(
        "the store `{store}` at {url} has another object at {path}, of {found} bytes, where one of {given} bytes was to be \
         written: move it away, or take another store"
    )]
    Occupied {
        /// The store.
        store: String,
        /// Where it is.
        url: String,
        /// The path of the object.
        path: String,
        /// The size of the object that is there.
        found: u64,
        /// The size of the one that was to be written.
        given: u64,
    },
    /// Two contents with one hash.
    #[error(
        "the store `{store}` at {url} has other bytes at {path} that have the same hash (MD5): the two can't be kept by their \
         content; keep one of them in an `<object@{store}>` attribute, whose objects go by their row"
    )]
    Collision {
        /// The store.
        store: String,
        /// Where it is.
        url: String,
        /// The path of the object that is there.
        path: String,
    },
    /// What a store gave back is not what it was given.
    #[error("the store `{store}` at {url} gave back other bytes than were written: don't trust it with data")]
    Changed {
        /// The store.
        store: String,
        /// Where it is.
        url: String,
    },
    /// No encrypted connection can be made.
    #[cfg(feature = "cloud")]
    #[error("no connection with TLS can be set up for the store `{store}`: {problem}")]
    Tls {
        /// The store.
        store: String,
        /// Why.
        problem: String,
    },
}

fn among(stores: &[String]) -> String {
    if stores.is_empty() { String::new() } else { format!(" ({})", stores.join(", ")) }
}
