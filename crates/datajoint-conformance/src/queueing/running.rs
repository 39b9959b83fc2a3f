//! Keys that share a transaction, limits of keys, and runs of a whole pipeline.

use std::time::{Duration, Instant};

use datajoint::jobs::Worker;
use datajoint::prelude::*;
use datajoint::{Maker, Orders, PopulateError, Run, attribute};
use datajoint_sql::{Access, Statement};

use super::tables::{Below, MEANWHILE, Source, SourceRow, Twice};
use super::{FIRST, TURN, counts, fill, options, populate, queue, refresh};
use crate::Capabilities;

/// More jobs than one statement binds keys of are claimed, given back and ended all the same.
pub async fn very_many_jobs_are_claimed_and_ended_at_once(dj: &Instance, _: Capabilities) {
    const MANY: u64 = 25_000;
    let turn = TURN.take(dj).await;
    fill(dj, (0..MANY).map(|_| 0)).await;
    let jobs = queue(dj).await;
    assert_eq!(refresh(dj, &jobs, datajoint::jobs::Refresh::default()).await, [MANY, 0, 0, 0]);
    let worker = Worker::begin(&jobs, options(60_000)).await.unwrap();
    let claim = async || {
        let claimed = worker.claim(usize::try_from(MANY).unwrap(), false).await.unwrap();
        claimed.into_iter().map(|job| job.key).collect::<Vec<_>>()
    };
    let keys = claim().await;
    assert_eq!((keys.len() as u64, counts(&jobs).await), (MANY, [0, MANY, 0, 0, 0]));
    worker.give_back(&keys).await.unwrap();
    assert_eq!(counts(&jobs).await, [MANY, 0, 0, 0, 0]);
    let done: Vec<_> = claim().await.into_iter().map(|key| (key, 0.5)).collect();
    let mut transaction = dj.begin().await.unwrap();
    assert!(worker.settle_all(&mut transaction, &done).await.unwrap(), "they are its own");
    transaction.commit().await.unwrap();
    assert_eq!(counts(&jobs).await, [0; 5]);
    worker.end().await.unwrap();
    turn.end(dj).await;
}

/// A worker that is asked for jobs several times at once keeps all that it was told of.
pub async fn claims_of_one_worker_at_once_keep_their_jobs(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj, [0; 60]).await;
    let jobs = queue(dj).await;
    refresh(dj, &jobs, datajoint::jobs::Refresh::default()).await;
    let worker = Worker::begin(&jobs, options(60_000)).await.unwrap();
    for _ in 0..5 {
        let (one, two, three) =
            tokio::join!(worker.claim(4, false), worker.claim(4, false), worker.claim(4, false));
        let all = [one, two, three].into_iter().flat_map(Result::unwrap).map(|job| job.key);
        assert_eq!(all.collect::<Vec<_>>().len(), 12);
    }
    assert_eq!(counts(&jobs).await, [0, 60, 0, 0, 0], "none was given back");
    worker.end().await.unwrap();
    turn.end(dj).await;
}

/// Jobs that others lock while they choose some of them are still due: a worker that finds none waits a little.
pub async fn who_finds_all_that_is_due_locked_waits(dj: &Instance, _: Capabilities) {
    if !dj.backend().capability().has_row_locks {
        return;
    }
    let turn = TURN.take(dj).await;
    fill(dj, [0; 12]).await;
    let jobs = queue(dj).await;
    refresh(dj, &jobs, datajoint::jobs::Refresh::default()).await;
    let table = dj.resolve(<Twice as datajoint::Table>::spec()).unwrap().name.clone();
    let hidden = datajoint_sql::table_reference(dj.backend(), &table.jobs());
    let mut other = dj.database().begin(Access::Write).await.unwrap();
    let locked = other.fetch(&Statement::plain(format!("SELECT 1 FROM {hidden} FOR UPDATE"))).await.unwrap();
    assert_eq!(locked.len(), 12);
    let end = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        other.rollback().await.unwrap();
    };
    let (report, ()) = tokio::join!(populate(dj), end);
    assert_eq!((report.success_count, report.remaining), (12, 0), "{report}");
    turn.end(dj).await;
}

/// Quick keys are written together. One that fails among them fails alone.
pub async fn a_key_that_fails_among_quick_ones_fails_alone(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj, (0..150).map(|number| if number % 40 == 39 { -number } else { 0 })).await;
    let report = populate(dj).await;
    assert_eq!((report.success_count, report.errors.len(), report.lost), (147, 3, 0), "{report}");
    assert_eq!(Twice.count(dj).await.unwrap(), 147);
    assert_eq!(counts(&queue(dj).await).await, [0, 0, 0, 3, 0]);
    turn.end(dj).await;
}

/// A job that is taken away while its key waits for others to be written with it is made again, by who has it then.
pub async fn a_job_that_is_released_among_quick_ones_is_made_once(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj, [0; 60]).await;
    let jobs = queue(dj).await;
    for taken in [20, 35, 50] {
        let (runtime, jobs) = (tokio::runtime::Handle::current(), jobs.clone());
        let release = move || {
            let others = attribute("id").ge(FIRST + taken - 3);
            runtime.block_on(jobs.release(others)).unwrap();
        };
        MEANWHILE.lock().unwrap().insert(FIRST + taken, Box::new(release));
    }
    let report = populate(dj).await;
    let made = report.success_count + report.skipped;
    assert_eq!((made, report.errors.len()), (60, 0), "{report}");
    assert_eq!((Twice.count(dj).await.unwrap(), counts(&jobs).await), (60, [0; 5]));
    turn.end(dj).await;
}

