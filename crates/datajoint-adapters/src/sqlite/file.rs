//! What lies at the path of a database, before it is opened.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use crate::FileFault;

/// How each database of SQLite begins.
const BEGINNING: &[u8; 16] = b"SQLite format 3\0";

/// How long the header of a database is.
const HEADER_LENGTH: u64 = 100;

impl FileFault {
    /// What is wrong with a file; nothing where it is not there, or empty, since it may become one.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        Self::of_outside(path).or_else(|| match header(path) {
            Ok(read) if read.is_empty() => None,
            Ok(read) if !read.starts_with(BEGINNING) => Some(Self::NoDatabase),
            Ok(read) => (!is_sound(&read)).then_some(Self::Header),
            Err(error) => Self::of_refusal(&error),
        })
    }

    /// What is wrong with a file as far as can be told without opening it.
    pub(crate) fn of_outside(path: &Path) -> Option<Self> {
        match std::fs::metadata(path) {
            Ok(found) => Self::of_kind(&found),
            Err(error) => Self::of_refusal(&error),
        }
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

/// The first bytes of a file, as many as a header has.
fn header(path: &Path) -> io::Result<Vec<u8>> {
    let mut read = Vec::new();
    File::open(path)?.take(HEADER_LENGTH).read_to_end(&mut read)?;
    Ok(read)
}

/// True for a header that SQLite opens a database by, <https://www.sqlite.org/fileformat2.html#the_database_header>.
/// It looks itself too, but only after it has made the files of a log beside the database.
fn is_sound(header: &[u8]) -> bool {
    if (header.len() as u64) < HEADER_LENGTH {
        return false;
    }
    // A page of 65,536 bytes is written as 1.
    let page_size = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 1 << 16,
        size => u32::from(size),
    };
    let (read_version, unused, fractions) = (header[19], u32::from(header[20]), &header[21..24]);
    page_size.is_power_of_two()
        && page_size >= 512
        && page_size - unused >= 480
        && read_version <= 2
        && fractions == [64, 32, 32]
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
            (b"SQLite format 3\0 and more", Some(FileFault::Header)),
            (b"SQLite", Some(FileFault::NoDatabase)),
            (b"PK\x03\x04 and what else is in an archive", Some(FileFault::NoDatabase)),
        ] {
            let path = folder.path().join("file");
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(FileFault::of(&path), fault, "{bytes:?}");
        }
    }

    #[tokio::test]
    async fn a_header_is_sound_exactly_where_the_engine_opens_the_database() {
        use sqlx::{ConnectOptions as _, Connection as _, Executor as _};

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.sqlite");
        let options = || sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
        let mut made = options().create_if_missing(true).connect().await.unwrap();
        made.execute("CREATE TABLE t (a INTEGER)").await.unwrap();
        made.close().await.unwrap();
        let whole = std::fs::read(&path).unwrap();
        // Each byte that a rule is about, with values on both sides of it.
        let changes = (16..24).flat_map(|place| [0, 1, 2, 3, 16, 32, 64, 255].map(|byte| (place, byte)));
        let mut refused = 0;
        for (place, byte) in changes {
            let mut bytes = whole.clone();
            bytes[place] = byte;
            std::fs::write(&path, &bytes).unwrap();
            let mut opened = options().connect().await.unwrap();
            // What stands on the pages is another matter than what the header says of them.
            let found = opened.execute("PRAGMA schema_version").await;
            opened.close().await.ok();
            let is_none = found.is_err_and(|error| {
                error.as_database_error().is_some_and(|it| it.code().as_deref() == Some("26"))
            });
            assert_eq!(FileFault::of(&path), is_none.then_some(FileFault::Header), "{place}: {byte}");
            refused += usize::from(is_none);
        }
        assert!(refused > 20, "{refused}");
    }
}
