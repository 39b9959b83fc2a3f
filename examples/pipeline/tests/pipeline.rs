//! The pipeline on a database of its own.

#![allow(clippy::unwrap_used, reason = "a test that meets an error has failed")]

use std::path::Path;
use std::process::{Command, Stdio};

use datajoint::prelude::*;
use pipeline::{Pipeline, SCHEMA_VERSIONS, analysis, demo, ephys, initialize, populate, subject};

/// A laboratory with two made-up sessions.
async fn laboratory() -> (Instance, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let dj = Instance::connect(Settings::embedded(":memory:")).await.unwrap();
    initialize(&dj).await.unwrap();
    demo::enter(&dj, folder.path()).await.unwrap();
    (dj, folder)
}

#[tokio::test]
async fn everything_is_computed_once() {
    let (dj, folder) = laboratory().await;
    for _ in 0..2 {
        populate().workers(2).run(&dj).await.unwrap();
        assert_eq!(ephys::SpikesEvent.count(&dj).await.unwrap(), 2 * (40 + 20));
        let found = analysis::Correlation.fetch(&dj).await.unwrap();
        assert_eq!(found.len(), 4);
        assert!(found.iter().all(|row| (row.fraction - 0.5).abs() < 1e-9), "{found:?}");
        demo::enter(&dj, folder.path()).await.unwrap();
    }
}

#[tokio::test]
async fn what_goes_takes_what_follows_from_it() {
    let (dj, _folder) = laboratory().await;
    populate().run(&dj).await.unwrap();
    let one = pipeline::subject::Subject & pipeline::subject::Subject::subject_id.eq(1);
    assert!(one.delete(&dj).await.is_err(), "nobody was asked");
    one.delete(&dj).confirmed().await.unwrap();
    assert_eq!(analysis::Correlation.count(&dj).await.unwrap(), 2);
}

#[tokio::test]
async fn the_versions_of_all_schemas_are_recorded() {
    let (dj, _folder) = laboratory().await;
    dj.check_versions(SCHEMA_VERSIONS).await.unwrap();
    let mut schemas: Vec<&str> = SCHEMA_VERSIONS.iter().map(|(schema, _)| *schema).collect();
    schemas.sort_unstable();
    assert_eq!(dj.list_schemas().await.unwrap(), schemas);
}

#[tokio::test]
async fn production_declares_nothing() {
    let (dj, _folder) = laboratory().await;
    let production = dj.with_settings(|settings| settings.database.create_tables = false);
    initialize(&production).await.unwrap();
    let elsewhere = production.with_schema_prefix("other_");
    assert!(elsewhere.activate::<Pipeline>().await.is_err());
}

/// Runs the worker on the database of a folder; gives whether it ended well, and what it said.
fn worker(folder: &Path, arguments: &[&str], create_tables: bool) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_worker"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("DJ_")) {
        command.env_remove(name);
    }
    command.env("DJ_CREATE_TABLES", create_tables.to_string());
    let output = command.args(arguments).current_dir(folder).stdin(Stdio::null()).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

/// The database that the worker made in a folder.
async fn database(folder: &Path) -> Instance {
    Instance::connect_existing(Settings::embedded(folder.join("datajoint.sqlite"))).await.unwrap()
}

#[tokio::test]
async fn a_worker_of_an_older_version_leaves_a_later_one_and_everything_else_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (is_well, said) = worker(folder.path(), &["--demo", "recordings"], true);
    assert!(is_well, "{said}");
    // Something is left to compute.
    let dj = database(folder.path()).await;
    (analysis::Correlation & analysis::Correlation::subject_id.eq(1)).delete(&dj).confirmed().await.unwrap();
    for schema in [subject::SCHEMA, analysis::SCHEMA] {
        dj.set_version(&[schema], "9.9.9").await.unwrap();
        let before = (dj.stamps().await.unwrap(), analysis::Correlation.count(&dj).await.unwrap());
        assert_eq!(before.0[schema].version.as_deref(), Some("9.9.9"));
        for create_tables in [true, false] {
            let (is_well, said) = worker(folder.path(), &[], create_tables);
            let told = format!("`{schema}` is of version 9.9.9, and this program is for version 1.0.0");
            assert!(!is_well && said.contains(&told), "{said}");
            let after = (dj.stamps().await.unwrap(), analysis::Correlation.count(&dj).await.unwrap());
            assert_eq!(after, before);
        }
        dj.set_version(&[schema], "1.0.0").await.unwrap();
    }
    let (is_well, said) = worker(folder.path(), &[], false);
    assert!(is_well && analysis::Correlation.count(&dj).await.unwrap() == 4, "{said}");
}

#[tokio::test]
async fn a_worker_that_may_create_nothing_records_no_version() {
    let folder = tempfile::tempdir().unwrap();
    let dj = Instance::connect(Settings::embedded(folder.path().join("datajoint.sqlite"))).await.unwrap();
    dj.activate::<Pipeline>().await.unwrap();
    let (is_well, said) = worker(folder.path(), &[], false);
    assert!(
        !is_well && said.contains("is of no recorded version, and this program is for version 1.0.0"),
        "{said}"
    );
    assert!(dj.stamps().await.unwrap().is_empty(), "no schema has `~environment`");
    let (is_well, said) = worker(folder.path(), &[], true);
    assert!(is_well && dj.stamps().await.unwrap().len() == SCHEMA_VERSIONS.len(), "{said}");
}
