//! Ctrl-C while a table is populated. It reaches the whole process, so that it has one of its own.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that meets an error has failed")]
#![cfg(unix)]

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use datajoint::jobs::Jobs;
use datajoint::prelude::*;
use datajoint_config::Settings;
use datajoint_pipeline::{Insert, Instance, Relation};
use datajoint_populate::PopulateTable;
use tokio::signal::unix::{SignalKind, signal};

schema!("lab");

#[table(Manual)]
/// number : int32
pub struct Number;

/// How many keys are begun.
static BEGUN: AtomicUsize = AtomicUsize::new(0);

/// How many of them may end.
static ENDED: (Mutex<usize>, Condvar) = (Mutex::new(0), Condvar::new());

async fn have_begun(keys: usize) {
    while BEGUN.load(Ordering::SeqCst) < keys {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// All that are begun end.
fn let_end() {
    *ENDED.0.lock().unwrap() = BEGUN.load(Ordering::SeqCst);
    ENDED.1.notify_all();
}

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
        let own = BEGUN.fetch_add(1, Ordering::SeqCst) + 1;
        let ended = ENDED.0.lock().unwrap();
        drop(ENDED.1.wait_while(ended, |ended| *ended < own).unwrap());
        Ok(())
    }

    async fn insert(cx: &mut InsertContext<'_, Self>, (): ()) -> MakeResult<()> {
        cx.insert(SleptRow { number: cx.key().number }).await
    }
}

pipeline! {
    struct Lab { Number, Slept }
}

/// Sends a signal to this process, and waits until it is here.
async fn send(kind: SignalKind) {
    let mut here = signal(kind).unwrap();
    let number = format!("-{}", kind.as_raw_value());
    let status = Command::new("kill").args([number, std::process::id().to_string()]).status().unwrap();
    assert!(status.success());
    here.recv().await;
}

#[tokio::test]
async fn a_signal_finishes_the_keys_that_run_and_a_second_one_drops_them() {
    let dj = Instance::connect(Settings::from_url("sqlite::memory:").unwrap()).await.unwrap();
    dj.activate::<Lab>().await.unwrap();
    Number.insert(&dj, (0..20).map(|number| NumberRow { number })).await.unwrap();

    let population = Slept.populate(&dj).workers(2).run();
    let once = async {
        have_begun(2).await;
        send(SignalKind::interrupt()).await;
        let_end();
    };
    let (report, ()) = tokio::join!(population, once);
    let report = report.unwrap();
    assert!(report.stopped);
    assert_eq!((report.success_count, report.remaining), (2, 18));
    assert!(report.to_string().ends_with("; stopped by Ctrl-C"), "{report}");
    assert_eq!(Slept.count(&dj).await.unwrap(), 2);

    let population = Slept.populate(&dj).workers(2).run();
    let twice = async {
        have_begun(4).await;
        send(SignalKind::interrupt()).await;
        send(SignalKind::interrupt()).await;
        let_end();
    };
    let (report, ()) = tokio::join!(population, twice);
    assert_eq!(report.unwrap().success_count, 0);
    assert_eq!(Slept.count(&dj).await.unwrap(), 2);

    // SIGTERM does the same. What was reserved and not begun is free at once, the rest when it is done.
    let jobs = Jobs::open(&dj, &dj.resolve(<Slept as datajoint::Table>::spec()).unwrap()).await.unwrap();
    let population = Slept.populate(&dj).reserve_jobs(true).workers(2).run();
    let once = async {
        have_begun(6).await;
        send(SignalKind::terminate()).await;
        let_end();
    };
    let (report, ()) = tokio::join!(population, once);
    let report = report.unwrap();
    assert!(report.stopped && report.terminated);
    assert!(report.to_string().ends_with("; stopped by SIGTERM"), "{report}");
    let counts = jobs.counts().await.unwrap();
    assert_eq!((counts.pending, counts.total()), (18 - report.success_count as u64, report.remaining as u64));
    assert_eq!(Slept.count(&dj).await.unwrap(), 2 + report.success_count as u64);
}

#[table(Computed)]
/// -> Number
pub struct Endless;

impl Make for Endless {
    type Fetched = ();
    type Computed = ();

    async fn fetch(_: &FetchContext<'_, Self>) -> MakeResult<()> {
        Ok(())
    }

    fn compute(_: &EndlessKey, (): ()) -> MakeResult<()> {
        println!("computing");
        loop {
            std::thread::sleep(Duration::from_secs(1));
        }
    }

    async fn insert(cx: &mut InsertContext<'_, Self>, (): ()) -> MakeResult<()> {
        cx.insert(EndlessRow { number: cx.key().number }).await
    }
}

/// What the process of the next test is.
const ENDLESS: &str = "DJ_TEST_ENDLESS";

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "this variable is for the tests, not a setting")]
async fn one_process_that_never_ends_by_itself() {
    let Ok(file) = std::env::var(ENDLESS) else { return };
    let dj = Instance::connect(Settings::embedded(file)).await.unwrap();
    Number.insert_one(&dj, NumberRow { number: 1 }).await.unwrap();
    let _ = Endless.populate(&dj).run().await;
    println!("it came back");
}

#[tokio::test]
async fn a_second_ctrl_c_ends_a_process_whose_compute_never_ends() {
    use std::io::{BufRead as _, BufReader};
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::Stdio;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lab.sqlite");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "one_process_that_never_ends_by_itself", "--nocapture"])
        .env(ENDLESS, &file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("computing")));
    let press = || {
        let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(status.success());
    };
    press();
    std::thread::sleep(Duration::from_millis(300));
    press();
    let end = std::time::Instant::now() + Duration::from_secs(20);
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if std::time::Instant::now() > end {
            child.kill().unwrap();
            panic!("it goes on after a second Ctrl-C");
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    assert_eq!((status.code(), status.signal()), (None, Some(2)), "as a shell shows with 130");
    let dj = Instance::connect(Settings::embedded(file)).await.unwrap();
    assert_eq!(Number.count(&dj).await.unwrap(), 1);
    assert_eq!(Endless.count(&dj).await.unwrap(), 0);
}
