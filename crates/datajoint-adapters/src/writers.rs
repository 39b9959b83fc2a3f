//! Who writes to a file of SQLite next.
//!
//! SQLite lets one client write at a time. Whoever waits looks again now and then, and the first to look after the end of
//! the one before has it: of many, some wait until they give up. Those of one process therefore stand in a queue.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{Error, Kind, Result};

/// The queues of the files that this process writes to: pools of their own may write to one file.
static QUEUES: LazyLock<Mutex<HashMap<PathBuf, Weak<Queue>>>> = LazyLock::new(Mutex::default);

#[derive(Debug)]
struct Queue {
    turn: Arc<Semaphore>,
    /// When a turn began or ended last.
    moved: Mutex<Instant>,
}

impl Queue {
    fn moved(&self) -> MutexGuard<'_, Instant> {
        self.moved.lock().unwrap_or_else(PoisonError::into_inner)
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
    _permit: OwnedSemaphorePermit,
}

impl Drop for Turn {
    fn drop(&mut self) {
        *self.queue.moved() = Instant::now();
    }
}

impl Writers {
    /// Of a file that is there.
    pub(crate) fn of(file: &Path, patience: Duration) -> Self {
        let file = std::fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
        let mut queues = QUEUES.lock().unwrap_or_else(PoisonError::into_inner);
        queues.retain(|_, queue| queue.strong_count() > 0);
        let queue = queues.get(&file).and_then(Weak::upgrade).unwrap_or_else(|| {
            let queue =
                Arc::new(Queue { turn: Arc::new(Semaphore::new(1)), moved: Mutex::new(Instant::now()) });
            queues.insert(file, Arc::downgrade(&queue));
            queue
        });
        Self { queue, patience }
    }

    /// Waits for the turn of this writer; however many are before it, each may take as long as the patience lasts.
    ///
    /// Fails as the database does when one of them takes longer, as does a transaction of the caller's own.
    pub(crate) async fn turn(&self) -> Result<Turn> {
        let mut permit = std::pin::pin!(Arc::clone(&self.queue.turn).acquire_owned());
        let mut since = Instant::now();
        loop {
            let left = self.patience.saturating_sub(since.elapsed());
            if let Ok(permit) = tokio::time::timeout(left, &mut permit).await {
                let permit = permit.map_err(|_| Error::from(sqlx::Error::PoolClosed))?;
                *self.queue.moved() = Instant::now();
                return Ok(Turn { queue: Arc::clone(&self.queue), _permit: permit });
            }
            let moved = *self.queue.moved();
            if moved <= since {
                return Err(Error::locked());
            }
            since = moved;
        }
    }
}

impl Error {
    /// What SQLite says to one who waited for another writer in vain.
    fn locked() -> Self {
        let kind = Kind::LockTimeout;
        Self::Server {
            kind,
            message: "database is locked".to_owned(),
            advice: kind.advice(),
            constraint: None,
            code: "5".to_owned(),
        }
    }
}
