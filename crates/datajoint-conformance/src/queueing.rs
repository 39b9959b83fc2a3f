//! Job queues: populating with reserved jobs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use datajoint::jobs::{Jobs, Limits, Refresh, Status, Worker, WorkerOptions};
use datajoint::prelude::*;
use datajoint::{Backend, PopulateReport, Value, attribute, source_of};

use crate::{Capabilities, Turn};

mod clock;
mod outlook;
mod python;
mod reading;
mod running;
mod waking;

pub use clock::clocks_that_are_put_back_or_forward_free_nothing;
pub use outlook::it_is_told_why_a_job_would_be_done_or_not;
pub use python::a_queue_of_python_is_used_as_it_is;
pub use reading::claiming_and_ending_jobs_reads_no_others;
pub use running::{
    a_job_that_is_released_among_quick_ones_is_made_once, a_key_that_fails_among_quick_ones_fails_alone,
    a_key_that_takes_too_long_fails_alone, a_run_fills_the_tables_below, a_run_that_stays_makes_what_comes,
    claims_of_one_worker_at_once_keep_their_jobs, very_many_jobs_are_claimed_and_ended_at_once,
    who_finds_all_that_is_due_locked_waits, who_finds_nothing_due_takes_no_lease,
};
pub use waking::{
    a_key_that_comes_is_begun_beside_one_that_takes_long, new_rows_are_heard_of_when_they_are_committed,
};

mod tables {
    use std::collections::BTreeMap;
    use std::sync::Mutex;
    use std::time::{Duration, Instant};

    use datajoint::prelude::*;

    schema!("dj_conformance_queueing");

    #[table(Manual)]
    /// id : int32
    /// name : varchar(10)
    /// ---
    /// pause : int32    # (ms), below zero for one that fails
    pub(super) struct Source;

    #[table(Computed)]
    /// -> Source
    /// ---
    /// y : int32
    pub(super) struct Twice;

    /// What happens while a key is computed.
    pub(super) static MEANWHILE: Mutex<BTreeMap<i32, Box<dyn FnOnce() + Send>>> = Mutex::new(BTreeMap::new());

    impl Make for Twice {
        type Fetched = i32;
        type Computed = i32;

        async fn fetch(cx: &FetchContext<'_, Self>) -> MakeResult<i32> {
            Ok(cx.upstream::<Source>().fetch_one().await?.pause)
        }

        fn compute(key: &TwiceKey, pause: i32) -> MakeResult<i32> {
            let meanwhile = MEANWHILE.lock().unwrap().remove(&key.id);
            if let Some(meanwhile) = meanwhile {
                meanwhile();
            }
            match u64::try_from(pause) {
                Ok(pause) => {
                    let begin = Instant::now();
                    while let Some(left) = Duration::from_millis(pause).checked_sub(begin.elapsed()) {
                        if datajoint::should_stop() {
                            return Err("told to stop".into());
                        }
                        std::thread::sleep(left.min(Duration::from_millis(20)));
                    }
                }
                Err(_) => return Err(format!("`{}` can't be made: {pause} is below zero", key.name).into()),
            }
            Ok(pause)
        }

        async fn insert(cx: &mut InsertContext<'_, Self>, pause: i32) -> MakeResult<()> {
            let TwiceKey { id, name } = cx.key().clone();
            cx.insert(TwiceRow { id, name, y: 2 * pause }).await
        }
    }

    #[table(Computed)]
    /// -> Twice
    /// ---
    /// z : int32
    pub(super) struct Below;

    impl PlainMake for Below {
        const RESOURCES: &'static [&'static str] = &["gpu"];

        async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
            let TwiceRow { id, name, y } = cx.upstream::<Twice>().fetch_one().await?;
            cx.insert(BelowRow { id, name, z: y + 1 }).await
        }
    }

    pipeline! {
        pub(super) struct Pipeline { Source, Twice, Below }
    }
}

use tables::{MEANWHILE, Pipeline, Source, SourceRow, Twice, TwiceKey};

