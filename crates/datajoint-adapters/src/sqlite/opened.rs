//! The files that this program has opened as databases.
//!
//! On Unix a process that closes any descriptor of a file gives up every lock that it holds on it, those of the engine too
//! (<https://www.sqlite.org/howtocorrupt.html>, 2.2). Another program then takes itself for the last one that has the database
//! open, and removes its log, into which this one goes on writing. So nothing but the engine opens a file that it may have open.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::FileFault;

/// What a file is known by. One that is moved or linked keeps its number, one that is still to be made has its path alone.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Identity {
    Path(PathBuf),
    #[cfg_attr(not(unix), expect(dead_code, reason = "elsewhere locks are those of a descriptor"))]
    Number {
        device: u64,
        file: u64,
    },
}

/// Nothing is taken out: when the last connection to a file is closed is known to the engine alone.
static OPENED: Mutex<BTreeSet<Identity>> = Mutex::new(BTreeSet::new());

/// Returns what is wrong with a file that the engine is about to open. What is in one that it may have open already, the
/// engine says itself.
pub(super) fn look_at(path: &Path) -> Option<FileFault> {
    let mut opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    let identities = identities(path);
    if identities.iter().any(|identity| opened.contains(identity)) {
        return FileFault::of_outside(path);
    }
    let fault = FileFault::of(path);
    if fault.is_none() {
        opened.extend(identities);
    }
    fault
}

/// Remembers a file by its number, once it is there.
pub(super) fn remember(path: &Path) {
    OPENED.lock().unwrap_or_else(PoisonError::into_inner).extend(identities(path));
}

fn identities(path: &Path) -> Vec<Identity> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let place = match (folder.canonicalize(), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    };
    std::iter::once(Identity::Path(place)).chain(number(path)).collect()
}

#[cfg(unix)]
fn number(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt as _;

    let found = std::fs::metadata(path).ok()?;
    Some(Identity::Number { device: found.dev(), file: found.ino() })
}

#[cfg(not(unix))]
fn number(_: &Path) -> Option<Identity> {
    None
}

/// False for a file that its permissions or its medium keep from being written.
#[cfg(unix)]
pub(super) fn can_write(path: &Path) -> bool {
    use rustix::fs::{Access, AtFlags, CWD, accessat};
    use rustix::io::Errno;

    let answer = accessat(CWD, path, Access::WRITE_OK, AtFlags::EACCESS);
    !matches!(answer, Err(Errno::ACCESS | Errno::PERM | Errno::ROFS))
}

/// False for a file that its permissions or its medium keep from being written.
#[cfg(not(unix))]
pub(super) fn can_write(path: &Path) -> bool {
    use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};

    match std::fs::OpenOptions::new().append(true).open(path) {
        Ok(_) => true,
        Err(error) => !matches!(error.kind(), PermissionDenied | ReadOnlyFilesystem),
    }
}
