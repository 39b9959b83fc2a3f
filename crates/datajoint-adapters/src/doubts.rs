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
    latest: Mutex<Option<Instant>>,
}

impl Doubts {
    pub(crate) fn new(options: &ConnectOptions) -> Self {
        let are_heeded = !options.backend.capability().is_embedded && !options.session.is_read_only;
        Self { are_heeded, latest: Mutex::default() }
    }

    /// Looks at what a server said; true when its connection is of no use any more.
    pub(crate) fn raised_by(&self, error: &Error) -> bool {
        let is_raised = self.are_heeded && matches!(error.kind(), Some(Kind::ReadOnly | Kind::NotReady));
        if is_raised {
            *self.latest.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
        is_raised
    }

    /// True about what was known at this moment, when a doubt was raised since.
    pub(crate) fn concern(&self, moment: Instant) -> bool {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|latest| latest >= moment)
    }

    /// True about a connection that is so old.
    pub(crate) fn concern_older(&self, age: Duration) -> bool {
        Instant::now().checked_sub(age).is_none_or(|made| self.concern(made))
    }
}
