//! Statements that nobody waits for any more.
//!
//! A server does not look whether its client is still there while it works, or waits for a lock. A statement whose caller has
//! gone would change something later, over what others have written since. So its session is ended from another one.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use datajoint_sql::Statement;
use futures_util::future::BoxFuture;

use crate::{Result, RetryPolicy};

/// How long it may take to end sessions.
const PATIENCE: Duration = Duration::from_secs(5);

/// A server may have no connection left for that as long as these sessions last: about ten minutes in all.
const AGAIN: RetryPolicy = RetryPolicy::new(Duration::from_millis(20), Duration::from_secs(5), Some(100));

/// Runs statements on another connection.
type Run = Box<dyn Fn(Vec<Statement>) -> BoxFuture<'static, Result<()>> + Send + Sync>;

/// The sessions of a pool that are to be ended.
pub(crate) struct Abandoned {
    run: Run,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    statements: Vec<Statement>,
    /// True while a task ends them.
    is_served: bool,
}

impl Abandoned {
    pub(crate) fn new(run: Run) -> Arc<Self> {
        Arc::new(Self { run, waiting: Mutex::default() })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What ends a session.
pub(crate) struct End {
    abandoned: Arc<Abandoned>,
    statements: Vec<Statement>,
}

impl End {
    pub(crate) const fn new(abandoned: Arc<Abandoned>, statements: Vec<Statement>) -> Self {
        Self { abandoned, statements }
    }

    /// Has the session ended by a task; outside of a runtime it goes on.
    pub(crate) fn soon(self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let is_served = {
            let mut waiting = self.abandoned.lock();
            waiting.statements.extend(self.statements);
            std::mem::replace(&mut waiting.is_served, true)
        };
        if !is_served {
            // Not under the lock: a runtime that is about to end drops the task at once, and so `Served`.
            runtime.spawn(Served { abandoned: self.abandoned, ending: Vec::new(), is_over: false }.serve());
        }
    }
}

/// There while a task ends sessions; that may be dropped with its runtime.
struct Served {
    abandoned: Arc<Abandoned>,
    /// What it tries to run.
    ending: Vec<Statement>,
    /// True when nothing was left; another task may have begun since.
    is_over: bool,
}

impl Drop for Served {
    fn drop(&mut self) {
        if !self.is_over {
            let mut waiting = self.abandoned.lock();
            waiting.is_served = false;
            waiting.statements.append(&mut self.ending);
        }
    }
}

impl Served {
    async fn serve(mut self) {
        let mut tries = AGAIN.start();
        while self.gather() {
            let run = (self.abandoned.run)(self.ending.clone());
            let fault = match tokio::time::timeout(PATIENCE, run).await {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(error.to_string()),
                Err(_) => Some("the server does not answer".to_owned()),
            };
            if let Some(fault) = fault {
                if tries.again().await {
                    tracing::debug!(
                        fault,
                        "statements that were given up may still run: they are ended again"
                    );
                    continue;
                }
                tracing::warn!(fault, "statements that were given up may still run at the server");
            }
            self.ending.clear();
            tries = AGAIN.start();
        }
    }

    /// Takes what waits to be ended; false when there is nothing to do any more.
    fn gather(&mut self) -> bool {
        let mut waiting = self.abandoned.lock();
        self.ending.append(&mut waiting.statements);
        if self.ending.is_empty() {
            // Under the lock: whoever comes next begins another task.
            waiting.is_served = false;
            self.is_over = true;
        }
        !self.is_over
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    static RUN: AtomicUsize = AtomicUsize::new(0);

    fn sessions() -> Arc<Abandoned> {
        Abandoned::new(Box::new(|statements| {
            RUN.fetch_add(statements.len(), Ordering::SeqCst);
            Box::pin(async { Ok(()) })
        }))
    }

    fn end(abandoned: &Arc<Abandoned>) {
        End::new(Arc::clone(abandoned), vec![Statement::plain("KILL 1")]).soon();
    }

    /// Ends a session when it is dropped, as a connection does.
    struct Ends(Arc<Abandoned>);

    impl Drop for Ends {
        fn drop(&mut self) {
            end(&self.0);
        }
    }

    #[test]
    fn a_runtime_that_ends_waits_for_nobody_and_the_next_ends_what_is_left() {
        let abandoned = sessions();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let ends = Ends(Arc::clone(&abandoned));
        runtime.spawn(async move {
            let _ends = ends;
            std::future::pending::<()>().await;
        });
        let (over, is_over) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            drop(runtime);
            let _ = over.send(());
        });
        is_over.recv_timeout(Duration::from_secs(20)).expect("the runtime never ends");
        assert_eq!(RUN.load(Ordering::SeqCst), 0);

        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            end(&abandoned);
            while RUN.load(Ordering::SeqCst) < 2 {
                tokio::task::yield_now().await;
            }
        });
    }

    #[tokio::test(start_paused = true)]
    async fn what_could_not_be_ended_is_tried_again() {
        static TRIES: AtomicUsize = AtomicUsize::new(0);
        let abandoned = Abandoned::new(Box::new(|_| {
            let tries = TRIES.fetch_add(1, Ordering::SeqCst);
            Box::pin(async move {
                match tries {
                    0 => Err(crate::Error::Closed),
                    // A server that is silent.
                    1 => std::future::pending().await,
                    _ => Ok(()),
                }
            })
        }));
        end(&abandoned);
        while abandoned.lock().is_served {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(TRIES.load(Ordering::SeqCst), 3);
    }
}
