//! Folders with one file for each secret.

use std::path::Path;

use serde_json::Value;

use super::Found;
use crate::origin::Origin;
use crate::{Error, Result};

/// Takes the secrets of a folder, when it is there.
pub(super) fn read(folder: &Path, found: &mut Found) -> Result<()> {
    let fault = |source| Error::File { path: folder.display().to_string(), source };
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(fault)?.path());
    }
    paths.sort();
    for path in paths {
        let Some(name) = path.file_name().and_then(|name| name.to_str()).map(str::to_owned) else {
            continue;
        };
        let is_store = name.starts_with("stores.") && name.matches('.').count() == 2;
        if !(matches!(name.as_str(), "database.user" | "database.password") || is_store) || !path.is_file() {
            continue;
        }
        let text = std::fs::read_to_string(&path)
            .map_err(|source| Error::File { path: path.display().to_string(), source })?;
        if let Some(warning) = readable_by_others(&path) {
            found.warnings.push(warning);
        }
        let value = match text.trim() {
            "" => continue,
            text => Value::from(text),
        };
        found.give(&name, value, Origin::Secret(path), true);
    }
    Ok(())
}

/// What to do when more people than the owner may read a secret. Mounted secrets are links to such files.
#[cfg(unix)]
fn readable_by_others(path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    // Mounted secrets belong to the system, and a program without its rights reads them through its group.
    let others = if path.starts_with("/run/secrets") { 0o007 } else { 0o077 };
    (mode & others != 0)
        .then(|| format!("{} can be read by others than its owner: `chmod 600` it", path.display()))
}

#[cfg(not(unix))]
fn readable_by_others(_: &Path) -> Option<String> {
    None
}