static TURN: Turn = Turn::new("dj_conformance_queueing");

/// The number of the first source.
const FIRST: i32 = 1000;

/// Sources with these pauses.
async fn fill(dj: &Instance, pauses: impl IntoIterator<Item = i32>) {
    dj.activate::<Pipeline>().await.unwrap();
    let row = |(id, pause)| SourceRow { id, name: format!("n{id}"), pause };
    let rows: Vec<SourceRow> = (FIRST..).zip(pauses).map(row).collect();
    Source.insert(dj, rows).await.unwrap();
}

async fn populate(dj: &Instance) -> PopulateReport<TwiceKey> {
    let populate = Twice.populate(dj).reserve_jobs(true).suppress_errors(true).stop_on_ctrl_c(false);
    populate.run().await.unwrap()
}

async fn queue(dj: &Instance) -> Jobs {
    Jobs::open(dj, dj.table("dj_conformance_queueing.Twice").await.unwrap().table()).await.unwrap()
}

async fn refresh(dj: &Instance, jobs: &Jobs, options: Refresh) -> [u64; 4] {
    let table = dj.table("dj_conformance_queueing.Twice").await.unwrap();
    let done = jobs.refresh(&source_of(dj, &table).await.unwrap(), &options).await.unwrap();
    [done.added, done.removed, done.orphaned, done.re_pended]
}

fn options(lease: u64) -> WorkerOptions {
    WorkerOptions {
        lease: Duration::from_millis(lease),
        limits: Limits::default(),
        keep_completed: false,
        version: String::new(),
        priority: None,
        among: None,
    }
}

/// How many jobs are pending, reserved, done, failed and ignored.
async fn counts(jobs: &Jobs) -> [u64; 5] {
    let counts = jobs.counts().await.unwrap();
    [counts.pending, counts.reserved, counts.success, counts.error, counts.ignore]
}

/// Begins a worker that claims so many jobs and dies with them, as by a kill.
async fn dies_with(dj: &Instance, lease: u64, jobs: usize) {
    let settings = dj.settings().clone();
    let work = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.unwrap();
        runtime.block_on(async {
            let dj = Instance::connect(settings).await.unwrap();
            let worker = Worker::begin(&queue(&dj).await, options(lease)).await.unwrap();
            let suspects = worker.claim(jobs, false).await.unwrap().is_empty();
            if suspects {
                assert_eq!(worker.claim(jobs, true).await.unwrap().len(), jobs);
            }
            std::mem::forget(worker);
        });
        runtime.shutdown_background();
    };
    tokio::task::spawn_blocking(work).await.unwrap();
}

/// Several clients at once: each key is made once, and nothing stays in the queue.
pub async fn reserved_keys_are_made_once_by_many(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj, [1; 60]).await;
    let jobs = queue(dj).await;
    assert_eq!(refresh(dj, &jobs, Refresh::default()).await, [60, 0, 0, 0]);
    let run = async || {
        let populate = Twice.populate(dj).reserve_jobs(true).workers(2).stop_on_ctrl_c(false);
        populate.run().await.unwrap()
    };
    let (one, two, three) = tokio::join!(run(), run(), run());
    let made = one.success_count + two.success_count + three.success_count;
    assert_eq!((made, one.skipped + two.skipped + three.skipped), (60, 0), "{one}\n{two}\n{three}");
    assert_eq!(Twice.count(dj).await.unwrap(), 60);
    assert_eq!(counts(&jobs).await, [0; 5]);
    turn.end(dj).await;
}

