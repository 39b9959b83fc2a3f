//! A run of several tables.

use std::time::Duration;

use datajoint::prelude::*;
use datajoint::{Maker, Run};

use crate::lab::{Product, lab};
use crate::siblings::{First, Fourth, Second, Shared, SharedRow, Third};

/// Tables that wait for the room of the same worker have it in turn, and none hands it on unused.
#[tokio::test]
async fn tables_that_share_one_worker_are_all_filled() {
    let dj = Instance::connect(datajoint::Settings::embedded(":memory:")).await.unwrap();
    Shared.insert(&dj, (0..20).map(|id| SharedRow { id })).await.unwrap();
    let makers = [Maker::of::<First>(), Maker::of::<Second>(), Maker::of::<Third>(), Maker::of::<Fourth>()];
    let made = tokio::time::timeout(Duration::from_mins(2), Run::new(makers).run(&dj));
    let made = made.await.expect("a worker that nobody works with").unwrap();
    assert_eq!(made.iter().map(|made| made.success_count).collect::<Vec<_>>(), [20; 4]);
}

#[tokio::test]
async fn a_key_that_failed_is_told_once() {
    let dj = lab(&[(1, 1.0), (2, -1.0)]).await;
    let made = Run::new([Maker::of::<Product>()]).run(&dj).await.unwrap();
    let told = made[0].to_string();
    assert_eq!((made[0].errors.len(), told.matches("a negative weight").count()), (2, 2), "{told}");
    assert_eq!(told.lines().count(), 3, "{told}");
}
