//! What a new project begins with, and what editors know of its settings.

use datajoint_config::{init, json_schema};

use crate::{folder, reader};

#[test]
fn a_new_project_has_settings_that_load_and_secrets_that_stay_out_of_git() {
    let folder = folder(&[]);
    let written = init(folder.path()).unwrap();
    assert_eq!(written.len(), 4);
    let settings = reader(folder.path()).load().unwrap();
    assert!(settings.warnings().is_empty(), "{:?}", settings.warnings());
    assert_eq!(settings.stores.default.as_deref(), Some("main"));
    let ignored = std::fs::read_to_string(folder.path().join(".secrets/.gitignore")).unwrap();
    assert!(ignored.contains("\n*\n"));
    // Nothing is ever overwritten.
    let error = init(folder.path()).unwrap_err().to_string();
    assert!(error.contains("datajoint.json is there already"), "{error}");
}

/// `DATAJOINT_WRITE_SCHEMA=1 cargo test -p datajoint-config` writes it anew.
#[test]
#[expect(clippy::disallowed_methods, reason = "this variable is for the test, not a setting")]
fn the_schema_of_the_file_is_the_one_in_the_documentation() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/datajoint.schema.json");
    let generated = format!("{:#}\n", json_schema());
    if std::env::var_os("DATAJOINT_WRITE_SCHEMA").is_some() {
        std::fs::write(path, &generated).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap();
    assert!(written == generated, "docs/datajoint.schema.json is out of date: write it anew");
}
