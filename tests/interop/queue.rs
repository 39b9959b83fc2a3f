//! Job queues that both sides work on.

use std::time::Duration;

use datajoint::jobs::{Jobs, Limits, Refresh, Worker, WorkerOptions};
use datajoint::prelude::*;
use datajoint::source_of;
use serde_json::json;

use crate::beside::Beside;
use crate::lab::{
    Lab, Session, SessionRow, Subject, SubjectRow, SubjectSex, Total, TotalShare, lab_in_python,
};
use crate::stamps::{in_zone, leave_zone};
use crate::tables::for_python;

const SESSIONS: i16 = 120;

async fn fill(dj: &Instance) {
    dj.activate::<Lab>().await.unwrap();
    let born = Some("2024-02-29".parse().unwrap());
    let ada = SubjectRow { subject_id: 1, name: "Ada".to_owned(), sex: SubjectSex::F, born };
    Subject.insert_one(dj, ada).await.unwrap();
    let session = |session| SessionRow {
        subject_id: 1,
        session,
        method: None,
        other: None,
        weight: f64::from(session),
        started: OrDefault::Value("2024-01-02T03:04:05".parse().unwrap()),
    };
    Session.insert(dj, (1..=SESSIONS).map(session)).await.unwrap();
}

async fn populate(dj: &Instance) -> usize {
    let populate = Total.populate(dj).reserve_jobs(true).workers(2).stop_on_ctrl_c(false);
    let report = populate.run().await.unwrap();
    assert_eq!((report.lost, report.skipped), (0, 0), "{report}");
    report.success_count
}

/// Workers of both sides at the same time: each key is made once, and nothing stays in the queue.
pub(crate) async fn workers_of_both_sides_share_a_queue(beside: &mut Beside) {
    let (schema, dj) = (beside.schema("lab"), beside.typed("lab"));
    fill(&dj).await;
    beside.declare_in_python(&schema, &lab_in_python(), &[]).unwrap();
    // Python declares a queue below no lock, so that it fails where another worker does so at that moment.
    let jobs = Jobs::open(&dj, &dj.resolve(<Total as datajoint::Table>::spec()).unwrap()).await.unwrap();
    let total = dj.table(&format!("{schema}.Total")).await.unwrap();
    jobs.refresh(&source_of(&dj, &total).await.unwrap(), &Refresh::default()).await.unwrap();
    beside.python.ask("populate", &json!({"cls": "Total", "reserve_jobs": true}));
    let mut ours = 0;
    while Total.count(&dj).await.unwrap() < SESSIONS.unsigned_abs().into() {
        ours += populate(&dj).await;
    }
    let made = beside.python.answer().unwrap();
    let theirs = usize::try_from(made["success_count"].as_u64().unwrap()).unwrap();
    assert_eq!((ours + theirs, &made["errors"]), (120, &json!(0)), "{ours} of Rust, {theirs} of Python");
    assert_eq!(TotalShare.count(&dj).await.unwrap(), 360);
    assert_eq!(jobs.counts().await.unwrap().total(), 0);
}

/// Jobs that one side adds are due for the other at once.
pub(crate) async fn each_side_does_the_jobs_that_the_other_added(beside: &mut Beside) {
    let (schema, dj) = (beside.schema("lab"), beside.typed("lab"));
    fill(&dj).await;
    beside.declare_in_python(&schema, &lab_in_python(), &[]).unwrap();
    let total = dj.table(&format!("{schema}.Total")).await.unwrap();
    let jobs = Jobs::open(&dj, total.table()).await.unwrap();
    let added = jobs.refresh(&source_of(&dj, &total).await.unwrap(), &Refresh::default()).await.unwrap();
    assert_eq!(added.added, 120);
    beside.python.call("configure", &json!({"name": "jobs.auto_refresh", "value": false}));
    let made = beside.python.call("populate", &json!({"cls": "Total", "reserve_jobs": true}));
    assert_eq!(made, json!({"success_count": 120, "errors": 0}));

    Total.delete(&dj).confirmed().await.unwrap();
    let added = beside.python.call("refresh_jobs", &json!({"cls": "Total"}));
    assert_eq!(added, json!({"added": 120, "removed": 0, "orphaned": 0, "re_pended": 0}));
    let populate = Total.populate(&dj).reserve_jobs(true).refresh(false).stop_on_ctrl_c(false);
    assert_eq!(populate.run().await.unwrap().success_count, 120);
}

