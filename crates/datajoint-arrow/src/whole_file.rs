use std::fs;
use std::io::Result;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A file that is written beside the one that is wanted, and takes its place once it is whole: nobody takes a part of the rows for
/// all of them, and what was there stays until then.
#[derive(Debug)]
pub struct WholeFile {
    /// Where it is written; none for what is no file, such as a pipe, which is written as it is.
    beside: Option<TempDir>,
    wanted: PathBuf,
}

impl WholeFile {
    /// Makes room beside a file, which need not be there.
    pub fn new(path: &Path) -> Result<Self> {
        // Of a link the file that it leads to is meant.
        let wanted = if path.is_symlink() { path.canonicalize()? } else { path.to_owned() };
        let is_file = fs::metadata(&wanted).map_or(true, |there| there.is_file());
        let beside = if is_file {
            let folder = wanted.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = folder.unwrap_or_else(|| Path::new("."));
            Some(tempfile::Builder::new().prefix(".dj-rows-").tempdir_in(folder)?)
        } else {
            None
        };
        Ok(Self { beside, wanted })
    }

    /// Where it is to be written.
    pub fn path(&self) -> PathBuf {
        self.beside.as_ref().map_or_else(|| self.wanted.clone(), |folder| folder.path().join("rows"))
    }

    /// Puts what was written in the place of what is there.
    pub fn keep(self) -> Result<()> {
        if self.beside.is_some() {
            if let Ok(there) = fs::metadata(&self.wanted) {
                fs::set_permissions(self.path(), there.permissions())?;
            }
            fs::rename(self.path(), &self.wanted)?;
        }
        Ok(())
    }
}
