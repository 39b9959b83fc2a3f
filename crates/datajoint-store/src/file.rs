//! Files of this machine.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;

/// Opens a file of this machine to be read.
///
/// Fails for what is no file: a device may never end, and a pipe may never begin.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("notes.txt");
/// # std::fs::write(&path, "hello")?;
/// assert_eq!(std::io::read_to_string(datajoint_store::open_file(&path)?)?, "hello");
/// assert!(datajoint_store::open_file(folder.path()).is_err());
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn open_file(path: &Path) -> io::Result<File> {
    // Before it is opened, as opening a pipe waits, and after it, as another may lie there by then.
    check(&std::fs::metadata(path)?)?;
    let file = File::open(path)?;
    check(&file.metadata()?)?;
    Ok(file)
}

fn check(found: &Metadata) -> io::Result<()> {
    if found.is_file() {
        return Ok(());
    }
    let what = if found.is_dir() { "it is a folder" } else { "it is no plain file, but a device or a pipe" };
    Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{what}: give the path of a file")))
}