/// A job that failed says why, is left alone, and is done when it is tried again.
pub async fn a_failed_job_waits_to_be_tried_again(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj, [0, -7, -8, 0]).await;
    let report = populate(dj).await;
    assert_eq!((report.success_count, report.errors.len(), report.remaining), (2, 2, 2), "{report}");
    let jobs = queue(dj).await;
    assert_eq!(counts(&jobs).await, [0, 0, 0, 2, 0]);
    let groups = jobs.failures().await.unwrap();
    assert_eq!((groups.len(), groups[0].count), (1, 2), "{groups:?}");
    assert!(groups[0].message.contains("is below zero"), "{groups:?}");
    let row = jobs.query().restrict(attribute("id").eq(FIRST + 1)).fetch_one(dj).await.unwrap();
    let stack: String = row.blob("error_stack").unwrap();
    assert!(stack.contains("-7 is below zero"), "{stack}");
    assert_eq!(populate(dj).await.success_count, 0);

    for id in [1, 2].map(|number| FIRST + number) {
        Source.update_one(dj, SourceRow { id, name: format!("n{id}"), pause: 0 }).await.unwrap();
    }
    assert_eq!(jobs.retry(attribute("id").eq(FIRST + 1)).await.unwrap(), 1);
    assert_eq!(populate(dj).await.success_count, 1);
    assert_eq!(jobs.ignore(true).await.unwrap(), 1);
    assert_eq!(counts(&jobs).await, [0, 0, 0, 0, 1]);
    assert_eq!(populate(dj).await.success_count, 0);
    assert_eq!(jobs.clear(true, &[Status::Ignore]).await.unwrap(), 1);
    assert_eq!(populate(dj).await.success_count, 1);
    turn.end(dj).await;
}

/// Only keys that meet the restriction, and jobs that are urgent enough.
pub async fn restrictions_priorities_and_limits_hold(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj, [0; 12]).await;
    let (low, jobs) = (FIRST, queue(dj).await);
    let of = |restriction: Condition| {
        Twice.populate(dj).restrict(restriction).reserve_jobs(true).stop_on_ctrl_c(false)
    };
    assert_eq!(of(Source::id.lt(low + 4)).run().await.unwrap().success_count, 4);
    assert_eq!(counts(&jobs).await, [0; 5], "no other job was added");
    assert_eq!(refresh(dj, &jobs, Refresh { priority: Some(9), ..Refresh::default() }).await, [8, 0, 0, 0]);
    let report = of(Source::id.lt(low + 6)).priority(3).run().await.unwrap();
    assert_eq!(report.success_count, 0, "{report}");
    assert_eq!(of(Source::id.lt(low + 6)).run().await.unwrap().success_count, 2);
    let limited = of(Condition::constant(true)).priority(9).max_calls(3).run().await.unwrap();
    assert_eq!((limited.success_count, counts(&jobs).await), (3, [3, 0, 0, 0, 0]));
    turn.end(dj).await;
}

/// A result is not written when its job was given to somebody else meanwhile.
pub async fn a_result_whose_job_was_taken_over_is_not_written(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj, [0]).await;
    let jobs = queue(dj).await;
    let (runtime, taken, by) = (tokio::runtime::Handle::current(), jobs.clone(), dj.clone());
    let thief = Arc::new(std::sync::Mutex::new(None));
    let kept = Arc::clone(&thief);
    let steal = move || {
        runtime.block_on(async {
            assert_eq!(taken.release(true).await.unwrap(), 1);
            let worker = Worker::begin(&queue(&by).await, options(30_000)).await.unwrap();
            assert_eq!(worker.claim(5, false).await.unwrap().len(), 1);
            *kept.lock().unwrap() = Some(worker);
        });
    };
    MEANWHILE.lock().unwrap().insert(FIRST, Box::new(steal));
    let report = populate(dj).await;
    assert_eq!((report.success_count, report.lost), (0, 1), "{report}");
    assert_eq!(Twice.count(dj).await.unwrap(), 0);
    assert_eq!(counts(&jobs).await, [0, 1, 0, 0, 0]);
    let worker = thief.lock().unwrap().take().unwrap();
    worker.end().await.unwrap();
    assert_eq!(populate(dj).await.success_count, 1);

    // One whose job is gone altogether, as a late worker of Python may leave it, is written once.
    Twice.delete(dj).confirmed().await.unwrap();
    let (runtime, removed) = (tokio::runtime::Handle::current(), jobs.clone());
    let remove = move || {
        runtime.block_on(async {
            removed.release(true).await.unwrap();
            assert_eq!(removed.clear(true, &[Status::Pending]).await.unwrap(), 1);
        });
    };
    MEANWHILE.lock().unwrap().insert(FIRST, Box::new(remove));
    let report = populate(dj).await;
    assert_eq!((report.success_count, report.lost), (1, 0), "{report}");
    turn.end(dj).await;
}

