//! Pauses between tries: how long, how often, and how much of it is chance. Every wait for others is one of these.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};

/// A rule for trying again: how long to wait first, how long at most, and how many tries there are in all.
///
/// Each pause is twice the one before, and up to twice as long again by chance, so that two who were in each other's way
/// don't meet a second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// The first pause, without chance.
    pub first: Duration,
    /// The longest pause, without chance.
    pub longest: Duration,
    /// How many tries there are, the first one included. `None`: until the caller gives up.
    pub tries: Option<usize>,
}

impl RetryPolicy {
    /// For what the database undid in favour of others, and for lost connections.
    pub const CONFLICT: Self = Self::new(Duration::from_millis(5), Duration::from_secs(1), Some(7));
    /// For transactions of many that write the same rows: of ten, one after the other wins.
    pub const TRANSACTION: Self = Self::new(Duration::from_millis(5), Duration::from_secs(1), Some(15));
    /// For whole files, which take longer: a pause outlasts what the other one has still to do, or both meet again.
    pub const FILE: Self = Self::new(Duration::from_millis(100), Duration::from_secs(5), Some(10));
    /// For changes of schemas, where sessions that take no lock of ours are in the way.
    pub const DECLARE: Self = Self::new(Duration::from_millis(20), Duration::from_secs(1), Some(5));
    /// For reads of the catalog, where others drop what it names.
    pub const CATALOG: Self = Self::new(Duration::from_millis(5), Duration::from_millis(50), Some(20));
    /// For a lock that somebody else has.
    pub const LOCK: Self = Self::new(Duration::from_millis(5), Duration::from_millis(50), None);

    /// Returns a rule with these bounds.
    #[must_use]
    pub const fn new(first: Duration, longest: Duration, tries: Option<usize>) -> Self {
        Self { first, longest, tries }
    }

    /// Returns the same rule with so many tries.
    #[must_use]
    pub const fn with_tries(self, tries: usize) -> Self {
        Self { tries: Some(tries), ..self }
    }

    /// Begins to count.
    #[must_use]
    pub fn start(self) -> Backoff {
        let pauses = ExponentialBuilder::new()
            .with_min_delay(self.first)
            .with_max_delay(self.longest)
            .with_jitter()
            .without_max_times()
            .build();
        Backoff { pauses, tries: 1, most: self.tries }
    }

    /// Runs a function, and again after a pause while it fails with what may pass; gives its last outcome.
    #[doc(hidden)]
    pub async fn run<T, E>(
        self,
        may_pass: impl Fn(&E) -> bool,
        mut function: impl AsyncFnMut() -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: std::fmt::Display,
    {
        let mut backoff = self.start();
        loop {
            match function().await {
                Err(error) if may_pass(&error) && backoff.again().await => {
                    tracing::debug!(%error, attempt = backoff.tries(), "it is tried again");
                }
                outcome => return outcome,
            }
        }
    }
}

/// The pauses of one verb that is tried again.
#[derive(Debug)]
pub struct Backoff {
    pauses: ExponentialBackoff,
    tries: usize,
    most: Option<usize>,
}

impl Backoff {
    /// Returns true after a pause when another try is due, and false at once when there were enough.
    ///
    /// The pause is of tokio's clock, which tests may stop.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the try is counted.
    pub async fn again(&mut self) -> bool {
        if self.is_over() {
            return false;
        }
        self.tries += 1;
        if let Some(pause) = self.pauses.next() {
            tokio::time::sleep(pause).await;
        }
        true
    }

    /// Returns the number of tries so far, the one that is under way included.
    #[must_use]
    pub const fn tries(&self) -> usize {
        self.tries
    }

    /// Returns true when no try is left after the one that is under way.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.most.is_some_and(|most| self.tries >= most)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_to_the_longest_and_end_with_the_last_try() {
        let all = [
            RetryPolicy::CONFLICT,
            RetryPolicy::TRANSACTION,
            RetryPolicy::FILE,
            RetryPolicy::DECLARE,
            RetryPolicy::CATALOG,
        ];
        for policy in all {
            let (mut backoff, mut expected, mut tries) = (policy.start(), policy.first, 1);
            loop {
                let start = Instant::now();
                if !backoff.again().await {
                    assert_eq!(start.elapsed(), Duration::ZERO);
                    break;
                }
                tries += 1;
                let pause = start.elapsed();
                // Timers go by whole milliseconds.
                let most = expected * 2 + Duration::from_millis(1);
                assert!(pause >= expected && pause <= most, "{policy:?}: {pause:?} for {expected:?}");
                expected = (expected * 2).min(policy.longest);
            }
            assert_eq!((Some(tries), backoff.tries()), (policy.tries, tries));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_lock_is_waited_for_as_long_as_the_caller_wants() {
        let (mut backoff, start) = (RetryPolicy::LOCK.start(), Instant::now());
        while start.elapsed() < Duration::from_hours(1) {
            assert!(backoff.again().await);
        }
        assert!(backoff.tries() > 3600 * 9, "{}", backoff.tries());
    }
}
