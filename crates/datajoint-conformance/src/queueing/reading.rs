//! How many rows are read to claim jobs and to end them.

use datajoint::Value;
use datajoint::jobs::Refresh;
use datajoint::prelude::*;
use datajoint_sql::{JobQueue, Reserver};

use super::{TURN, fill, queue, refresh};
use crate::Capabilities;
use crate::handled::rows_read;

/// However many others wait or are reserved, in a table of which the server has no statistics.
const JOBS: usize = 4_000;
const FEW: usize = 50;

/// To claim a few jobs, and to end a few, a server reads these, and not all that are there.
pub async fn claiming_and_ending_jobs_reads_no_others(dj: &Instance, _: Capabilities) {
    // An embedded database counts no rows.
    if dj.backend().capability().is_embedded {
        return;
    }
    let turn = TURN.take(dj).await;
    fill(dj, (0..JOBS).map(|_| 0)).await;
    assert_eq!(refresh(dj, &queue(dj).await, Refresh::default()).await, [JOBS as u64, 0, 0, 0]);
    let table = dj.table("dj_conformance_queueing.Twice").await.unwrap();
    let sql = JobQueue::new(dj.backend(), table.table()).unwrap();
    let me = Reserver { worker: 7, host: String::new(), pid: 1, version: String::new() };
    let claim = |limit| sql.claim(&me, limit, None, None, &(0..2)).unwrap();
    let mut transaction = dj.begin().await.unwrap();
    let on = transaction.connection();
    if let Some(before) = sql.before_claim() {
        on.fetch(&before).await.unwrap();
    }
    let read = rows_read(on, &claim(FEW)).await;
    assert!((FEW..10 * FEW).contains(&read), "{read} rows are read to claim {FEW} of {JOBS} jobs");
    // What was said to the server for the claim ends with its transaction.
    transaction.commit().await.unwrap();

    let mut transaction = dj.begin().await.unwrap();
    let on = transaction.connection();
    let rows = on.fetch(&claim(JOBS)).await.unwrap();
    let keys: Vec<Vec<Value>> = rows.into_iter().map(|row| row[..2].to_vec()).collect();
    assert!(keys.len() >= JOBS - FEW, "{}", keys.len());
    if !dj.backend().capability().has_update_returning {
        for keys in keys.chunks(FEW) {
            on.execute(&sql.reserve(&me, keys).unwrap()).await.unwrap();
        }
    }
    let few = &keys[JOBS / 2..][..FEW];
    for (what, statement) in [
        ("give back", sql.release(me.worker, Some(few), None).unwrap()),
        ("end", sql.complete_all(&keys[FEW..][..FEW], me.worker).unwrap()),
    ] {
        let read = rows_read(on, &statement).await;
        assert!((FEW..10 * FEW).contains(&read), "{read} rows are read to {what} {FEW} of {JOBS} jobs");
    }
    transaction.rollback().await.unwrap();
    turn.end(dj).await;
}
