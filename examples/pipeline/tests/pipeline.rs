//! The pipeline on a database of its own.

#![allow(clippy::unwrap_used, reason = "a test that meets an error has failed")]

use datajoint::prelude::*;
use pipeline::{Pipeline, SCHEMA_VERSIONS, analysis, demo, ephys, initialize, populate};

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
        populate(&dj, 2).await.unwrap();
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
    populate(&dj, 1).await.unwrap();
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
