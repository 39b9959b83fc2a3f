//! Populating with reserved jobs, by several processes at a time: `datajoint-bench queue URL KEYS`.
//!
//! Each line that it prints is one measurement.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use datajoint::jobs::{Jobs, Refresh};
use datajoint::prelude::*;
use datajoint::{DynamicRow, Maker, Orders, Query, Run, source_of};

use crate::Result;
use crate::clock::{hear, say};

mod server;
mod tables;
mod team;

use server::Server;
use tables::{BEGUN, Empty, Parts, Pipeline, Plain, Source, SourceRow, Timed};
use team::Team;

/// How many jobs are done and kept, where that is measured.
const DONE: u32 = 1_000_000;

/// How many keys a refresh adds, where that is measured.
const ADDED: i32 = 100_000;

/// The tables that are populated: rows are read and written in three transactions, or in one; or nothing is.
const MAKERS: [(&str, Maker); 4] = [
    ("Parts", Maker::of::<Parts>()),
    ("Plain", Maker::of::<Plain>()),
    ("Empty", Maker::of::<Empty>()),
    ("Timed", Maker::of::<Timed>()),
];

struct Bench {
    dj: Instance,
    url: String,
    keys: i32,
    server: Server,
}

/// Measures everything on one server.
pub(crate) async fn run(url: &str, keys: i32) -> Result<()> {
    let bench = Bench::begin(url, keys).await?;
    println!("{:44} {:>8} {:>9} {:>15}", "", "keys/s", "seconds", "statements/key");
    bench.direct().await?;
    let mut alone = 0.0;
    for processes in [1, 2, 4, 8, 16] {
        let rate = bench.reserved("Parts", processes, 1).await?;
        if processes == 4 {
            alone = rate;
        }
    }
    bench.reserved("Parts", 1, 4).await?;
    bench.reserved("Plain", 4, 1).await?;
    bench.reserved("Empty", 4, 1).await?;
    let held = bench.dj.begin().await?;
    println!("with a transaction held open that sees the state from before the refresh:");
    let mut held = held;
    Source.count(&mut held).await?;
    let beside = bench.reserved("Parts", 4, 1).await?;
    held.rollback().await?;
    println!("  {:.0} % of the rate without", 100.0 * beside / alone);
    println!("with {DONE} jobs that are done and kept:");
    let beside = bench.beside_done().await?;
    println!("  {:.0} % of the rate without", 100.0 * beside / alone);
    bench.refresh().await?;
    bench.latency().await?;
    bench.end().await
}

/// Measures alone how soon a new key is begun: `datajoint-bench latency URL`.
pub(crate) async fn latency(url: &str) -> Result<()> {
    let bench = Bench::begin(url, 0).await?;
    bench.latency().await?;
    bench.end().await
}

/// Works on the queue of a table until no job is due: what each process of a team does.
pub(crate) async fn work(url: &str, table: &str, workers: usize) -> Result<()> {
    let dj = Instance::connect(Settings::from_url(url)?).await?;
    dj.activate::<Pipeline>().await?;
    let Some((_, maker)) = MAKERS.iter().find(|(name, _)| *name == table) else {
        return Err(format!("there is no table {table}").into());
    };
    say(&serde_json::json!({"ready": true}));
    hear()?;
    let orders = Orders { reserve_jobs: true, refresh: Some(false), workers, ..Orders::default() };
    let made = maker.run(&dj, orders).await?;
    say(&serde_json::json!({"made": made.success_count}));
    hear()?;
    Ok(())
}

impl Bench {
    async fn begin(url: &str, keys: i32) -> Result<Self> {
        let dj = Instance::connect(Settings::from_url(url)?).await?;
        dj.drop_schemas("bench_queue").confirmed().await?;
        dj.activate::<Pipeline>().await?;
        Ok(Self { dj, url: url.to_owned(), keys, server: Server::connect(url).await? })
    }

    async fn end(self) -> Result<()> {
        self.dj.drop_schemas("bench_queue").confirmed().await?;
        Ok(())
    }

    /// Sources, and nothing made from them.
    async fn fill(&self, keys: i32) -> Result<()> {
        let dj = &self.dj;
        for (table, maker) in &MAKERS {
            let table = self.table(table).await?;
            table.delete_quick(dj).confirmed().await?;
            let jobs = Jobs::open(dj, &dj.resolve(maker.spec())?).await?;
            jobs.clear(true, &datajoint::jobs::Status::ALL).await?;
        }
        Source.delete_quick(dj).confirmed().await?;
        Source.insert(dj, (0..keys).map(|id| SourceRow { id, x: f64::from(id) })).await?;
        self.server.settle().await
    }

