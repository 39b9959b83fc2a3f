//! Where keys come from: a list, or the queue of a table's jobs.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use datajoint_adapters::RetryPolicy;
use datajoint_jobs::{Claimed, Counts, Jobs, Pace, Refresh, Worker, WorkerOptions};
use datajoint_pipeline::typed::{FromRow, RowReader};
use datajoint_pipeline::{DynamicRow, Query};
use datajoint_sql::Value;

use crate::Error;

/// How often it is looked whether a job came that is more urgent than those that were claimed.
const LOOK: Duration = Duration::from_millis(50);

/// The most keys that share a transaction, whatever their pace.
const MOST_TOGETHER: usize = 64;

/// A key to make, and its job where it comes from a queue.
pub(crate) struct Job<K> {
    pub(crate) key: K,
    claimed: Option<Claimed>,
}

/// The keys to make, one after the other.
pub(crate) enum Feed<K> {
    List(std::vec::IntoIter<K>),
    Queue(Box<Queue>),
    /// A queue in which nothing is due; how many keys are left to do all the same.
    Idle(usize),
}

impl<K: FromRow> Feed<K> {
    pub(crate) fn list(keys: Vec<K>) -> Self {
        Self::List(keys.into_iter())
    }

    /// The jobs of a queue. Who finds nothing to do takes no lease, which would be a session of its own each time.
    pub(crate) async fn queue(
        jobs: &Jobs,
        options: WorkerOptions,
        refresh: Option<(Query<DynamicRow>, Refresh)>,
    ) -> Result<Self, Error> {
        if let Some((source, refresh)) = &refresh {
            bring_up_to_date(jobs, source, refresh).await?;
        }
        if !jobs.has_work(options.priority, options.lease).await? {
            return Ok(Self::Idle(left(&jobs.count_open().await?)));
        }
        let worker = Arc::new(Worker::begin(jobs, options).await?);
        let pending = usize::try_from(worker.count_open().await?.pending).unwrap_or(usize::MAX);
        Ok(Self::Queue(Box::new(Queue {
            jobs: jobs.clone(),
            refresh,
            worker,
            claimed: VecDeque::new(),
            pace: Pace::default(),
            looked: Instant::now(),
            is_alone: false,
            most_together: 1,
            pending,
        })))
    }

    /// Adds keys that have come meanwhile to the queue that they are taken from.
    pub(crate) async fn look_again(&self) -> Result<(), Error> {
        match self {
            Self::Queue(queue) => match &queue.refresh {
                Some((source, refresh)) => bring_up_to_date(&queue.jobs, source, refresh).await,
                None => Ok(()),
            },
            Self::List(_) | Self::Idle(_) => Ok(()),
        }
    }

    /// How many keys there are, as far as known.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::List(keys) => keys.len(),
            Self::Queue(queue) => queue.pending,
            Self::Idle(_) => 0,
        }
    }

    /// Who reserves the keys.
    pub(crate) fn worker(&self) -> Option<Arc<Worker>> {
        match self {
            Self::List(_) | Self::Idle(_) => None,
            Self::Queue(queue) => Some(Arc::clone(&queue.worker)),
        }
    }

    /// The next keys to be made together, for this many hands of which some are at work; `calls` are the most that are
    /// wanted. None when nothing is to be begun now.
    pub(crate) async fn next(
        &mut self,
        hands: usize,
        running: usize,
        calls: usize,
    ) -> Result<Vec<Job<K>>, Error> {
        let queue = match self {
            Self::List(keys) => {
                return Ok(keys.next().map(|key| Job { key, claimed: None }).into_iter().collect());
            }
            Self::Queue(queue) => queue,
            Self::Idle(_) => return Ok(Vec::new()),
        };
        let mut jobs = Vec::new();
        for claimed in queue.next(hands, running, calls).await? {
            match K::from_row(&mut RowReader::new(&mut claimed.key.clone())) {
                Ok(key) => jobs.push(Job { key, claimed: Some(claimed) }),
                Err(error) => return Err(datajoint_pipeline::Error::from(error).into()),
            }
        }
        Ok(jobs)
    }

    /// Takes jobs back that were not begun, or undone because something was amiss with one of them.
    pub(crate) fn put_back(&mut self, jobs: impl DoubleEndedIterator<Item = Job<K>>, is_undone: bool) {
        let Self::Queue(queue) = self else { return };
        for claimed in jobs.rev().filter_map(|job| job.claimed) {
            queue.claimed.push_front(claimed);
        }
        if is_undone {
            queue.most_together = 1;
        }
    }

    /// Notes how many seconds a key took; gives how many they take.
    pub(crate) fn note(&mut self, seconds: f64) -> f64 {
        match self {
            Self::List(_) | Self::Idle(_) => seconds,
            Self::Queue(queue) => {
                queue.pace.note(seconds);
                queue.most_together = (queue.most_together * 2).min(MOST_TOGETHER);
                queue.pace.seconds()
            }
        }
    }

    /// Gives back what was reserved and not begun.
    pub(crate) async fn give_back(&mut self) {
        if let Self::Queue(queue) = self {
            queue.give_back().await;
        }
    }

    /// Gives back whatever is reserved still. Gives how many keys are left to do, where that is known.
    pub(crate) async fn end(&mut self) -> Option<usize> {
        let queue = match self {
            Self::List(_) => return None,
            Self::Idle(left) => return Some(*left),
            Self::Queue(queue) => queue,
        };
        if let Err(error) = queue.worker.end().await {
            tracing::warn!(%error, "what was reserved is free when the lease ends");
        }
        Some(left(&queue.worker.count_open().await.ok()?))
    }
}