/// Jobs of a worker that died are free when its lease has run out, and done by others.
pub async fn jobs_of_a_worker_that_died_are_done_by_others(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj, [0; 4]).await;
    let jobs = queue(dj).await;
    refresh(dj, &jobs, Refresh::default()).await;
    dies_with(dj, 1000, 3).await;
    assert_eq!(counts(&jobs).await, [1, 3, 0, 0, 0]);
    assert_eq!(populate(dj).await.success_count, 1, "the lease of the other runs still");
    let begin = Instant::now();
    let mut made = 0;
    while made < 3 && begin.elapsed() < Duration::from_secs(20) {
        tokio::time::sleep(Duration::from_millis(200)).await;
        made += populate(dj).await.success_count;
    }
    assert_eq!((made, counts(&jobs).await), (3, [0; 5]));
    turn.end(dj).await;
}

/// A key that takes one worker after the other down is left alone; the others are made.
pub async fn a_key_that_takes_workers_down_is_quarantined(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj, [0]).await;
    let jobs = queue(dj).await;
    refresh(dj, &jobs, Refresh::default()).await;
    let reaper = Worker::begin(&jobs, options(60_000)).await.unwrap();
    for losses in 1..=3 {
        dies_with(dj, 1, 1).await;
        let begin = Instant::now();
        while counts(&jobs).await[1] > 0 && begin.elapsed() < Duration::from_secs(10) {
            reaper.reap().await.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let expected = if losses < 3 { [1, 0, 0, 0, 0] } else { [0, 0, 0, 1, 0] };
        assert_eq!(counts(&jobs).await, expected, "after {losses}");
    }
    reaper.end().await.unwrap();
    let groups = jobs.failures().await.unwrap();
    assert!(groups[0].message.starts_with("quarantined: 3 workers died"), "{groups:?}");
    assert_eq!(jobs.retry(true).await.unwrap(), 1);
    assert_eq!(populate(dj).await.success_count, 1);
    turn.end(dj).await;
}

/// What is done again, removed and freed by a refresh, as by Python's.
pub async fn a_refresh_keeps_to_the_rules_of_python(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let keeping = dj.with_settings(|settings| settings.jobs.keep_completed = true);
    fill(dj, [0, 0, 0, -1]).await;
    assert_eq!(populate(&keeping).await.success_count, 3);
    let jobs = queue(&keeping).await;
    assert_eq!(counts(&jobs).await, [0, 0, 3, 1, 0]);
    let row = jobs.query().restrict(attribute("id").eq(FIRST)).fetch_one(dj).await.unwrap();
    assert!(row.get::<f64>("duration").unwrap() > 0.0);

    let first = Source::id.eq(FIRST);
    (Twice & first).delete(dj).confirmed().await.unwrap();
    assert_eq!(refresh(dj, &queue(dj).await, Refresh::default()).await, [0; 4], "only where jobs are kept");
    assert_eq!(refresh(dj, &jobs, Refresh::default()).await, [0, 0, 0, 1]);
    assert_eq!(counts(&jobs).await, [1, 0, 2, 1, 0]);

    // Keys that are gone: done and failed ones at once, others when they are old.
    Source.delete(dj).confirmed().await.unwrap();
    assert_eq!(refresh(dj, &jobs, Refresh::default()).await, [0, 3, 0, 0]);
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert_eq!(refresh(dj, &jobs, Refresh { stale_timeout: Some(0), ..Refresh::default() }).await, [0; 4]);
    assert_eq!(
        refresh(dj, &jobs, Refresh { stale_timeout: Some(1), ..Refresh::default() }).await,
        [0, 1, 0, 0]
    );

    // Reserved for long: free unless the worker has a lease.
    fill(dj, [0, 0]).await;
    assert_eq!(refresh(dj, &jobs, Refresh::default()).await[0], 2);
    let worker = Worker::begin(&jobs, options(60_000)).await.unwrap();
    assert_eq!(worker.claim(1, false).await.unwrap().len(), 1);
    tokio::time::sleep(Duration::from_millis(1200)).await;
    let old = Refresh { orphan_timeout: Some(1.0), ..Refresh::default() };
    assert_eq!(refresh(dj, &jobs, old.clone()).await, [0; 4]);
    worker.end().await.unwrap();
    assert_eq!(counts(&jobs).await, [2, 0, 0, 0, 0]);
    turn.end(dj).await;
}

