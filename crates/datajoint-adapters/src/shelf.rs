//! Connections that were in use just now.
//!
//! The pool asks every connection that comes back whether it is still there: a turn to the server for each statement.
//! One whose last statement went well waits here first, and the next statement takes it as it is.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::runtime::{Handle, Id};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::doubts::Doubts;
use crate::driver::Driver;
use crate::holders::{Holders, Holding, Purpose};
use crate::writers::{Turn, Writers};
use crate::{Error, Result};

/// How long a connection waits here before the pool has it back.
const SHORTLY: Duration = Duration::from_secs(1);

pub(crate) struct Shelf {
    /// One for each connection that can be in use: those that wait here are found before the pool is asked.
    permits: Arc<Semaphore>,
    /// How many there are of them.
    most: u32,
    holders: Arc<Holders>,
    waiting: Mutex<Waiting>,
    /// Where the connections lead, for messages.
    server: String,
    /// Where one client writes at a time.
    writers: Option<Writers>,
    doubts: Arc<Doubts>,
    /// How many statements were sent by these connections.
    sent: AtomicU64,
}

#[derive(Default)]
struct Waiting {
    connections: Vec<Waits>,
    /// When the task last looked that gives back what has waited for long, while there is one. It ends with its runtime.
    swept: Option<Instant>,
}

/// A connection that waits.
struct Waits {
    driver: Box<dyn Driver>,
    since: Instant,
    /// Where it was in use: it may not outlive this runtime.
    runtime: Id,
}

impl Shelf {
    /// Notes that a statement is sent.
    pub(crate) fn sends(&self) {
        self.sent.fetch_add(1, Ordering::Relaxed);
    }

    /// How many statements were sent.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    pub(crate) fn new(
        connections: u32,
        server: String,
        writers: Option<Writers>,
        doubts: Arc<Doubts>,
    ) -> Arc<Self> {
        let permits =
            usize::try_from(connections).unwrap_or(Semaphore::MAX_PERMITS).min(Semaphore::MAX_PERMITS);
        Arc::new(Self {
            permits: Arc::new(Semaphore::new(permits)),
            most: connections,
            holders: Arc::default(),
            waiting: Mutex::default(),
            server,
            writers,
            doubts,
            sent: AtomicU64::new(0),
        })
    }

    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    pub(crate) fn doubts(&self) -> &Doubts {
        &self.doubts
    }

    /// Waits for leave to write, where one client does at a time.
    pub(crate) async fn turn(&self, purpose: Purpose) -> Result<Option<Turn>> {
        match &self.writers {
            Some(writers) => writers.turn(purpose).await.map(Some),
            None => Ok(None),
        }
    }

    /// Leave to use a connection. Fails when there is none for so long, and says who has them.
    pub(crate) async fn permit(
        &self,
        timeout: Duration,
        purpose: Purpose,
    ) -> Result<(OwnedSemaphorePermit, Holding)> {
        match tokio::time::timeout(timeout, Arc::clone(&self.permits).acquire_owned()).await {
            Ok(Ok(permit)) => Ok((permit, self.holders.hold(purpose))),
            Ok(Err(_)) => Err(Error::Closed),
            Err(_) => {
                Err(Error::AcquireTimeout { waited: timeout, most: self.most, holders: self.holders.list() })
            }
        }
    }

    /// The connection that was in use last; the pool asks about one that was doubted since.
    pub(crate) fn take(&self) -> Option<Box<dyn Driver>> {
        let Waits { driver, since, runtime } = self.lock().connections.pop()?;
        let is_here = Handle::try_current().is_ok_and(|here| here.id() == runtime);
        // The pool would wait for an answer of the server that was left, or give out what belongs to a runtime that has ended.
        if !is_here || self.doubts.leads_elsewhere(since) {
            driver.detach();
            return None;
        }
        (since.elapsed() < SHORTLY && !self.doubts.concern(since)).then_some(driver)
    }

    /// Keeps a connection, which was in use since then, for the next statement.
    pub(crate) fn put(self: &Arc<Self>, driver: Box<dyn Driver>, lent: Instant) {
        let Ok(runtime) = Handle::try_current() else { return driver.detach() };
        if self.doubts.leads_elsewhere(lent) {
            return driver.detach();
        }
        if self.permits.is_closed() || self.doubts.concern(lent) {
            return;
        }
        let mut waiting = self.lock();
        waiting.connections.push(Waits { driver, since: Instant::now(), runtime: runtime.id() });
        if waiting.swept.is_none_or(|last| last.elapsed() > SHORTLY * 3) {
            waiting.swept = Some(Instant::now());
            runtime.spawn(sweep(Arc::downgrade(self)));
        }
    }

    /// Gives everything back to the pool, and nothing out any more.
    pub(crate) fn close(&self) {
        self.permits.close();
        self.give_back();
    }

    /// Gives everything back to the pool, which asks before it gives it out.
    pub(crate) fn give_back(&self) {
        let connections = std::mem::take(&mut self.lock().connections);
        drop(connections);
    }

    /// Who has connections that were to be given back.
    pub(crate) fn still_in_use(&self, waited: Duration) -> Error {
        Error::StillInUse { waited, holders: self.holders.list() }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn sweep(shelf: Weak<Shelf>) {
    loop {
        tokio::time::sleep(SHORTLY).await;
        let Some(shelf) = shelf.upgrade() else { return };
        let mut waiting = shelf.lock();
        let (old, young): (Vec<Waits>, Vec<Waits>) = std::mem::take(&mut waiting.connections)
            .into_iter()
            .partition(|waits| waits.since.elapsed() >= SHORTLY);
        waiting.connections = young;
        let is_done = waiting.connections.is_empty();
        waiting.swept = (!is_done).then(Instant::now);
        drop(waiting);
        drop(old);
        if is_done {
            return;
        }
    }
}

impl Drop for Shelf {
    fn drop(&mut self) {
        // There may be no runtime any more in which they could go back.
        for waits in std::mem::take(&mut self.lock().connections) {
            waits.driver.detach();
        }
    }
}
