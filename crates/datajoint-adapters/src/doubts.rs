//! Whether connections still lead to a server that takes what is written.
//!
//! A server that hands over to another one may keep its sessions: they go on, and refuse each change. So does a node that
//! leaves its cluster. Whoever is told so raises a doubt about every connection that was made before.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::{ConnectOptions, Error, Kind};

#[derive(Debug)]
pub(crate) struct Doubts {
    /// False where no other server can help: a file, and sessions that read only.
    are_heeded: bool,
    latest: Moment,
    /// When another server took over.
    turned: Moment,
}

/// When something happened last.
#[derive(Debug, Default)]
struct Moment(Mutex<Option<Instant>>);

impl Moment {
    fn is_now(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn is_since(&self, moment: Instant) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|latest| latest >= moment)
    }
}

impl Doubts {
    pub(crate) fn new(options: &ConnectOptions) -> Self {
        let are_heeded = !options.backend.capability().is_embedded && !options.session.is_read_only;
        Self { are_heeded, latest: Moment::default(), turned: Moment::default() }
    }

    /// Looks at what a server said; true when its connection is of no use any more.
    pub(crate) fn raised_by(&self, error: &Error) -> bool {
        let is_raised = self.are_heeded && matches!(error.kind(), Some(Kind::ReadOnly | Kind::NotReady));
        if is_raised {
            self.latest.is_now();
        }
        is_raised
    }

    /// True about what was known at this moment, when a doubt was raised since.
    pub(crate) fn concern(&self, moment: Instant) -> bool {
        self.latest.is_since(moment) || self.leads_elsewhere(moment)
    }

    #[cfg(any(feature = "mysql", feature = "postgres"))]
    /// Notes that another server takes over.
    pub(crate) fn turn(&self) {
        self.turned.is_now();
    }

    /// True of a connection that was made or used at this moment, when another server took over since: the one before may not
    /// even answer.
    pub(crate) fn leads_elsewhere(&self, moment: Instant) -> bool {
        self.turned.is_since(moment)
    }

    /// True about a connection that is so old.
    pub(crate) fn concern_older(&self, age: Duration) -> bool {
        made(age).is_none_or(|made| self.concern(made))
    }

    /// True of a connection that is so old, when another server took over since.
    pub(crate) fn leads_elsewhere_older(&self, age: Duration) -> bool {
        made(age).is_none_or(|made| self.leads_elsewhere(made))
    }
}

/// When something of this age was made; `None` before the clock began.
fn made(age: Duration) -> Option<Instant> {
    Instant::now().checked_sub(age)
}
