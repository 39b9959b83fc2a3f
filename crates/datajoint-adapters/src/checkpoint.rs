//! The end of a program that works on a file.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};

/// How long to wait for others who write to the file: they bring over what is left when they end.
const PATIENCE: Duration = Duration::from_secs(1);

/// Brings what stands in the log of a file over into the file, once the last client of a pool is gone.
///
/// Connections that are dropped end in threads of their own, which the end of the program may overtake: the file
/// would be old, or empty, and all in the log beside it. Who drops the last client in a task doesn't wait for this, since
/// others share the thread; the runtime waits at its end for what it began.
#[derive(Debug)]
pub(crate) struct Checkpoint(Option<Rest>);

impl Checkpoint {
    pub(crate) const fn new(path: PathBuf) -> Self {
        Self(Some(Rest(path)))
    }
}

impl Drop for Checkpoint {
    fn drop(&mut self) {
        let rest = self.0.take();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            // A runtime that ends drops what it did not begin, which does the same.
            runtime.spawn_blocking(move || drop(rest));
        }
    }
}

/// What stands in the log of a file: brought over where this is dropped.
#[derive(Debug)]
struct Rest(PathBuf);

impl Drop for Rest {
    fn drop(&mut self) {
        let mut log = self.0.clone().into_os_string();
        log.push("-wal");
        // Connections that were closed in time have done it themselves.
        if std::fs::metadata(log).map_or(0, |log| log.len()) == 0 {
            return;
        }
        let path = std::mem::take(&mut self.0);
        // A runtime can't wait within another one.
        let thread = std::thread::Builder::new().name("datajoint-checkpoint".to_owned()).spawn(move || {
            if let Err(error) = bring_over(&path) {
                tracing::warn!(%error, file = %path.display(), "what stands in the log of the file stays there");
            }
        });
        if let Ok(thread) = thread {
            let _ = thread.join();
        }
    }
}

fn bring_over(path: &Path) -> Result<(), sqlx::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    runtime.block_on(async {
        let options =
            SqliteConnectOptions::new().filename(path).create_if_missing(false).busy_timeout(PATIENCE);
        let mut connection: SqliteConnection = options.connect().await?;
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").await?;
        connection.close().await
    })
}
