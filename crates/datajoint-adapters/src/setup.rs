//! What each session is set to when its connection is made, and what a server has against that.
//!
//! The pool of the driver tries again whatever a server says to it, until nobody waits any more.

use std::sync::{Arc, Mutex, PoisonError};

use datajoint_sql::Statement;
use futures_util::future::{BoxFuture, Either, select};
use tokio::sync::Notify;

use crate::{ConnectOptions, Error, Kind, Result};

#[derive(Debug, Default)]
struct Said {
    refusal: Mutex<Option<(Kind, String, String)>>,
    news: Notify,
}

/// The statements that set up a session. Clones hear of the same refusals.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    statements: Arc<[Statement]>,
    said: Arc<Said>,
}

impl Setup {
    pub(crate) fn new(statements: impl Into<Arc<[Statement]>>) -> Self {
        Self { statements: statements.into(), said: Arc::default() }
    }

    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    /// Other statements, whose refusals the same callers hear of.
    pub(crate) fn with(&self, statements: impl Into<Arc<[Statement]>>) -> Self {
        Self { statements: statements.into(), said: Arc::clone(&self.said) }
    }

    pub(crate) fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// Notes what a server said to one of the statements, unless it may say another thing soon.
    pub(crate) fn note(&self, error: &Error) {
        let Error::Server { kind, message, code, .. } = error else { return };
        if error.is_refusal() && !matches!(kind, Kind::LockTimeout | Kind::TooManyConnections) {
            let said = (*kind, message.clone(), code.clone());
            *self.said.refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(said);
            self.said.news.notify_waiters();
        }
    }

    /// Waits for a connection of the pool. Fails at once when meanwhile a server refuses one of the statements.
    pub(crate) async fn watch<T>(
        &self,
        options: &ConnectOptions,
        acquire: BoxFuture<'_, Result<T>>,
    ) -> Result<T> {
        let mut news = std::pin::pin!(self.said.news.notified());
        news.as_mut().enable();
        match select(acquire, news).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right(((), _)) => Err(self.refused(options)),
        }
    }

    fn refused(&self, options: &ConnectOptions) -> Error {
        let said = self.said.refusal.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (kind, message, code) = said.unwrap_or((Kind::Other, String::new(), String::new()));
        let advice = kind.advice();
        let source = Error::Server { kind, message, advice, constraint: None, code };
        if kind == Kind::NotReady {
            return source;
        }
        Error::Setup { address: options.address(), source: Box::new(source) }
    }
}
