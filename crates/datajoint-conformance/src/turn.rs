use datajoint::Instance;
use tokio::sync::{Mutex, MutexGuard};

/// Cases that share a schema take turns.
pub(crate) struct Turn {
    schema: &'static str,
    lock: Mutex<()>,
}

/// A turn that has begun, with the schema empty.
pub(crate) struct Taken<'a> {
    schema: &'static str,
    _guard: MutexGuard<'a, ()>,
}

impl Turn {
    pub(crate) const fn new(schema: &'static str) -> Self {
        Self { schema, lock: Mutex::const_new(()) }
    }

    /// Waits for the turn and drops what an earlier run left.
    pub(crate) async fn take(&self, dj: &Instance) -> Taken<'_> {
        let guard = self.lock.lock().await;
        // It is not there on a first run.
        let _ = dj.drop_schema(self.schema).confirmed().await;
        Taken { schema: self.schema, _guard: guard }
    }
}

impl Taken<'_> {
    /// Drops the schema and lets the next case begin.
    pub(crate) async fn end(self, dj: &Instance) {
        let _ = dj.drop_schema(self.schema).confirmed().await;
    }
}
