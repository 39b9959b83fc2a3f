//! The end of a program that works on a file.
//!
//! Connections that are dropped end in threads of their own, which the end of the program may overtake: what was committed
//! would stand in the log beside the file, and the log would stay. Who drops a client in a task doesn't wait for this, since
//! others share the thread; the runtime waits at its end for what it began.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqlitePool};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};

/// How long to wait for others who write to the file: they bring over what is left when they end.
const PATIENCE: Duration = Duration::from_secs(1);

/// Two connections that end at once each take the other for one that goes on, and leave the log.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Ends a connection before the program ends.
pub(super) fn end(connection: SqliteConnection) {
    before_the_end(async move {
        if let Err(error) = connection.close().await {
            tracing::debug!(%error, "a connection ended with an error");
        }
    });
}

/// Ends the connections of a pool that nobody has any more, and brings what stands in the log of its file over into the file.
pub(super) fn end_all(pool: SqlitePool, path: Option<PathBuf>) {
    before_the_end(async move {
        // Who still has a connection ends it later.
        let _ = tokio::time::timeout(PATIENCE, pool.close()).await;
        let Some(path) = path else { return };
        // The last connection has done it, if it was closed in time.
        if !super::has_log(&path) {
            return;
        }
        if let Err(error) = bring_over(&path).await {
            tracing::warn!(%error, file = %path.display(), "what stands in the log of the file stays there");
        }
    });
}

async fn bring_over(path: &Path) -> Result<(), sqlx::Error> {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(false).busy_timeout(PATIENCE);
    let mut connection: SqliteConnection = options.connect().await?;
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").await?;
    connection.close().await
}

/// Carries this out beside the task that asks for it, and before its runtime has ended; here and now outside of a runtime.
fn before_the_end(work: impl Future<Output = ()> + Send + 'static) {
    let work = Unfinished(Some(Box::pin(work)));
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        // A runtime that ends drops what it did not begin, which does the same.
        runtime.spawn_blocking(move || drop(work));
    }
}

/// Work that is done where this is dropped.
struct Unfinished(Option<BoxFuture<'static, ()>>);

impl Drop for Unfinished {
    fn drop(&mut self) {
        let Some(work) = self.0.take() else { return };
        // A runtime can't wait within another one.
        let thread = std::thread::Builder::new().name("datajoint-ending".to_owned()).spawn(move || {
            let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
            match tokio::runtime::Builder::new_current_thread().enable_time().build() {
                Ok(runtime) => runtime.block_on(work),
                Err(error) => tracing::warn!(%error, "no runtime in which connections can be ended"),
            }
        });
        if let Ok(thread) = thread {
            let _ = thread.join();
        }
    }
}
