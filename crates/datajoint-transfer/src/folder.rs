//! The folder of an export. Nothing outside of it is opened, whatever a manifest names and whatever links lie in it.

use std::collections::BTreeSet;
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
}

/// A folder that is being filled. Unless it is [kept](Self::keep), what was made in it is taken away again: a part of an export
/// is none, and the next one finds the place free.
#[derive(Debug)]
pub(crate) struct NewFolder {
    folder: Folder,
    /// The folders that were made to have it, the innermost first.
    above: Vec<PathBuf>,
    /// The files in it that were made, in order.
    files: Vec<String>,
    /// The folders in it for these.
    folders: BTreeSet<String>,
    is_kept: bool,
}

impl NewFolder {
    /// Makes a folder, unless it is there and empty.
    pub(crate) fn make(path: &Path) -> Result<Self> {
        let above = path.ancestors().take_while(|above| above.symlink_metadata().is_err());
        let above = above.filter(|above| !above.as_os_str().is_empty()).map(Path::to_owned).collect();
        match path.metadata() {
            Ok(there) if !there.is_dir() => {
                return Err(Error::NoFolder { path: path.display().to_string() });
            }
            _ => std::fs::create_dir_all(path).map_err(Error::file(path))?,
        }
        let folder = Folder::open(path)?;
        let new = Self { folder, above, files: Vec::new(), folders: BTreeSet::new(), is_kept: false };
        if new.folder.dir.entries().map_err(Error::file(path))?.next().is_some() {
            return Err(Error::NotEmpty { path: path.display().to_string() });
        }
        Ok(new)
    }

    /// Where a file of it lies, for messages.
    pub(crate) fn path_of(&self, name: &str) -> PathBuf {
        self.folder.path_of(name)
    }

    /// Opens a new file to be written, and makes the folders above it. Fails when something lies there.
    pub(crate) fn create(&mut self, name: &str) -> Result<File> {
        let path = self.path_of(name);
        let (dir, folders) = (&self.folder.dir, &mut self.folders);
        let mut open = || {
            check(name)?;
            if let Some((above, _)) = name.rsplit_once('/') {
                folders.extend(name.match_indices('/').map(|(end, _)| name[..end].to_owned()));
                dir.create_dir_all(above)?;
            }
            dir.open_with(name, OpenOptions::new().write(true).create_new(true))
        };
        let file = open().map_err(Error::file(&path))?;
        self.files.push(name.to_owned());
        Ok(file)
    }

    /// Leaves what was made where it is: it is whole.
    pub(crate) fn keep(mut self) {
        self.is_kept = true;
    }
}

impl Drop for NewFolder {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        // What can't be taken away stays; it has no manifest, so that no import takes it for an export.
        let dir = &self.folder.dir;
        for name in &self.files {
            let _ = dir.remove_file(name);
        }
        // Those within others come after them.
        for name in self.folders.iter().rev() {
            let _ = dir.remove_dir(name);
        }
        for above in &self.above {
            let _ = std::fs::remove_dir(above);
        }
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