async fn bring_up_to_date(jobs: &Jobs, source: &Query<DynamicRow>, refresh: &Refresh) -> Result<(), Error> {
    match jobs.refresh(source, refresh).await {
        // What it did stands there then, and what it did not is done now: nobody asks how much that was.
        Err(error) if error.is_commit_unknown() => drop(jobs.refresh(source, refresh).await?),
        outcome => drop(outcome?),
    }
    Ok(())
}

/// How many keys are left to do.
fn left(counts: &Counts) -> usize {
    usize::try_from(counts.pending + counts.reserved + counts.error).unwrap_or(usize::MAX)
}

/// Jobs of a table, a few claimed ahead.
pub(crate) struct Queue {
    jobs: Jobs,
    /// How it is brought up to date, if it is to be.
    refresh: Option<(Query<DynamicRow>, Refresh)>,
    worker: Arc<Worker>,
    claimed: VecDeque<Claimed>,
    pace: Pace,
    /// When it was last looked for more urgent jobs.
    looked: Instant,
    /// True while a key is made that must be alone.
    is_alone: bool,
    /// The most keys that share a transaction: fewer after something was amiss with some.
    most_together: usize,
    /// How many jobs were pending in the beginning.
    pending: usize,
}

impl Queue {
    async fn next(&mut self, hands: usize, running: usize, calls: usize) -> Result<Vec<Claimed>, Error> {
        if self.is_alone && running > 0 {
            return Ok(Vec::new());
        }
        self.is_alone = false;
        if let Some(next) = self.claimed.front() {
            if self.looked.elapsed() > LOOK {
                self.looked = Instant::now();
                if self.worker.is_more_urgent(next.priority).await? {
                    self.claim(hands, false).await?;
                    self.claimed.make_contiguous().sort_by_key(|job| job.priority);
                }
            }
            return Ok(self.take(hands, calls));
        }
        let batch = self.pace.batch(hands).min(calls);
        self.claim(batch, false).await?;
        if self.claimed.is_empty() && running == 0 {
            if self.has_reaped().await? {
                self.claim(batch, false).await?;
            }
            self.claim_suspect().await?;
            // Others may lock all that is due while they choose some of it.
            let mut backoff = RetryPolicy::TRANSACTION.start();
            while self.claimed.is_empty() && self.worker.is_due().await? && backoff.again().await {
                self.claim(batch, false).await?;
                self.claim_suspect().await?;
            }
        }
        Ok(self.take(hands, calls))
    }

    /// Claims a key that may be lost once more at most, where nothing else is to be had.
    async fn claim_suspect(&mut self) -> Result<(), Error> {
        if self.claimed.is_empty() {
            self.claim(1, true).await?;
            self.is_alone = !self.claimed.is_empty();
        }
        Ok(())
    }

    /// Some of what was claimed: as many as may share a transaction, of one priority, and no more than a hand's part.
    fn take(&mut self, hands: usize, calls: usize) -> Vec<Claimed> {
        let part = self.claimed.len().div_ceil(hands.max(1));
        let most = self.pace.together().min(self.most_together).min(part).min(calls);
        let Some(priority) = self.claimed.front().map(|job| job.priority) else { return Vec::new() };
        let same = self.claimed.iter().take_while(|job| job.priority == priority).count();
        self.claimed.drain(..most.clamp(1, same)).collect()
    }

    /// Frees the jobs of workers that are lost; true when there may be some.
    async fn has_reaped(&self) -> Result<bool, Error> {
        match self.worker.reap().await {
            Err(error) if error.is_commit_unknown() => Ok(true),
            freed => Ok(freed? > 0),
        }
    }

    /// Claims jobs, again when others were in the way or the connection was lost: the worker looks for what it does not
    /// know that it has.
    async fn claim(&mut self, limit: usize, suspects: bool) -> Result<(), Error> {
        self.looked = Instant::now();
        let mut backoff = RetryPolicy::CONFLICT.start();
        let may_pass = |error: &datajoint_jobs::Error| error.is_transient() || error.is_commit_unknown();
        loop {
            match self.worker.claim(limit, suspects).await {
                Err(error) if may_pass(&error) && backoff.again().await => {
                    tracing::debug!(%error, tries = backoff.tries(), "claiming again");
                }
                outcome => {
                    self.claimed.extend(outcome?);
                    return Ok(());
                }
            }
        }
    }

    async fn give_back(&mut self) {
        let keys: Vec<Vec<Value>> = self.claimed.drain(..).map(|job| job.key).collect();
        if let Err(error) = self.worker.give_back(&keys).await {
            tracing::warn!(%error, "what was reserved and not begun is free when the worker ends");
        }
    }
}
