//! How a transaction stands: open, failed, or over.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use datajoint_definition::Backend;

use crate::{Error, Kind, Result};

/// What failed first in a transaction.
#[derive(Debug, Clone)]
pub struct Failure {
    text: String,
    kind: Option<Kind>,
}

impl Failure {
    pub(crate) const fn new(text: String) -> Self {
        Self { text, kind: None }
    }

    /// What kind of refusal it was, where the server refused something, or its connection was lost.
    pub const fn kind(&self) -> Option<Kind> {
        self.kind
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl std::error::Error for Failure {}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        // What to do next is another thing once it is told as the reason why the transaction does nothing more.
        let kind = if error.is_connection_lost() { Some(Kind::ConnectionEnded) } else { error.kind() };
        Self { text: error.reason(), kind }
    }
}

#[derive(Debug, Default)]
enum Standing {
    #[default]
    Open,
    /// Something in it failed: it can be undone, as a whole or back to a savepoint.
    Failed(Failure),
    /// The database has undone it, or nobody knows what became of it.
    Over(Failure),
}

/// How the transaction of a connection stands. Clones are of the same transaction.
#[derive(Debug, Clone, Default)]
pub(crate) struct Course(Arc<Mutex<Standing>>);

impl Course {
    fn lock(&self) -> std::sync::MutexGuard<'_, Standing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fails unless everything in it went well.
    pub(crate) fn check(&self) -> Result<()> {
        match &*self.lock() {
            Standing::Open => Ok(()),
            Standing::Failed(first) => Err(Error::TransactionFailed { first: first.clone() }),
            Standing::Over(first) => Err(Error::TransactionOver { first: first.clone() }),
        }
    }

    /// The same, where what failed may be asked about.
    pub(crate) fn check_answers(&self, backend: Backend) -> Result<()> {
        match &*self.lock() {
            Standing::Failed(_) if !backend.capability().aborts_failed_transactions => return Ok(()),
            _ => {}
        }
        self.check()
    }

    /// Notes that a statement failed.
    pub(crate) fn note(&self, error: &Error, backend: Backend) {
        let ends_on_deadlock = backend.capability().ends_transactions_on_deadlock;
        let is_over = error.is_connection_lost()
            || (matches!(error, Error::Driver(_)) && !error.is_before_sending())
            || (ends_on_deadlock && matches!(error.kind(), Some(Kind::Deadlock | Kind::Changed)));
        if is_over {
            self.end(error.into());
        } else {
            self.fail(error.into());
        }
    }

    /// Notes that a part of it failed after it had begun to write.
    pub(crate) fn fail(&self, failure: Failure) {
        let mut standing = self.lock();
        if matches!(*standing, Standing::Open) {
            *standing = Standing::Failed(failure);
        }
    }

    /// Notes that it is no more what it was.
    pub(crate) fn end(&self, failure: Failure) {
        let mut standing = self.lock();
        *standing = match std::mem::take(&mut *standing) {
            Standing::Open => Standing::Over(failure),
            Standing::Failed(first) | Standing::Over(first) => Standing::Over(first),
        };
    }

    /// Says better what failed first, unless it is over.
    pub(crate) fn explain(&self, text: String) {
        if let Standing::Failed(first) = &mut *self.lock() {
            first.text = text;
        }
    }

    /// Notes that what failed is undone.
    pub(crate) fn mend(&self) {
        let mut standing = self.lock();
        if matches!(*standing, Standing::Failed(_)) {
            *standing = Standing::Open;
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(*self.lock(), Standing::Over(_))
    }
}

/// A part of a transaction that has to be ended: dropped before, it leaves the transaction over.
#[derive(Debug)]
pub(crate) struct Part(Option<Course>);

impl Part {
    pub(crate) const fn new(course: Option<Course>) -> Self {
        Self(course)
    }

    /// True for a part of this transaction.
    pub(crate) fn is_of(&self, course: &Course) -> bool {
        self.0.as_ref().is_some_and(|own| Arc::ptr_eq(&own.0, &course.0))
    }

    /// Notes that it was ended.
    pub(crate) fn finish(mut self) {
        self.0 = None;
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if let Some(course) = &self.0 {
            course.end(Failure::new("a part of it was cancelled before it ended".to_owned()));
        }
    }
}