/// A job of Rust that is reserved is left alone by Python, and one of Python by Rust.
pub(crate) async fn reserved_jobs_are_left_alone_by_the_other_side(beside: &mut Beside) {
    let (schema, dj) = (beside.schema("lab"), beside.typed("lab"));
    fill(&dj).await;
    beside.declare_in_python(&schema, &lab_in_python(), &[]).unwrap();
    // Python's queue comes first, without what Rust keeps beside it.
    beside.python.call("refresh_jobs", &json!({"cls": "Total"}));
    beside.python.call("reserve_job", &json!({"cls": "Total", "key": {"subject_id": 1, "session": 7}}));
    assert_eq!(populate(&dj).await, 119);
    let total = dj.table(&format!("{schema}.Total")).await.unwrap();
    let jobs = Jobs::open(&dj, total.table()).await.unwrap();
    let counts = jobs.counts().await.unwrap();
    assert_eq!((counts.total(), counts.reserved, counts.without_lease), (1, 1, 1));
    beside.python.call("fail_job", &json!({"cls": "Total", "key": {"subject_id": 1, "session": 7}}));
    assert_eq!(jobs.failures().await.unwrap()[0].message, "ValueError: on purpose");
    assert_eq!(jobs.retry(true).await.unwrap(), 1);
    let made = beside.python.call("populate", &json!({"cls": "Total", "reserve_jobs": true}));
    assert_eq!(made, json!({"success_count": 1, "errors": 0}));
}

/// On a server whose clock is not UTC each side does the other's jobs at once, and frees none that is in hand.
pub(crate) async fn jobs_are_due_and_old_by_one_clock_in_any_time_zone(beside: &mut Beside) {
    // A zone of one user alone, which all of its sessions have; elsewhere it would be that of the cases beside this one.
    if !beside.server.is_postgres() {
        return;
    }
    let schema = beside.schema("lab");
    let (rust, mut python) = in_zone(beside).await;
    let dj = beside.prefixed(&rust);
    fill(&dj).await;
    let tables = for_python(&lab_in_python());
    python.call("declare", &json!({"schema": schema, "tables": tables, "adopt": []}));
    let total = dj.table(&format!("{schema}.Total")).await.unwrap();
    let (jobs, source) =
        (Jobs::open(&dj, total.table()).await.unwrap(), source_of(&dj, &total).await.unwrap());
    jobs.refresh(&source, &Refresh::default()).await.unwrap();
    python.call("reserve_job", &json!({"cls": "Total", "key": {"subject_id": 1, "session": 7}}));
    let options = WorkerOptions {
        lease: Duration::from_mins(1),
        limits: Limits::default(),
        keep_completed: false,
        version: String::new(),
        priority: None,
        among: None,
    };
    let worker = Worker::begin(&jobs, options).await.unwrap();
    assert_eq!(worker.claim(5, false).await.unwrap().len(), 5);

    // Hours between two clocks would make them old.
    let theirs = python.call("refresh_jobs", &json!({"cls": "Total", "orphan_timeout": 1800}));
    assert_eq!(theirs["orphaned"], json!(0), "{theirs}");
    let refresh = Refresh { orphan_timeout: Some(1800.0), ..Refresh::default() };
    assert_eq!(jobs.refresh(&source, &refresh).await.unwrap().orphaned, 0);
    assert_eq!(worker.reap().await.unwrap(), 0);
    assert_eq!(jobs.counts().await.unwrap().reserved, 6);

    python.call("configure", &json!({"name": "jobs.auto_refresh", "value": false}));
    python.ask("populate", &json!({"cls": "Total", "reserve_jobs": true}));
    let ours = populate(&dj).await;
    let made = python.answer().unwrap();
    let theirs = usize::try_from(made["success_count"].as_u64().unwrap()).unwrap();
    assert_eq!((ours + theirs, &made["errors"]), (114, &json!(0)), "{ours} of Rust, {theirs} of Python");
    // What is reserved for as long as a lease is old for both sides.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let theirs = python.call("refresh_jobs", &json!({"cls": "Total", "orphan_timeout": 1}));
    assert_eq!(theirs["orphaned"], json!(6), "{theirs}");
    assert_eq!(populate(&dj).await, 6);
    assert_eq!(Total.count(&dj).await.unwrap(), 120);
    worker.end().await.unwrap();
    assert_eq!(jobs.counts().await.unwrap().total(), 0);
    leave_zone(beside, &schema, rust, python).await;
}
