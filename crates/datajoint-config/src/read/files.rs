//! `datajoint.json`, `pyproject.toml` and `Cargo.toml`.

use std::io;
use std::path::{Path, PathBuf};

use super::Found;
use crate::leaf::{self, Leaf};
use crate::origin::Origin;
use crate::setting::OLDER;
use crate::{Error, Result};

const NAME: &str = "datajoint.json";

/// The sections of other files that hold settings, the strongest first.
const SECTIONS: &[(&str, &[&[&str]])] = &[
    ("pyproject.toml", &[&["tool", "datajoint"]]),
    ("Cargo.toml", &[&["package", "metadata", "datajoint"], &["workspace", "metadata", "datajoint"]]),
];

/// The nearest settings file from a folder upward; not beyond the root of a repository.
///
/// Fails for one that can't be read: in its place nothing else would be meant.
pub(super) fn find(from: &Path) -> Result<Option<PathBuf>> {
    for path in upward(from).map(|folder| folder.join(NAME)) {
        if is_there(&path)? {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// Returns true for a file that is there. Fails for all else that has its name: a folder, a pipe, a link to nothing.
pub(super) fn is_there(path: &Path) -> Result<bool> {
    if std::fs::symlink_metadata(path).is_err() {
        return Ok(false);
    }
    let fault = |source| Error::File { path: path.display().to_string(), source };
    if std::fs::metadata(path).map_err(fault)?.is_file() {
        return Ok(true);
    }
    Err(fault(io::Error::new(io::ErrorKind::InvalidInput, "it is no plain file")))
}

/// The folders from one upward, up to the root of its repository.
pub(super) fn upward(from: &Path) -> impl Iterator<Item = PathBuf> {
    let from = std::path::absolute(from).unwrap_or_else(|_| from.to_path_buf());
    let folders: Vec<PathBuf> = from.ancestors().map(Path::to_path_buf).collect();
    let is_root = |folder: &PathBuf| folder.join(".git").exists() || folder.join(".hg").exists();
    let end = folders.iter().position(is_root).map_or(folders.len(), |root| root + 1);
    folders.into_iter().take(end)
}

/// Takes what the files say, the strongest first.
pub(super) fn read(json: Option<&Path>, directory: &Path, lenient: bool, found: &mut Found) -> Result<()> {
    if let Some(path) = json {
        let leaves = leaf::of_json(path, &text(path)?)?;
        take(path, leaves, lenient, found);
    }
    let folders: Vec<PathBuf> = upward(directory).collect();
    for (name, sections) in SECTIONS {
        for path in folders.iter().map(|folder| folder.join(name)) {
            if !is_there(&path)? {
                continue;
            }
            let leaves = leaf::of_toml(&path, &text(&path)?, sections)?;
            if !leaves.is_empty() {
                take(&path, leaves, lenient, found);
            }
        }
    }
    Ok(())
}

fn text(path: &Path) -> Result<String> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| Error::File { path: path.display().to_string(), source })?;
    // Some editors begin a file with a mark that is no part of it.
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

fn take(path: &Path, leaves: Vec<Leaf>, lenient: bool, found: &mut Found) {
    found.files.push(path.to_path_buf());
    // Of two lines with one key the later one counts.
    for Leaf { key, value, line } in leaves.into_iter().rev() {
        // Editors find the schema of the file by it.
        if key == "$schema" {
            continue;
        }
        let origin = Origin::File { path: path.to_path_buf(), line };
        if let Some((older, today)) = OLDER.iter().find(|(older, _)| *older == key) {
            found.warnings.push(format!("`{older}` is an older name: use `{today}` (from {origin})"));
        }
        found.give(&key, value, origin, lenient);
    }
}
