//! The folder of an export. Nothing outside of it is opened, whatever a manifest names and whatever links lie in it.

use std::io;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, OpenOptions};

use crate::{Error, Result};

/// A folder that is open.
#[derive(Debug)]
pub(crate) struct Folder {
    dir: Dir,
    path: PathBuf,
}

impl Folder {
    /// Opens a folder that is there.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let dir = Dir::open_ambient_dir(path, ambient_authority()).map_err(Error::file(path))?;
        Ok(Self { dir, path: path.to_owned() })
    }

    /// Where a file of it lies, for messages.
    pub(crate) fn path_of(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Opens a file to be read. Fails for what lies outside of the folder, and for what is no file: a device or a pipe.
    pub(crate) fn read(&self, name: &str) -> Result<File> {
        let path = self.path_of(name);
        let open = || {
            check(name)?;
            // Before it is opened, as opening a pipe waits, and after it, as another may lie there by then.
            is_file(&self.dir.metadata(name)?)?;
            let file = self.dir.open(name)?;
            is_file(&file.metadata()?)?;
            Ok(file)
        };
        open().map_err(Error::file(&path))
    }

    /// Opens a new file to be written, and makes the folders above it. Fails when something lies there.
    pub(crate) fn create(&self, name: &str) -> Result<File> {
        let path = self.path_of(name);
        let open = || {
            check(name)?;
            if let Some((above, _)) = name.rsplit_once('/') {
                self.dir.create_dir_all(above)?;
            }
            self.dir.open_with(name, OpenOptions::new().write(true).create_new(true))
        };
        open().map_err(Error::file(&path))
    }
}

/// Fails unless a name is a path downwards of plain steps, so that two names are never one file.
fn check(name: &str) -> io::Result<()> {
    let is_plain = |step: &str| !matches!(step, "" | "." | "..") && !step.contains(['\\', '\0']);
    if name.split('/').all(is_plain) {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no path within the folder of the export"))
}

fn is_file(found: &cap_std::fs::Metadata) -> io::Result<()> {
    if found.is_file() {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no plain file"))
}
