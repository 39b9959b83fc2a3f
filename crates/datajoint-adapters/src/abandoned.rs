//! Statements that nobody waits for any more.
//!
//! A server does not look whether its client is still there while it works, or waits for a lock. A statement whose caller has
//! gone would change something later, over what others have written since. So its session is ended from another one.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use datajoint_sql::Statement;
use futures_util::future::BoxFuture;

use crate::Result;

/// How long it may take to end sessions; a server that does not answer has lost them.
const PATIENCE: Duration = Duration::from_secs(5);

/// Runs statements on a connection of its own.
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
            runtime.spawn(Served { abandoned: self.abandoned, is_over: false }.serve());
        }
    }
}

/// There while a task ends sessions; that may be dropped with its runtime.
struct Served {
    abandoned: Arc<Abandoned>,
    /// True when nothing was left; another task may have begun since.
    is_over: bool,
}

impl Drop for Served {
    fn drop(&mut self) {
        if !self.is_over {
            self.abandoned.lock().is_served = false;
        }
    }
}

impl Served {
    async fn serve(mut self) {
        while let Some(statements) = self.next() {
            match tokio::time::timeout(PATIENCE, (self.abandoned.run)(statements)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    tracing::debug!(%error, "statements that were given up may still run at the server");
                }
                Err(_) => tracing::debug!(
                    "statements that were given up may still run at the server, which does not answer"
                ),
            }
        }
    }

    fn next(&mut self) -> Option<Vec<Statement>> {
        let mut waiting = self.abandoned.lock();
        if waiting.statements.is_empty() {
            // Under the lock: whoever comes next begins another task.
            waiting.is_served = false;
            self.is_over = true;
            return None;
        }
        Some(std::mem::take(&mut waiting.statements))
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
}
