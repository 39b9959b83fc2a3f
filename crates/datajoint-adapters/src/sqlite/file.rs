//! What lies at the path of a database, before it is opened.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use crate::FileFault;

/// How each database of SQLite begins.
const BEGINNING: &[u8; 16] = b"SQLite format 3\0";

impl FileFault {
    /// What is wrong with a file; nothing where it is not there, or empty, since it may become one.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let found = match std::fs::metadata(path) {
            Ok(found) => found,
            Err(error) => return Self::of_refusal(&error),
        };
        Self::of_kind(&found).or_else(|| match beginning(path) {
            Ok(read) if read.is_empty() || read == BEGINNING => None,
            Ok(_) => Some(Self::NoDatabase),
            Err(error) => Self::of_refusal(&error),
        })
    }

    fn of_kind(found: &Metadata) -> Option<Self> {
        // Whoever opened a pipe would wait for its other end.
        match (found.is_dir(), found.is_file()) {
            (true, _) => Some(Self::Folder),
            (_, true) => None,
            _ => Some(Self::Device),
        }
    }

    fn of_refusal(error: &io::Error) -> Option<Self> {
        (error.kind() == ErrorKind::PermissionDenied).then_some(Self::Forbidden)
    }
}

/// The first bytes of a file.
fn beginning(path: &Path) -> io::Result<Vec<u8>> {
    let mut read = Vec::new();
    File::open(path)?.take(BEGINNING.len() as u64).read_to_end(&mut read)?;
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_the_system_refuses_is_forbidden_and_one_that_is_not_there_is_nothing() {
        // Whoever may read everything, as in a container, meets no file that is refused.
        assert_eq!(FileFault::of_refusal(&ErrorKind::PermissionDenied.into()), Some(FileFault::Forbidden));
        assert_eq!(FileFault::of_refusal(&ErrorKind::NotFound.into()), None);
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(FileFault::of(&folder.path().join("none.sqlite")), None);
        assert_eq!(FileFault::of(folder.path()), Some(FileFault::Folder));
        assert_eq!(FileFault::of(Path::new("/dev/null")), Some(FileFault::Device));
        for (bytes, fault) in [
            (&b""[..], None),
            (b"SQLite format 3\0 and more", None),
            (b"SQLite", Some(FileFault::NoDatabase)),
            (b"PK\x03\x04 and what else is in an archive", Some(FileFault::NoDatabase)),
        ] {
            let path = folder.path().join("file");
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(FileFault::of(&path), fault, "{bytes:?}");
        }
    }
}
