use std::time::Duration;

use datajoint_adapters::RetryPolicy;

/// How long statements wait for locks, and how often they try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockPolicy {
    /// How long a statement waits for its lock: as long as everybody behind it waits too.
    pub lock_timeout: Duration,
    /// How often it tries.
    pub tries: u32,
    /// The longest pause between two tries; the first is a second, and each twice the one before.
    pub longest_pause: Duration,
    /// How long what is made while others write may wait for transactions that are older than it.
    pub concurrent: Duration,
    /// How long to wait for another one to end.
    pub busy: Duration,
}

impl Default for LockPolicy {
    fn default() -> Self {
        Self {
            lock_timeout: Duration::from_secs(2),
            tries: 10,
            longest_pause: Duration::from_secs(30),
            concurrent: Duration::from_mins(30),
            busy: Duration::ZERO,
        }
    }
}

impl LockPolicy {
    /// How statements try again to get their lock.
    pub(crate) fn retry(&self) -> RetryPolicy {
        let first = Duration::from_secs(1).min(self.longest_pause);
        RetryPolicy::new(first, self.longest_pause, Some(self.tries as usize))
    }
}
