//! Settings from everywhere they may stand.

#![allow(clippy::unwrap_used, reason = "a test that meets an error has failed")]

mod explaining;
mod files;
mod project;
mod secrets;
mod settings;
mod stores;
mod variables;

use std::path::Path;

use datajoint_config::{Reader, Settings};

/// A reader of one folder alone: no variables, no mounted secrets.
fn reader(folder: &Path) -> Reader {
    let nothing: [(&str, &str); 0] = [];
    Settings::reader().directory(folder).environment(nothing).mounted_secrets(folder.join("mounted"))
}

/// A folder that no search leaves, with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        restrict(&path);
    }
    folder
}

#[cfg(unix)]
fn restrict(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;

    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[cfg(not(unix))]
fn restrict(_: &Path) {}

/// The value of a setting, as the explanation shows it.
fn value(settings: &Settings, key: &str) -> String {
    let explanation = settings.explain();
    let found = explanation.settings.iter().find(|setting| setting.key == key);
    found.and_then(|setting| setting.value.clone()).unwrap_or_default()
}
