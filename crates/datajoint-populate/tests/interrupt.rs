//! Ctrl-C while a table is populated. It reaches the whole process, so that it has one of its own.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that meets an error has failed")]
#![cfg(unix)]

use std::process::Command;
use std::time::Duration;

use datajoint::prelude::*;
use datajoint_config::Settings;
use datajoint_pipeline::{Insert, Instance, Relation};
use datajoint_populate::PopulateTable;

schema!("lab");

#[table(Manual)]
/// number : int32
pub struct Number;

#[table(Computed)]
/// -> Number
pub struct Slept;

impl Make for Slept {
    type Fetched = ();
    type Computed = ();

    async fn fetch(_: &FetchContext<'_, Self>) -> MakeResult<()> {
        Ok(())
    }

    fn compute(_: &SleptKey, (): ()) -> MakeResult<()> {
        std::thread::sleep(Duration::from_millis(200));
        Ok(())
    }

    async fn insert(cx: &mut InsertContext<'_, Self>, (): ()) -> MakeResult<()> {
        cx.insert(SleptRow { number: cx.key().number }).await
    }
}

pipeline! {
    struct Lab { Number, Slept }
}

async fn press_ctrl_c_after(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    let status = Command::new("kill").args(["-INT", &std::process::id().to_string()]).status().unwrap();
    assert!(status.success());
}

#[tokio::test]
async fn ctrl_c_finishes_the_keys_that_run_and_a_second_one_drops_them() {
    let dj = Instance::connect(Settings::from_url("sqlite::memory:").unwrap()).await.unwrap();
    dj.activate::<Lab>().await.unwrap();
    Number.insert(&dj, (0..20).map(|number| NumberRow { number })).await.unwrap();

    let population = Slept.populate(&dj).workers(2).run();
    let (report, ()) = tokio::join!(population, press_ctrl_c_after(300));
    let report = report.unwrap();
    assert!(report.stopped);
    assert_eq!((report.success_count, report.remaining), (4, 16));
    assert!(report.to_string().ends_with("; stopped by Ctrl-C"), "{report}");
    assert_eq!(Slept.count(&dj).await.unwrap(), 4);

    let population = Slept.populate(&dj).workers(2).run();
    let twice = async {
        press_ctrl_c_after(50).await;
        press_ctrl_c_after(50).await;
    };
    let (report, ()) = tokio::join!(population, twice);
    assert_eq!(report.unwrap().success_count, 0);
    assert_eq!(Slept.count(&dj).await.unwrap(), 4);
}