/// A job that comes in and is more urgent waits for the key at hand, and for no other that was claimed.
pub async fn an_urgent_job_waits_for_one_key_at_most(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    // Short ones first, so that many are claimed at once; then one during which the urgent job comes.
    let mut pauses = vec![0; 12];
    pauses.extend([120; 10]);
    fill(dj, pauses).await;
    let (low, jobs) = (FIRST, queue(dj).await);
    refresh(dj, &jobs, Refresh::default()).await;
    let (runtime, by) = (tokio::runtime::Handle::current(), dj.clone());
    let urgent = move || {
        runtime.block_on(async {
            let id = low + 500;
            Source.insert_one(&by, SourceRow { id, name: "urgent".to_owned(), pause: 0 }).await.unwrap();
            let options = Refresh { priority: Some(0), delay: -1.0, ..Refresh::default() };
            assert_eq!(refresh(&by, &queue(&by).await, options).await[0], 1);
        });
    };
    MEANWHILE.lock().unwrap().insert(low + 12, Box::new(urgent));
    let made = Arc::new(std::sync::Mutex::new(0));
    let (seen, by, runtime) = (Arc::clone(&made), dj.clone(), tokio::runtime::Handle::current());
    MEANWHILE.lock().unwrap().insert(
        low + 500,
        Box::new(move || *seen.lock().unwrap() = runtime.block_on(Twice.count(&by)).unwrap()),
    );
    assert_eq!(populate(dj).await.success_count, 23);
    assert_eq!(*made.lock().unwrap(), 13, "those before, and the one during which it came");
    turn.end(dj).await;
}

/// A job that failed because of what may pass is due again after a while.
pub async fn what_may_pass_is_tried_again_later(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj, [0]).await;
    let id = FIRST;
    for _ in 0..2 {
        let (runtime, by) = (tokio::runtime::Handle::current(), dj.clone());
        let change = move || {
            let name = format!("n{id}");
            let pause = runtime.block_on(Source.fetch_one(&by)).unwrap().pause + 1;
            runtime.block_on(Source.update_one(&by, SourceRow { id, name, pause })).unwrap();
        };
        MEANWHILE.lock().unwrap().insert(id, Box::new(change));
        let report = populate(dj).await;
        assert_eq!((report.postponed, report.success_count), (1, 0), "{report}");
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_millis(2500) {
            tokio::time::sleep(Duration::from_millis(100)).await;
            if MEANWHILE.lock().unwrap().contains_key(&id) {
                break;
            }
        }
    }
    assert_eq!(populate(dj).await.success_count, 1);
    turn.end(dj).await;
}

