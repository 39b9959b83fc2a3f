//! Verbs on job queues, which stand as `state::prepare` leaves them.

use std::time::Duration;

use datajoint::jobs::{Jobs, Limits, Refresh, Status, Worker, WorkerOptions};
use datajoint::prelude::*;
use datajoint::{Orders, source_of};

use super::tables::*;
use super::{Outcome, World, verbs};

async fn open(w: &World) -> Outcome<Jobs> {
    let table = w.dj.resolve(<Total as datajoint::Table>::spec())?;
    Ok(Jobs::open(&w.dj, &table).await?)
}

async fn worker(w: &World) -> Outcome<Worker> {
    let options = WorkerOptions {
        lease: Duration::from_secs(30),
        limits: Limits::default(),
        keep_completed: false,
        version: String::new(),
        priority: None,
        among: None,
    };
    Ok(Worker::begin(&open(w).await?, options).await?)
}

/// A job that fails, and how it stands then.
async fn fail_one(w: &World, may_pass: bool) -> Outcome<()> {
    let worker = worker(w).await?;
    for job in worker.claim(1, false).await? {
        w.tell(worker.fail(&job.key, &std::io::Error::other("no reason"), may_pass).await?);
    }
    Ok(())
}

verbs! {
    "Instance::hidden_tables" Nothing |w| {
        w.tell_rows(w.dj.hidden_tables("dj_conformance_verbs").await?.iter().map(|table| &table.name))
    }
    "Instance::audit" Nothing |w| { w.tell(w.dj.audit("dj_conformance_verbs").await?.is_some()) }
    "Instance::prepare_audit" Nothing silent |w| {
        let audited = w.dj.with_settings(|settings| settings.guard.audit = true);
        audited.prepare_audit(&["dj_conformance_verbs".to_owned()]).await?
    }
    "Instance::declare_audit_on" Nothing silent |w| {
        let audited = w.dj.with_settings(|settings| settings.guard.audit = true);
        let mut connection = audited.database().acquire().await?;
        audited.declare_audit_on(&mut connection, "dj_conformance_verbs").await?
    }
    "Instance::declare_hidden" Nothing silent |w| { open(&w).await? }
    "source_of" Nothing |w| {
        let table = w.dj.table("dj_conformance_verbs.Total").await?;
        w.tell(source_of(&w.dj, &table).await?.count(&w.dj).await?)
    }
    "Jobs::open" Nothing silent |w| { open(&w).await? }
    "Jobs::find" Nothing |w| {
        let table = w.dj.resolve(<Total as datajoint::Table>::spec())?;
        w.tell(Jobs::find(&w.dj, &table).await?.is_some())
    }
    "Jobs::of" Nothing silent |w| {
        let table = w.dj.table("dj_conformance_verbs.Total").await?;
        Jobs::of(&w.dj, &table).await?
    }
    "Jobs::refresh" Whole |w| {
        let (jobs, table) = (open(&w).await?, w.dj.table("dj_conformance_verbs.Total").await?);
        w.tell(jobs.refresh(&source_of(&w.dj, &table).await?, &Refresh::default()).await?)
    }
    "Jobs::counts" Nothing |w| { w.tell(open(&w).await?.counts().await?) }
    "Jobs::count_open" Nothing |w| { w.tell(open(&w).await?.count_open().await?) }
    "Jobs::has_work" Nothing |w| { w.tell(open(&w).await?.has_work(None, std::time::Duration::from_mins(1)).await?) }
    "Jobs::holders" Nothing |w| { w.tell(open(&w).await?.holders().await?.len()) }
    "Jobs::oldest" Nothing |w| { w.tell(open(&w).await?.oldest().await?.is_some()) }
    "Jobs::outlook" Nothing |w| { w.tell(open(&w).await?.outlook(true, None, 10).await?.len()) }
    "Jobs::failures" Nothing |w| { w.tell(open(&w).await?.failures().await?) }
    "Jobs::retry" Whole |w| { w.tell(open(&w).await?.retry(true).await?) }
    "Jobs::ignore" Whole |w| { w.tell(open(&w).await?.ignore(Account::id.eq(1)).await?) }
    "Jobs::clear" Whole |w| { w.tell(open(&w).await?.clear(true, &Status::ALL).await?) }
    "Jobs::release" Whole |w| { w.tell(open(&w).await?.release(true).await?) }
    "Worker::begin" Nothing silent |w| { worker(&w).await?.end().await? }
    "Worker::claim" Nothing |w| {
        let worker = worker(&w).await?;
        w.tell(worker.claim(2, false).await?);
        w.tell(worker.claim(2, true).await?);
        worker.end().await?
    }
    "Worker::is_due" Nothing |w| { w.tell(worker(&w).await?.is_due().await?) }
    "Worker::is_more_urgent" Nothing |w| { w.tell(worker(&w).await?.is_more_urgent(3).await?) }
    "Worker::settle" Whole |w| {
        let worker = worker(&w).await?;
        for job in worker.claim(1, false).await? {
            let mut transaction = w.dj.begin().await?;
            w.tell(worker.settle(&mut transaction, &job.key, 0.1).await?);
            transaction.commit().await?;
        }
    }
    "Worker::settle_all" Whole |w| {
        let worker = worker(&w).await?;
        let jobs: Vec<_> = worker.claim(2, false).await?.into_iter().map(|job| (job.key, 0.1)).collect();
        let mut transaction = w.dj.begin().await?;
        w.tell(worker.settle_all(&mut transaction, &jobs).await?);
        transaction.commit().await?;
    }
    "Worker::finish" Whole silent |w| {
        let worker = worker(&w).await?;
        for job in worker.claim(1, false).await? {
            worker.finish(&job.key).await?;
        }
    }
    "Worker::fail" Whole |w| { fail_one(&w, false).await? }
    "Worker::fail may_pass" Whole |w| { fail_one(&w, true).await? }
    "Worker::give_back" Nothing silent |w| {
        let worker = worker(&w).await?;
        let keys: Vec<_> = worker.claim(2, false).await?.into_iter().map(|job| job.key).collect();
        worker.give_back(&keys).await?
    }
    "Worker::reap" Whole |w| { w.tell(worker(&w).await?.reap().await?) }
    "Worker::end" Nothing silent |w| {
        let worker = worker(&w).await?;
        worker.claim(2, false).await?;
        worker.end().await?
    }
    "Populate::run reserve_jobs" Steps |w| {
        // What an earlier one left when it was dropped, or kept from being done.
        open(&w).await?.release(true).await?;
        open(&w).await?.clear(true, &Status::ALL).await?;
        w.tell_made(Total.populate(&w.dj).reserve_jobs(true).stop_on_ctrl_c(false).run().await?)
    }
    "Maker::run reserve_jobs" Steps |w| {
        open(&w).await?.release(true).await?;
        open(&w).await?.clear(true, &Status::ALL).await?;
        let orders = Orders { reserve_jobs: true, ..Orders::default() };
        w.tell(datajoint::Maker::of::<Total>().run(&w.dj, orders).await?.success_count)
    }
}
