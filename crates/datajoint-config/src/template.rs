//! What a new project begins with.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::{Error, Result};

/// What keeps secrets out of a repository.
const GITIGNORE: &str = "# Never commit secrets\n*\n!.gitignore\n";

/// Writes `datajoint.json` and `.secrets/` with empty files for user and password into a folder.
///
/// Gives the paths it wrote. The secrets can be read by their owner alone, and git leaves them out.
/// Fails when a `datajoint.json` is there already.
pub fn init(folder: impl AsRef<Path>) -> Result<Vec<PathBuf>> {
    let folder = folder.as_ref();
    let mut written = Vec::new();
    let file = folder.join("datajoint.json");
    let template = json!({
        "database": {"host": "localhost", "backend": "mysql", "database_prefix": "", "create_tables": true},
        "stores": {"default": "main", "main": {"protocol": "file", "location": "data"}},
        "loglevel": "INFO",
        "safemode": true,
    });
    let text = format!("{template:#}\n");
    create(&file, &text, false).map_err(|source| match source.kind() {
        std::io::ErrorKind::AlreadyExists => Error::Exists { path: file.display().to_string() },
        _ => fault(&file, source),
    })?;
    written.push(file);

    let secrets = folder.join(".secrets");
    std::fs::create_dir_all(&secrets).map_err(|source| fault(&secrets, source))?;
    restrict(&secrets, 0o700).map_err(|source| fault(&secrets, source))?;
    for (name, text) in [(".gitignore", GITIGNORE), ("database.user", ""), ("database.password", "")] {
        let path = secrets.join(name);
        match create(&path, text, name != ".gitignore") {
            Ok(()) => written.push(path),
            // What is there stays as it is.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(source) => return Err(fault(&path, source)),
        }
    }
    Ok(written)
}

fn fault(path: &Path, source: std::io::Error) -> Error {
    Error::File { path: path.display().to_string(), source }
}

fn create(path: &Path, text: &str, is_secret: bool) -> std::io::Result<()> {
    let mut file = std::fs::File::create_new(path)?;
    if is_secret {
        restrict(path, 0o600)?;
    }
    file.write_all(text.as_bytes())
}

#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn restrict(_: &Path, _: u32) -> std::io::Result<()> {
    Ok(())
}
