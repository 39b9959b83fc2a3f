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
    statement: Statement,
}

impl End {
    pub(crate) const fn new(abandoned: Arc<Abandoned>, statement: Statement) -> Self {
        Self { abandoned, statement }
    }

    /// Has the session ended by a task; outside of a runtime it goes on.
    pub(crate) fn soon(self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let mut waiting = self.abandoned.lock();
        waiting.statements.push(self.statement);
        if !waiting.is_served {
            waiting.is_served = true;
            runtime.spawn(serve(Served(Arc::clone(&self.abandoned))));
        }
    }
}

/// There while a task ends sessions; that may be dropped with its runtime.
struct Served(Arc<Abandoned>);

impl Drop for Served {
    fn drop(&mut self) {
        self.0.lock().is_served = false;
    }
}

async fn serve(served: Served) {
    loop {
        let statements = {
            let mut waiting = served.0.lock();
            if waiting.statements.is_empty() {
                // Under the lock: whoever comes next begins another task.
                waiting.is_served = false;
                return;
            }
            std::mem::take(&mut waiting.statements)
        };
        match tokio::time::timeout(PATIENCE, (served.0.run)(statements)).await {
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
