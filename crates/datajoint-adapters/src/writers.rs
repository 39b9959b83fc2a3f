//! Who writes to a file of SQLite next.
//!
//! SQLite lets one client write at a time. Whoever waits looks again now and then, and the first to look after the end of
//! the one before has it: of many, some wait until they give up. Those of one process therefore stand in a queue.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::holders::{Holder, Purpose};
use crate::{Error, Result};

/// The queues of the files that this process writes to: pools of their own may write to one file.
static QUEUES: LazyLock<Mutex<HashMap<PathBuf, Weak<Queue>>>> = LazyLock::new(Mutex::default);

tokio::task_local! {
    /// The turns that can't end before what runs here does: those of the transactions that it is a part of.
    static WITHIN: Vec<Arc<Use>>;
}

#[derive(Debug)]
struct Queue {
    turn: Arc<Semaphore>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// When a turn began or ended last.
    moved: Instant,
    /// Whose turn it is.
    user: Option<Arc<Use>>,
}

/// What somebody has a turn for, and since when.
#[derive(Debug)]
struct Use {
    purpose: Purpose,
    since: Instant,
}

impl Use {
    fn holder(&self) -> Holder {
        Holder { purpose: self.purpose, since: self.since.elapsed() }
    }
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The turn that it is now.
    fn user(&self) -> Option<Arc<Use>> {
        self.state().user.clone()
    }
}

/// Those of a pool who write to a file.
#[derive(Debug)]
pub(crate) struct Writers {
    queue: Arc<Queue>,
    /// How long one turn of another may take.
    patience: Duration,
}

/// Leave to write, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    queue: Arc<Queue>,
    own: Arc<Use>,
    _permit: OwnedSemaphorePermit,
}

/// Runs what a transaction waits for, which therefore can't wait for its turn.
#[derive(Debug)]
pub struct Within(Vec<Arc<Use>>);

impl Within {
    pub(crate) fn of(turn: Option<&Turn>) -> Self {
        let mut turns = WITHIN.try_with(Clone::clone).unwrap_or_default();
        turns.extend(turn.map(|turn| Arc::clone(&turn.own)));
        Self(turns)
    }

    /// Runs a function in it.
    ///
    /// # Cancel safety
    ///
    /// As the function.
    pub async fn run<F: Future>(self, function: F) -> F::Output {
        WITHIN.scope(self.0, function).await
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.queue.state();
        state.moved = Instant::now();
        state.user = None;
    }
}

impl Writers {
    /// Of a file that is there.
    pub(crate) fn of(file: &Path, patience: Duration) -> Self {
        let file = std::fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
        let mut queues = QUEUES.lock().unwrap_or_else(PoisonError::into_inner);
        queues.retain(|_, queue| queue.strong_count() > 0);
        let queue = queues.get(&file).and_then(Weak::upgrade).unwrap_or_else(|| {
            let state = Mutex::new(State { moved: Instant::now(), user: None });
            let queue = Arc::new(Queue { turn: Arc::new(Semaphore::new(1)), state });
            queues.insert(file, Arc::downgrade(&queue));
            queue
        });
        Self { queue, patience }
    }

    /// Waits for the turn of this writer; however many are before it, each may take as long as the patience lasts.
    ///
    /// Fails, and names who has the turn, when one of them takes longer, and at once when that is a transaction which
    /// itself waits for the caller.
    pub(crate) async fn turn(&self, purpose: Purpose) -> Result<Turn> {
        let before = self.queue.user();
        if let Some(before) = before.filter(is_within) {
            return Err(Error::WithinOwnTransaction { holder: before.holder() });
        }
        let start = Instant::now();
        let mut permit = std::pin::pin!(Arc::clone(&self.queue.turn).acquire_owned());
        let mut since = Instant::now();
        loop {
            let left = self.patience.saturating_sub(since.elapsed());
            if let Ok(permit) = tokio::time::timeout(left, &mut permit).await {
                let permit = permit.map_err(|_| Error::Closed)?;
                let own = Arc::new(Use { purpose, since: Instant::now() });
                *self.queue.state() = State { moved: own.since, user: Some(Arc::clone(&own)) };
                return Ok(Turn { queue: Arc::clone(&self.queue), own, _permit: permit });
            }
            let moved = self.queue.state().moved;
            if moved <= since {
                let holder = self.queue.user().map(|user| user.holder());
                return Err(Error::WriterTimeout { waited: start.elapsed(), holder });
            }
            since = moved;
        }
    }
}

/// True of a turn that can't end before what runs here does.
fn is_within(user: &Arc<Use>) -> bool {
    WITHIN.try_with(|within| within.iter().any(|own| Arc::ptr_eq(own, user))).unwrap_or_default()
}
