//! Workers that are killed and stopped at any moment: each key is made, and no job stays.
//!
//! A few hundred keys and four processes; `DATAJOINT_SOAK="10000 16 20"` for so many keys, processes and rounds.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use datajoint::jobs::Jobs;
use datajoint::prelude::*;

use crate::processes;

mod tables {
    use std::time::Duration;

    use datajoint::prelude::*;

    schema!("dj_conformance_soak");

    #[table(Manual)]
    /// id : int32
    pub(super) struct Source;

    #[table(Computed)]
    /// -> Source
    /// ---
    /// made_by : int64
    pub(super) struct Made;

    impl Make for Made {
        type Fetched = i32;
        type Computed = i64;

        async fn fetch(cx: &FetchContext<'_, Self>) -> MakeResult<i32> {
            Ok(cx.upstream::<Source>().fetch_one().await?.id)
        }

        fn compute(_: &MadeKey, id: i32) -> MakeResult<i64> {
            std::thread::sleep(Duration::from_micros(u64::from(id.unsigned_abs() % 7) * 500));
            Ok(std::process::id().into())
        }

        async fn insert(cx: &mut InsertContext<'_, Self>, made_by: i64) -> MakeResult<()> {
            cx.insert(MadeRow { id: cx.key().id, made_by }).await
        }
    }

    pipeline! {
        pub(super) struct Pipeline { Source, Made }
    }
}

use tables::{Made, Pipeline, Source, SourceRow};

/// The database of this process, for those that are killed.
const URL: &str = "DJ_CONFORMANCE_SOAK_URL";
const WISH: &str = "DATAJOINT_SOAK";
const LEASE: u64 = 2;

async fn connect(url: &str) -> Instance {
    let mut settings = Settings::from_url(url).unwrap();
    settings.jobs.lease_timeout = LEASE;
    // Chance may kill several workers with one key.
    settings.jobs.max_losses = 1000;
    settings.safemode = false;
    Instance::connect(settings).await.unwrap()
}

/// A process that works until everything is done.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "this variable is for the tests, not a setting")]
async fn a_worker_that_may_be_killed() {
    let Ok(url) = std::env::var(URL) else { return };
    let dj = connect(&url).await;
    let sources = Source.count(&dj).await.unwrap();
    while Made.count(&dj).await.unwrap() < sources {
        // The first one adds the jobs; the others would only look for the same keys again.
        let populate = Made.populate(&dj).reserve_jobs(true).refresh(false).workers(2).suppress_errors(true);
        let report = populate.run().await.unwrap();
        assert!(report.errors.is_empty(), "{report}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn start(url: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "soak::a_worker_that_may_be_killed", "--nocapture"])
        .env(URL, url)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[cfg(unix)]
fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(status.success() || name == "-CONT");
}

/// Numbers that look random, and are the same in each run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

#[expect(clippy::disallowed_methods, reason = "this variable is for the tests, not a setting")]
async fn soak(url: &str) {
    let wish = std::env::var(WISH).unwrap_or_else(|_| "300 4 1".to_owned());
    let numbers: Vec<i32> = wish.split_whitespace().map(|number| number.parse().unwrap()).collect();
    let &[keys, workers, rounds] = numbers.as_slice() else { panic!("{WISH} names keys, processes, rounds") };
    let mut chance = Chance(7);
    for round in 1..=rounds {
        let dj = connect(url).await;
        let _ = dj.drop_schema("dj_conformance_soak").confirmed().await;
        dj.activate::<Pipeline>().await.unwrap();
        Source.insert(&dj, (0..keys).map(|id| SourceRow { id })).await.unwrap();
        let jobs = Jobs::open(&dj, &dj.resolve(<Made as datajoint::Table>::spec()).unwrap()).await.unwrap();
        let table = dj.table("dj_conformance_soak.Made").await.unwrap();
        let source = datajoint::source_of(&dj, &table).await.unwrap();
        let added = jobs.refresh(&source, &datajoint::jobs::Refresh::default()).await.unwrap().added;
        assert_eq!(added, u64::from(keys.unsigned_abs()));

        let begin = Instant::now();
        let mut children: Vec<Child> = (0..workers).map(|_| start(url)).collect();
        let (mut kills, mut stops) = (0, 0);
        let most = Duration::from_secs(60 + u64::from(keys.unsigned_abs()) / 20);
        while Made.count(&dj).await.unwrap() < u64::from(keys.unsigned_abs()) {
            assert!(begin.elapsed() < most, "{:?} in {most:?}", jobs.counts().await.unwrap());
            tokio::time::sleep(Duration::from_millis(100 + chance.below(300))).await;
            let place = usize::try_from(chance.below(u64::from(workers.unsigned_abs()))).unwrap();
            if kills % 5 == 4 && stops < 2 {
                // Longer than its lease: it comes back, and finds its jobs taken.
                signal(&children[place], "-STOP");
                tokio::time::sleep(Duration::from_millis(LEASE * 1000 + 500)).await;
                signal(&children[place], "-CONT");
                stops += 1;
            }
            children[place].kill().unwrap();
            children[place].wait().unwrap();
            children[place] = start(url);
            kills += 1;
        }
        for mut child in children {
            assert!(child.wait().unwrap().success(), "a worker that was left alone failed");
        }
        let counts = jobs.counts().await.unwrap();
        assert_eq!(counts.total(), 0, "{counts:?}");
        assert_eq!(Made.count(&dj).await.unwrap(), u64::from(keys.unsigned_abs()));
        println!(
            "round {round}: {keys} keys, {workers} processes, {kills} kills, {stops} stops, {:.1?}",
            begin.elapsed()
        );
        dj.drop_schema("dj_conformance_soak").confirmed().await.unwrap();
    }
}

#[tokio::test]
async fn killed_workers_lose_no_key_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    soak(&format!("sqlite://{}", folder.path().join("soak.sqlite").display())).await;
}

#[tokio::test]
async fn killed_workers_lose_no_key_on_postgresql() {
    if let Some(url) = processes::named("DJ_TEST_POSTGRES_URL") {
        soak(&url).await;
    }
}

#[tokio::test]
async fn killed_workers_lose_no_key_on_mariadb() {
    if let Some(url) = processes::named("DJ_TEST_MARIADB_URL") {
        soak(&url).await;
    }
}

#[tokio::test]
async fn killed_workers_lose_no_key_on_mysql() {
    if let Some(url) = processes::named("DJ_TEST_MYSQL_URL") {
        soak(&url).await;
    }
}
