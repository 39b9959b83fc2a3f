//! The pipeline on a database of its own.

use datajoint::prelude::*;
use pipeline::{initialize, subject};

#[tokio::test]
async fn a_subject_is_kept() {
    let dj = Instance::connect(Settings::embedded(":memory:")).await.unwrap();
    initialize(&dj).await.unwrap();
    subject::Subject.insert_one(&dj, subject::SubjectRow::new(1)).await.unwrap();
    assert_eq!(subject::Subject.count(&dj).await.unwrap(), 1);
}
