//! Waiting for rows: who is told of them, and what is begun while other keys are made.

use std::time::{Duration, Instant};

use datajoint::prelude::*;
use datajoint::{InsertOptions, Maker, Orders, Run, Transaction};
use datajoint_adapters::{Heard, Listener};
use datajoint_sql::Statement;

use super::tables::{Source, SourceRow, Twice, TwiceRow};
use super::{FIRST, TURN, counts, fill, queue, refresh};
use crate::Capabilities;

/// For how long a server may take to pass something on.
const PATIENCE: Duration = Duration::from_secs(20);

fn row(id: i32, pause: i32) -> SourceRow {
    SourceRow { id, name: format!("n{id}"), pause }
}

/// Waits until a table is heard of; passes over others, which are of other cases.
async fn hear(listener: &mut Listener, table: &str) {
    let heard = tokio::time::timeout(PATIENCE, async {
        while listener.next().await != Heard::Table(table.into()) {}
    });
    heard.await.unwrap_or_else(|_| panic!("{table} is not heard of"));
}

/// True when a table is heard of before another one that is told of at the end.
async fn is_heard_before(dj: &Instance, listener: &mut Listener, table: &str) -> bool {
    let end = datajoint_schema::TableName::new("dj_conformance_queueing", "end");
    // One that was told of a moment ago is told of a moment later.
    tokio::time::sleep(Duration::from_millis(200)).await;
    dj.database().announce(std::slice::from_ref(&end)).await;
    loop {
        match tokio::time::timeout(PATIENCE, listener.next()).await.unwrap() {
            Heard::Table(found) if *found == *table => return true,
            Heard::Table(found) if *found == end.to_string() => return false,
            _ => {}
        }
    }
}

/// Those who listen hear of new rows as soon as they are committed, and of none that are undone; elsewhere nobody listens.
pub async fn new_rows_are_heard_of_when_they_are_committed(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj, [0]).await;
    let listens = datajoint_sql::listen(dj.backend()).is_some() && !dj.database().shares_sessions();
    let Some(mut listener) = dj.database().listen() else {
        assert!(!listens, "nobody listens");
        return turn.end(dj).await;
    };
    assert!(listens, "{:?}", dj.backend());
    assert_eq!(tokio::time::timeout(PATIENCE, listener.next()).await.unwrap(), Heard::Anything, "it begins");
    let (source, twice) = ("dj_conformance_queueing.source", "dj_conformance_queueing.__twice");
    tokio::time::sleep(Duration::from_millis(200)).await;
    Source.insert_one(dj, row(1, 0)).await.unwrap();
    hear(&mut listener, source).await;

    // At once after silence, then at intervals; the last one of many is told of too.
    for id in 2..6 {
        Source.insert_one(dj, row(id, 0)).await.unwrap();
    }
    hear(&mut listener, source).await;
    while is_heard_before(dj, &mut listener, source).await {}

    let mut undone = dj.begin().await.unwrap();
    Source.insert_one(&mut undone, row(6, 0)).await.unwrap();
    undone.rollback().await.unwrap();
    assert!(!is_heard_before(dj, &mut listener, source).await, "what is undone is told to nobody");
    let committed = dj.transaction(async |transaction: &mut Transaction| {
        let value = TwiceRow { id: FIRST, name: format!("n{FIRST}"), y: 1 };
        Source.insert_one(&mut *transaction, row(7, 0)).await?;
        assert_eq!(Twice.count(&mut *transaction).await?, 0);
        Twice.insert_with(transaction, [value], InsertOptions::new().allow_direct_insert()).await.map(drop)
    });
    committed.await.unwrap();
    hear(&mut listener, source).await;
    hear(&mut listener, twice).await;

    // Another listener shares the connection; when that is lost, both hear again after a while.
    let mut other = dj.database().listen().unwrap();
    let end =
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query = 'LISTEN datajoint'";
    dj.database().acquire().await.unwrap().fetch(&Statement::plain(end)).await.unwrap();
    for listener in [&mut listener, &mut other] {
        let again = async { while listener.next().await != Heard::Anything {} };
        tokio::time::timeout(PATIENCE, again).await.expect("it listens again");
    }
    Source.insert_one(dj, row(8, 0)).await.unwrap();
    hear(&mut other, source).await;
    hear(&mut listener, source).await;

    let jobs = queue(dj).await;
    refresh(dj, &jobs, datajoint::jobs::Refresh::default()).await;
    jobs.retry(true).await.unwrap();
    hear(&mut listener, "dj_conformance_queueing.~~twice").await;
    turn.end(dj).await;
}

/// A key that comes while another one of its table is made, which takes long, does not wait for it.
pub async fn a_key_that_comes_is_begun_beside_one_that_takes_long(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj, [600_000]).await;
    let by = dj.clone();
    let orders = Orders { reserve_jobs: true, suppress_errors: true, workers: 2, ..Orders::default() };
    let run = Run::new([Maker::of::<Twice>()]).orders(orders).stay(true);
    let stays = tokio::spawn(async move { run.run(&by).await });
    let (jobs, begin) = (queue(dj).await, Instant::now());
    while counts(&jobs).await[1] == 0 {
        assert!(begin.elapsed() < Duration::from_mins(1) && !stays.is_finished(), "nothing is begun");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Source.insert_one(dj, row(FIRST + 1, 0)).await.unwrap();
    while Twice.count(dj).await.unwrap() == 0 {
        assert!(begin.elapsed() < Duration::from_mins(1) && !stays.is_finished(), "it waits for the other");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stays.abort();
    assert!(stays.await.unwrap_err().is_cancelled());
    while counts(&jobs).await[1] > 0 {
        assert!(begin.elapsed() < Duration::from_mins(1), "a job is held");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    turn.end(dj).await;
}
