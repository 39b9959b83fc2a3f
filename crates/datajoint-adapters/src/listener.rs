//! Hearing that tables have new rows.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::broadcast::{Receiver, Sender};
use tokio::task::AbortHandle;

use crate::{Database, RetryPolicy};

/// How long it waits before it listens again, after the connection was lost.
const AGAIN: RetryPolicy = RetryPolicy::new(Duration::from_millis(50), Duration::from_secs(10), None);

/// How many messages wait for one that listens; one that is slower looks at everything.
const WAITING: usize = 1024;

/// The fewest connections of which one can be kept to listen: others are needed to work.
const FEWEST: u32 = 4;

/// What one hears who listens.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Heard {
    /// A table has new rows: its schema, a dot, and its name.
    Table(Arc<str>),
    /// Something may have been missed: it begins to listen, or was too slow.
    Anything,
}

/// Hears that tables have new rows, until it is dropped; see [`Database::listen`].
#[derive(Debug)]
pub struct Listener {
    heard: Receiver<Heard>,
    _listening: Arc<Listening>,
}

/// The one connection that listens for all listeners of a pool.
#[derive(Debug)]
struct Listening {
    heard: Sender<Heard>,
    task: AbortHandle,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Who listens on a pool.
#[derive(Debug, Default)]
pub(crate) struct Listeners(Mutex<Weak<Listening>>);

impl Listeners {
    /// Hears nothing any more.
    pub(crate) fn end(&self) {
        if let Some(listening) = self.0.lock().unwrap_or_else(PoisonError::into_inner).upgrade() {
            listening.task.abort();
        }
    }
}

impl Database {
    /// Returns one that hears that tables have new rows, as far as programs of this library inserted them; `None` where the
    /// server passes nothing on, behind a pooler, and with few connections. Within a runtime.
    ///
    /// All listeners of a pool share one connection of it. When it is lost, nothing is heard until there is another.
    pub fn listen(&self) -> Option<Listener> {
        datajoint_sql::listen(self.backend())?;
        if self.shares_sessions() || self.most_connections() < FEWEST {
            return None;
        }
        let mut listeners = self.listeners().0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(listening) = listeners.upgrade() {
            return Some(Listener { heard: listening.heard.subscribe(), _listening: listening });
        }
        let (sender, heard) = tokio::sync::broadcast::channel(WAITING);
        let task = tokio::spawn(self.clone().keep_listening(sender.clone())).abort_handle();
        let listening = Arc::new(Listening { heard: sender, task });
        *listeners = Arc::downgrade(&listening);
        Some(Listener { heard, _listening: listening })
    }

    /// Listens, again when the connection was lost, until it is aborted.
    async fn keep_listening(self, heard: Sender<Heard>) {
        let mut backoff = AGAIN.start();
        loop {
            let mut begun = false;
            let tell = &mut |payload: Option<&str>| {
                let _ = heard.send(if let Some(table) = payload {
                    self.news().hear(table);
                    Heard::Table(table.into())
                } else {
                    begun = true;
                    Heard::Anything
                });
            };
            if let Err(error) = self.hear(tell).await {
                tracing::debug!(%error, "new rows are looked for, until they are heard of again");
            }
            if begun {
                backoff = AGAIN.start();
            }
            backoff.again().await;
        }
    }
}

impl Listener {
    /// Waits for what is heard next.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, nothing is missed.
    pub async fn next(&mut self) -> Heard {
        match self.heard.recv().await {
            Ok(heard) => heard,
            Err(RecvError::Lagged(_)) => Heard::Anything,
            // Its runtime has ended, and with it who listened.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
