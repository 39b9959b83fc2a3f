//! Several keys in one transaction.
//!
//! What is reserved and quick spends most of its time on beginnings and ends of transactions. A few such keys are read,
//! computed and written in one, which sees one state of the database, and their jobs end in it too. When anything is
//! amiss with one of them, all is undone, and each is made by itself.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use datajoint_pipeline::Transaction;
use datajoint_sql::Value;
use futures_util::FutureExt as _;
use tracing::Instrument as _;

use crate::feed::Job;
use crate::plan::Plan;
use crate::record::Record;
use crate::scope::Scope;
use crate::work::{Begun, Finished, Outcome, Work};
use crate::{Error, FetchContext, InsertContext, Make, MakeError};

/// After how long no other key is begun.
const LONG: Duration = Duration::from_millis(25);

/// For how long a transaction waits for a `compute`.
const PATIENCE: Duration = Duration::from_millis(5);

/// What became of several keys.
pub(crate) struct Together<T: Make> {
    /// Those that were written.
    pub(crate) finished: Vec<Finished<T::Key>>,
    /// Those that are to be made later: all of them where something was amiss.
    pub(crate) unbegun: Vec<Job<T::Key>>,
    /// One that computes for long, and goes on by itself.
    pub(crate) late: Option<(T::Key, Begun<T>)>,
    /// True when something was amiss.
    pub(crate) is_undone: bool,
}

/// A key whose rows stand in the transaction.
struct Written<K> {
    job: Job<K>,
    values: Vec<Value>,
    seconds: f64,
    has_row: bool,
}

/// The way of one key within the transaction.
enum Step<T: Make> {
    Written(Transaction, bool),
    Late(Transaction, Begun<T>),
}

/// Why all is undone: of no interest, since each key that is made by itself tells its own reason.
struct Amiss;

/// Makes keys in one transaction.
pub(crate) async fn run<T: Make>(plan: &Arc<Plan>, jobs: Vec<Job<T::Key>>) -> Together<T> {
    let (mut rest, mut written, mut late) = (VecDeque::from(jobs), Vec::new(), None);
    let work = make_all(plan, &mut rest, &mut written, &mut late);
    let outcome = AssertUnwindSafe(work).catch_unwind().await.unwrap_or(Err(Amiss));
    let finished = match outcome {
        Ok(transaction) => end::<T>(plan, transaction, &written).await,
        Err(Amiss) => Err(Amiss),
    };
    let Ok(finished) = finished else {
        let unbegun = written.into_iter().map(|written| written.job).chain(rest).collect();
        return Together { finished: Vec::new(), unbegun, late, is_undone: true };
    };
    let keys = written.into_iter().map(|written| (written.job.key, written.seconds));
    let finished = keys.zip(finished).map(|((key, seconds), outcome)| (key, outcome, seconds)).collect();
    Together { finished, unbegun: rest.into(), late, is_undone: false }
}

/// Reads, computes and writes one key after the other, as long as that goes quickly. The key at which something is amiss
/// is among the rest.
async fn make_all<T: Make>(
    plan: &Arc<Plan>,
    rest: &mut VecDeque<Job<T::Key>>,
    written: &mut Vec<Written<T::Key>>,
    late: &mut Option<(T::Key, Begun<T>)>,
) -> Result<Option<Transaction>, Amiss> {
    if plan.time_limit.is_some_and(|limit| limit.is_zero()) {
        return Err(amiss("no key has any time"));
    }
    let begin = Instant::now();
    let mut open = None;
    while let Some(Job { key, .. }) = rest.front() {
        if begin.elapsed() > LONG {
            break;
        }
        let work = Work::<T>::new(plan, key).map_err(amiss)?;
        let record = Record::begin();
        let scope = match open.take() {
            Some(transaction) => Scope::new(plan, &work.values, record, transaction),
            None => work.begin(record).await.map_err(amiss)?,
        };
        let step = make(&work, key, scope, record).instrument(work.span()).await?;
        let values = work.values;
        let Some(job) = rest.pop_front() else { break };
        match step {
            Step::Written(transaction, has_row) => {
                written.push(Written { job, values, seconds: record.seconds(), has_row });
                open = Some(transaction);
            }
            Step::Late(transaction, begun) => {
                *late = Some((job.key, begun));
                open = Some(transaction);
                break;
            }
        }
    }
    Ok(open)
}