    async fn table(&self, name: &str) -> Result<datajoint::DynamicTable> {
        Ok(self.dj.table(&format!("bench_queue.{name}")).await?)
    }

    async fn queue(&self, name: &str) -> Result<(Jobs, Query<DynamicRow>)> {
        let table = self.table(name).await?;
        Ok((Jobs::open(&self.dj, table.table()).await?, source_of(&self.dj, &table).await?))
    }

    /// Without a queue, by one process with one worker.
    async fn direct(&self) -> Result<()> {
        self.fill(self.keys).await?;
        let before = self.server.statements().await?;
        let begin = Instant::now();
        Parts.populate(&self.dj).run().await?;
        let seconds = begin.elapsed().as_secs_f64();
        self.tell("Parts, direct", self.keys, seconds, before).await?;
        Ok(())
    }

    /// By so many processes, each with so many workers; gives the keys a second.
    async fn reserved(&self, table: &str, processes: usize, workers: usize) -> Result<f64> {
        self.fill(self.keys).await?;
        let (jobs, source) = self.queue(table).await?;
        jobs.refresh(&source, &Refresh { delay: -1.0, ..Refresh::default() }).await?;
        self.measure(table, processes, workers).await
    }

    async fn measure(&self, table: &str, processes: usize, workers: usize) -> Result<f64> {
        let mut team = Team::start(&self.url, table, processes, workers)?;
        let before = self.server.statements().await?;
        let seconds = team.work()?;
        let what = format!("{table}, {processes} x {workers}");
        let rate = self.tell(&what, self.keys, seconds, before).await?;
        team.end()?;
        let left = self.queue(table).await?.0.counts().await?;
        if left.pending + left.reserved + left.error > 0 {
            return Err(format!("{what}: {left:?}").into());
        }
        Ok(rate)
    }

    /// By four processes, beside many jobs that are done and kept.
    async fn beside_done(&self) -> Result<f64> {
        self.fill(self.keys).await?;
        let (jobs, source) = self.queue("Parts").await?;
        jobs.refresh(&source, &Refresh { delay: -1.0, ..Refresh::default() }).await?;
        self.server.fill_done(self.keys, DONE).await?;
        self.measure("Parts", 4, 1).await
    }

    async fn refresh(&self) -> Result<()> {
        self.fill(ADDED).await?;
        let (jobs, source) = self.queue("Parts").await?;
        for what in ["all are added", "none is added"] {
            let (before, begin) = (self.server.statements().await?, Instant::now());
            jobs.refresh(&source, &Refresh::default()).await?;
            let seconds = begin.elapsed().as_secs_f64();
            self.tell(&format!("refresh of {ADDED} keys, {what}"), ADDED, seconds, before).await?;
        }
        Ok(())
    }

    /// How long it takes from the INSERT of a row above until the key below is begun, by a run that stays.
    async fn latency(&self) -> Result<()> {
        const ROWS: i32 = 60;
        self.fill(0).await?;
        let dj = self.dj.clone();
        let run = tokio::spawn(async move { Run::new([Maker::of::<Timed>()]).stay(true).run(&dj).await });
        let mut inserted = Vec::new();
        for id in 0..ROWS {
            // At moments that have nothing to do with those at which it looks.
            tokio::time::sleep(Duration::from_millis(300 + u64::from(id.unsigned_abs()) * 337 % 500)).await;
            Source.insert_one(&self.dj, SourceRow { id, x: 0.0 }).await?;
            inserted.push(Instant::now());
        }
        tokio::time::sleep(Duration::from_secs(3)).await;
        if run.is_finished() {
            return Err(format!("the run has ended: {:?}", run.await?).into());
        }
        run.abort();
        let begun = BEGUN.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let of = |(id, at): &(i32, Instant)| at.duration_since(inserted[*id as usize]).as_secs_f64() * 1e3;
        let mut times: Vec<f64> = begun.iter().map(of).collect();
        times.sort_by(f64::total_cmp);
        if times.len() != inserted.len() {
            return Err(format!("{} of {ROWS} keys were begun", times.len()).into());
        }
        let (median, late) = (times[times.len() / 2], times[times.len() * 95 / 100]);
        println!("from INSERT to make: median {median:.0} ms, 95th percentile {late:.0} ms");
        Ok(())
    }

    async fn tell(&self, what: &str, keys: i32, seconds: f64, before: Option<i64>) -> Result<f64> {
        let rate = f64::from(keys) / seconds;
        let each = match (before, self.server.statements().await?) {
            (Some(before), Some(after)) => format!("{:.2}", (after - before) as f64 / f64::from(keys)),
            _ => "-".to_owned(),
        };
        println!("{what:44} {rate:8.0} {seconds:9.2} {each:>15}");
        Ok(rate)
    }
}
