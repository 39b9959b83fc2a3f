//! What is to become of jobs.

use std::time::{Duration, Instant};

use datajoint::jobs::{Jobs, Reason, Refresh, Worker};
use datajoint::prelude::*;

use super::tables::Source;
use super::{FIRST, TURN, Twice, dies_with, fill, options, queue, refresh};
use crate::Capabilities;

/// Adds the job of one key.
async fn add(dj: &Instance, jobs: &Jobs, number: i32, options: Refresh) {
    let restrictions = vec![Source::id.eq(FIRST + number)];
    assert_eq!(refresh(dj, jobs, Refresh { restrictions, ..options }).await[0], 1);
}

/// The reasons of all jobs, in the order of their keys.
async fn reasons(jobs: &Jobs, priority: Option<u8>) -> Vec<Reason> {
    let mut all = jobs.outlook(true, priority, 100).await.unwrap();
    all.sort_by_key(|job| job.key.get::<i32>("id").unwrap());
    all.into_iter().map(|job| job.reason).collect()
}

/// Of each job that is not done it is told whether it would be done now, and why.
pub async fn it_is_told_why_a_job_would_be_done_or_not(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj, [-1, 0, 0, 0, 0, 0]).await;
    let jobs = queue(dj).await;
    let at_once = || Refresh { delay: -1.0, ..Refresh::default() };
    // One fails, one is ignored, a worker has one, one was lost with its worker, one waits for its time, and one is due.
    add(dj, &jobs, 0, at_once()).await;
    Twice.populate(dj).reserve_jobs(true).refresh(false).suppress_errors(true).run().await.unwrap();
    add(dj, &jobs, 1, at_once()).await;
    assert_eq!(jobs.ignore(Source::id.eq(FIRST + 1)).await.unwrap(), 1);
    add(dj, &jobs, 2, at_once()).await;
    let worker = Worker::begin(&jobs, options(60_000)).await.unwrap();
    assert_eq!(worker.claim(1, false).await.unwrap().len(), 1);
    add(dj, &jobs, 3, at_once()).await;
    // Long enough that it frees nothing of its own before it dies.
    dies_with(dj, 300, 1).await;
    add(dj, &jobs, 4, Refresh { delay: 3600.0, ..Refresh::default() }).await;
    add(dj, &jobs, 5, Refresh { priority: Some(9), ..at_once() }).await;

    let begin = Instant::now();
    let mut told = reasons(&jobs, None).await;
    while !matches!(told[3], Reason::Lost { .. }) && begin.elapsed() < Duration::from_secs(20) {
        tokio::time::sleep(Duration::from_millis(100)).await;
        told = reasons(&jobs, None).await;
    }
    let runs: Vec<bool> = told.iter().map(Reason::runs).collect();
    assert_eq!(runs, [false, false, false, true, false, true], "{told:?}");
    let Reason::Failed { message } = &told[0] else { panic!("{told:?}") };
    assert!(message.contains("-1 is below zero"), "{message}");
    let pid = i64::from(std::process::id());
    assert_eq!(told[1], Reason::Ignored);
    assert!(matches!(&told[2], Reason::Reserved { pid: of, .. } if *of == pid), "{told:?}");
    assert!(matches!(&told[3], Reason::Lost { pid: of, .. } if *of == pid), "{told:?}");
    let (Reason::Later { from }, Reason::Due { since }) = (&told[4], &told[5]) else { panic!("{told:?}") };
    assert!(from > since, "{told:?}");
    assert_eq!(reasons(&jobs, Some(5)).await[5], Reason::LessUrgent { priority: 9 });
    assert_eq!(jobs.outlook(Source::id.gt(FIRST + 3), None, 100).await.unwrap().len(), 2);
    assert_eq!(jobs.outlook(true, None, 2).await.unwrap().len(), 2);
    worker.end().await.unwrap();
    turn.end(dj).await;
}