async fn make<T: Make>(
    work: &Work<'_, T>,
    key: &T::Key,
    scope: Scope,
    record: Record,
) -> Result<Step<T>, Amiss> {
    let mut scope = if T::IN_ONE { scope } else { scope.remembering() };
    let fetched = match T::fetch(&FetchContext::new(key, &scope)).await {
        Ok(fetched) => fetched,
        Err(error) => return Err(undo(scope, error).await),
    };
    let computed = if T::IN_ONE {
        T::compute(key, fetched)
    } else {
        let mut thread = work.compute(fetched);
        let Ok(joined) = tokio::time::timeout(PATIENCE, &mut thread.computing).await else {
            let (transaction, memory, _) = scope.pass_on();
            return Ok(Step::Late(transaction, Begun { record, memory, thread }));
        };
        work.computed(joined).map_err(Into::into)
    };
    let computed = match computed {
        Ok(computed) => computed,
        Err(error) => return Err(undo(scope, error).await),
    };
    let mut context = InsertContext::new(key, &mut scope);
    let inserting = T::insert(&mut context, computed);
    let inserted = match work.plan.time_limit {
        // By itself it has its own limit.
        Some(limit) => tokio::time::timeout(limit, inserting)
            .await
            .unwrap_or_else(|_| Err("it takes longer than a key may".into())),
        None => inserting.await,
    };
    match (inserted, scope.undeclared()) {
        (Ok(()), None) => {}
        (Ok(()), Some(_)) => return Err(undo(scope, "a part is to be declared".into()).await),
        (Err(error), _) => return Err(undo(scope, error).await),
    }
    if let Err(error) = scope.complete_record().await {
        return Err(undo(scope, error.into()).await);
    }
    let (transaction, _, has_row) = scope.pass_on();
    Ok(Step::Written(transaction, has_row))
}

async fn undo(scope: Scope, error: MakeError) -> Amiss {
    if let Err(failure) = scope.leave().await {
        tracing::debug!(%failure, "the transaction was undone by ending its connection");
    }
    amiss(error)
}

/// Makes what was written last, together with the ends of the jobs. Gives what became of each key.
async fn end<T: Make>(
    plan: &Arc<Plan>,
    transaction: Option<Transaction>,
    written: &[Written<T::Key>],
) -> Result<Vec<Result<Outcome, Error>>, Amiss> {
    let (Some(mut transaction), Some(worker)) = (transaction, &plan.worker) else { return Ok(Vec::new()) };
    if written.is_empty() {
        transaction.rollback().await.map_err(amiss)?;
        return Ok(Vec::new());
    }
    let jobs: Vec<(Vec<Value>, f64)> =
        written.iter().map(|written| (written.values.clone(), written.seconds)).collect();
    match worker.settle_all(&mut transaction, &jobs).await {
        Ok(true) => {}
        outcome => {
            transaction.rollback().await.map_err(amiss)?;
            return Err(outcome.map_or_else(amiss, |_| Amiss));
        }
    }
    match transaction.commit().await.map_err(Error::from) {
        Ok(()) => Ok(written
            .iter()
            .map(|written| {
                worker.told(&written.values);
                Ok(if written.has_row { Outcome::Made } else { Outcome::WithoutRow })
            })
            .collect()),
        Err(error) if error.is_commit_unknown() => {
            let (error, mut outcomes) = (Arc::new(error), Vec::with_capacity(written.len()));
            for written in written {
                outcomes.push(match Work::<T>::new(plan, &written.job.key) {
                    Ok(work) => work.look_after(&error).await,
                    Err(error) => Err(error),
                });
            }
            Ok(outcomes)
        }
        Err(error) => Err(amiss(error)),
    }
}

fn amiss(error: impl std::fmt::Display) -> Amiss {
    tracing::debug!(%error, "keys that shared a transaction are made one by one");
    Amiss
}
