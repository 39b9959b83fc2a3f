//! Why a file is none that an embedded database can be opened from.

use thiserror::Error as ThisError;

/// Why a file can't be opened as an embedded database, whatever it is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum FileFault {
    /// A folder.
    #[error(
        "is a folder, and a database of SQLite is a file: name one in it with `database.path` (DJ_DATABASE_PATH)"
    )]
    Folder,
    /// A device, a pipe or a socket.
    #[error(
        "is a device, a pipe or a socket, and a database of SQLite is a file: name one with `database.path` (DJ_DATABASE_PATH)"
    )]
    Device,
    /// The system refuses to read it.
    #[error(
        "may not be read by this user: have its owner give you the right to read it and its folder, or name another file \
         with `database.path` (DJ_DATABASE_PATH)"
    )]
    Forbidden,
    /// A file of something else.
    #[error(
        "is no database of SQLite, by its first bytes: name the file that is meant with `database.path` (DJ_DATABASE_PATH); if \
         it was one, restore a copy of it, and if it is encrypted, decrypt it first"
    )]
    NoDatabase,
    /// A database whose first page tells what no database has, so that nothing can look into it.
    #[error(
        "is damaged, its header is of no database: stop all programs, copy what is there, and restore the last good copy"
    )]
    Header,
}