/// The key of a job as the queue has it is the key that was inserted.
pub async fn jobs_have_the_keys_of_their_sources(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj, [0]).await;
    let jobs = queue(dj).await;
    refresh(dj, &jobs, Refresh::default()).await;
    let worker = Worker::begin(&jobs, options(60_000)).await.unwrap();
    let claimed = worker.claim(9, false).await.unwrap();
    let id = i64::from(FIRST);
    assert_eq!(claimed[0].key, [Value::Int(id), Value::Text(format!("n{id}"))]);
    assert_eq!((claimed.len(), claimed[0].priority), (1, 5));
    let row = jobs.query().fetch_one(dj).await.unwrap();
    assert_eq!(row.get::<i64>("connection_id").unwrap(), -worker.incarnation());
    assert_eq!(jobs.counts().await.unwrap().without_lease, 0);
    let holders = jobs.holders().await.unwrap();
    assert_eq!((holders.len(), holders[0].count, holders[0].pid), (1, 1, std::process::id().into()));
    assert!(!holders[0].since.is_empty() && !holders[0].host.is_empty(), "{holders:?}");
    assert_eq!(jobs.oldest().await.unwrap(), None);
    worker.give_back(&[claimed[0].key.clone()]).await.unwrap();
    assert_eq!(counts(&jobs).await, [1, 0, 0, 0, 0]);
    worker.end().await.unwrap();
    assert_eq!(jobs.holders().await.unwrap(), []);
    assert!(jobs.oldest().await.unwrap().is_some());
    turn.end(dj).await;
}

/// A worker that lives keeps its jobs for longer than its lease, however often others look.
pub async fn a_worker_that_lives_keeps_its_jobs(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj, [0; 3]).await;
    let jobs = queue(dj).await;
    refresh(dj, &jobs, Refresh::default()).await;
    let worker = Worker::begin(&jobs, options(3000)).await.unwrap();
    let other = Worker::begin(&jobs, options(3000)).await.unwrap();
    assert_eq!(worker.claim(2, false).await.unwrap().len(), 2);
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_millis(4500) {
        assert_eq!(other.reap().await.unwrap(), 0);
        assert_eq!(jobs.counts().await.unwrap().without_lease, 0);
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    assert_eq!(counts(&jobs).await, [1, 2, 0, 0, 0]);
    worker.end().await.unwrap();
    other.end().await.unwrap();
    assert_eq!(counts(&jobs).await, [3, 0, 0, 0, 0]);
    turn.end(dj).await;
}

/// On PostgreSQL a worker that died shows by its lock, long before its lease ends.
pub async fn a_worker_that_died_is_found_by_its_lock(dj: &Instance, _: Capabilities) {
    if dj.backend() != Backend::Postgresql || dj.database().shares_sessions() {
        return;
    }
    let turn = TURN.take(dj).await;
    fill(dj, [0; 3]).await;
    let jobs = queue(dj).await;
    refresh(dj, &jobs, Refresh::default()).await;
    dies_with(dj, 600_000, 3).await;
    let other = Worker::begin(&jobs, options(600_000)).await.unwrap();
    let begin = Instant::now();
    while counts(&jobs).await[1] > 0 {
        assert!(begin.elapsed() < Duration::from_secs(20), "it is not found");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    other.end().await.unwrap();
    assert_eq!(counts(&jobs).await, [3, 0, 0, 0, 0]);
    turn.end(dj).await;
}

/// A name in a restriction that the queue does not have is told with the queue and the name that is near.
pub async fn a_wrong_name_of_an_operator_is_told(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj, [0]).await;
    let jobs = queue(dj).await;
    let wrong = || datajoint::sql("priorit = 3", [0; 0]);
    let mut told = vec![
        jobs.retry(wrong()).await,
        jobs.ignore(wrong()).await,
        jobs.clear(wrong(), &Status::ALL).await,
        jobs.release(wrong()).await,
    ];
    let table = dj.table("dj_conformance_queueing.Twice").await.unwrap();
    let restrictions = vec![datajoint::sql("nam = 'n1'", [0; 0])];
    let options = Refresh { restrictions, ..Refresh::default() };
    let source = source_of(dj, &table).await.unwrap();
    told.push(jobs.refresh(&source, &options).await.map(|done| done.added));
    for (told, parts) in told
        .into_iter()
        .zip([["~~twice", "priorit", "`priority`"]; 4].into_iter().chain([["source", "nam", "`name`"]]))
    {
        let error = told.unwrap_err().to_string();
        assert!(parts.iter().all(|part| error.to_lowercase().contains(part)), "{error}");
    }
    turn.end(dj).await;
}
