//! What a population tells of itself while it runs.

use std::fmt;
use std::sync::Arc;

use crate::Error;
use crate::alert::Alerting;

/// What a population tells while it runs; see [`Populate::watch`](crate::Populate::watch).
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum PopulateEvent<'a> {
    /// It begins with so many keys to make; others may come while it runs.
    Begun {
        /// The class of the table.
        table: &'a str,
        /// How many keys there are to make.
        keys: usize,
    },
    /// A key came to its end without an error.
    Done {
        /// The class of the table.
        table: &'a str,
    },
    /// A key failed.
    Failed {
        /// The class of the table.
        table: &'a str,
        /// What went wrong.
        error: &'a Error,
    },
    /// A signal came: the keys that are being made are finished, and no other is begun.
    Stopping {
        /// The class of the table.
        table: &'a str,
    },
    /// It has ended, or was dropped. Nothing of this table comes after it.
    Ended {
        /// The class of the table.
        table: &'a str,
    },
}

impl<'a> PopulateEvent<'a> {
    /// Returns the class of the table that it is about.
    pub fn table(&self) -> &'a str {
        match *self {
            Self::Begun { table, .. }
            | Self::Done { table }
            | Self::Failed { table, .. }
            | Self::Stopping { table }
            | Self::Ended { table } => table,
        }
    }
}

/// Is told what becomes of a population. Each function or closure that takes an event is one.
///
/// It is called on the tasks that populate, and holds them up for as long as it takes.
pub trait PopulateWatcher: Send + Sync {
    /// Takes what happened.
    fn event(&self, event: PopulateEvent<'_>);
}

impl<F: Fn(PopulateEvent<'_>) + Send + Sync> PopulateWatcher for F {
    fn event(&self, event: PopulateEvent<'_>) {
        self(event);
    }
}

/// A watcher that several populations share.
#[derive(Clone)]
pub struct Watching(Arc<dyn PopulateWatcher>);

impl Watching {
    /// Returns one for [`Orders`](crate::Orders).
    pub fn new(watcher: impl PopulateWatcher + 'static) -> Self {
        Self(Arc::new(watcher))
    }
}

impl fmt::Debug for Watching {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Watching")
    }
}

/// The population of one table, and who is told of it.
pub(crate) struct Watched {
    table: &'static str,
    by: Option<Watching>,
    alerting: Option<Alerting>,
}

impl Watched {
    /// Tells that it begins; nobody is told of a population without keys.
    pub(crate) fn begin(
        by: Option<&Watching>,
        table: &'static str,
        keys: usize,
        alerting: Option<Alerting>,
    ) -> Self {
        let watched = Self { table, by: by.filter(|_| keys > 0).cloned(), alerting };
        watched.tell(PopulateEvent::Begun { table, keys });
        watched
    }

    pub(crate) fn done(&self) {
        if let Some(alerting) = &self.alerting {
            alerting.done();
        }
        self.tell(PopulateEvent::Done { table: self.table });
    }

    pub(crate) fn failed(&self, error: &Error) {
        if let Some(alerting) = &self.alerting {
            alerting.failed(error);
        }
        self.tell(PopulateEvent::Failed { table: self.table, error });
    }

    pub(crate) fn stopping(&self) {
        self.tell(PopulateEvent::Stopping { table: self.table });
    }

    pub(crate) fn end(&mut self) {
        self.tell(PopulateEvent::Ended { table: self.table });
        self.by = None;
    }

    fn tell(&self, event: PopulateEvent<'_>) {
        if let Some(Watching(watcher)) = &self.by {
            watcher.event(event);
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.end();
    }
}