/// A key that takes too long fails, its computation is told, and the others are made.
pub async fn a_key_that_takes_too_long_fails_alone(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj, [0, 600_000, 0]).await;
    let populate = Twice.populate(dj).reserve_jobs(true).suppress_errors(true).stop_on_ctrl_c(false);
    let report = populate.time_limit(Duration::from_secs(2)).run().await.unwrap();
    assert_eq!((report.success_count, report.errors.len()), (2, 1), "{report}");
    let (key, error) = &report.errors[0];
    assert_eq!(key.id, FIRST + 1);
    assert!(matches!(error, PopulateError::TimeLimit { .. }), "{error}");
    let groups = queue(dj).await.failures().await.unwrap();
    assert!(groups[0].message.contains("took longer than 2 s"), "{groups:?}");
    // In no time nothing is made.
    Twice.delete(dj).confirmed().await.unwrap();
    for (reserves, late) in [(false, 3), (true, 2)] {
        let populate = Twice.populate(dj).reserve_jobs(reserves).suppress_errors(true);
        let report = populate.time_limit(Duration::ZERO).run().await.unwrap();
        assert_eq!((report.success_count, report.errors.len()), (0, late), "{report}");
    }
    turn.end(dj).await;
}

/// A run fills the tables below with what it made in those above, whatever order they are named in.
pub async fn a_run_fills_the_tables_below(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj, (0..40).map(|number| if number == 7 { -1 } else { 0 })).await;
    let makers = [Maker::of::<Below>(), Maker::of::<Twice>()];
    let made = Run::new(makers).workers(3).run(dj).await.unwrap();
    let counted = |made: &[datajoint::Made]| -> Vec<(&str, usize, usize)> {
        made.iter().map(|made| (made.table, made.success_count, made.errors.len())).collect()
    };
    assert_eq!(counted(&made), [("Twice", 39, 1), ("Below", 39, 0)]);
    assert_eq!(Below.count(dj).await.unwrap(), 39);
    let made = Run::new(makers).run(dj).await.unwrap();
    assert_eq!(counted(&made), [("Twice", 0, 0), ("Below", 0, 0)], "the failed key waits for somebody");
    turn.end(dj).await;
}

/// A run that stays makes what comes later.
pub async fn a_run_that_stays_makes_what_comes(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj, [0]).await;
    let by = dj.clone();
    let run = Run::new([Maker::of::<Twice>(), Maker::of::<Below>()])
        .orders(Orders { reserve_jobs: true, suppress_errors: true, workers: 2, ..Orders::default() })
        .stay(true);
    let stays = tokio::spawn(async move { run.run(&by).await });
    let begin = Instant::now();
    for id in FIRST..FIRST + 3 {
        if id > FIRST {
            Source.insert_one(dj, SourceRow { id, name: format!("n{id}"), pause: 0 }).await.unwrap();
        }
        while Below.count(dj).await.unwrap() <= u64::try_from(id - FIRST).unwrap() {
            assert!(begin.elapsed() < Duration::from_mins(1) && !stays.is_finished(), "nothing comes");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    stays.abort();
    assert!(stays.await.unwrap_err().is_cancelled());
    // What it had reserved is given back in the background.
    let jobs = queue(dj).await;
    while counts(&jobs).await[1] > 0 {
        assert!(begin.elapsed() < Duration::from_mins(1), "a job is held");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(refresh(dj, &jobs, datajoint::jobs::Refresh::default()).await, [0; 4]);
    turn.end(dj).await;
}

/// There is work where a job is due, or somebody is lost who reserved one; else nobody takes a lease.
pub async fn who_finds_nothing_due_takes_no_lease(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj, [0; 3]).await;
    let jobs = queue(dj).await;
    let lease = Duration::from_mins(1);
    assert!(!jobs.has_work(None, lease).await.unwrap(), "no job is there yet");
    refresh(dj, &jobs, datajoint::jobs::Refresh::default()).await;
    for (highest, has_work) in [(None, true), (Some(5), true), (Some(4), false)] {
        assert_eq!(jobs.has_work(highest, lease).await.unwrap(), has_work, "{highest:?}");
    }
    let worker = Worker::begin(&jobs, options(60_000)).await.unwrap();
    assert_eq!(worker.claim(3, false).await.unwrap().len(), 3);
    assert!(!jobs.has_work(None, lease).await.unwrap(), "a worker that lives has them all");
    let report = populate(dj).await;
    assert_eq!((report.success_count, report.remaining), (0, 3), "{report}");
    worker.end().await.unwrap();
    super::dies_with(dj, 500, 2).await;
    jobs.ignore(attribute("status").eq("pending")).await.unwrap();
    let begin = Instant::now();
    while !jobs.has_work(None, lease).await.unwrap() {
        assert!(begin.elapsed() < Duration::from_mins(1), "its lease has ended");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(populate(dj).await.success_count, 2);
    turn.end(dj).await;
}
