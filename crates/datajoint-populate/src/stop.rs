//! How a `compute` is told to stop.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

thread_local! {
    /// What the computation on this thread is told by.
    static CURRENT: RefCell<Option<Stop>> = const { RefCell::new(None) };
}

/// Tells computations to stop: those of a population, and among them those of one key.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stop {
    all: Arc<AtomicBool>,
    key: Arc<AtomicBool>,
}

impl Stop {
    /// The one of another key.
    pub(crate) fn of_key(&self) -> Self {
        Self { all: Arc::clone(&self.all), key: Arc::default() }
    }

    /// Tells all keys.
    pub(crate) fn all(&self) {
        self.all.store(true, Ordering::Relaxed);
    }

    /// Tells this key.
    pub(crate) fn key(&self) {
        self.key.store(true, Ordering::Relaxed);
    }

    fn is_told(&self) -> bool {
        self.all.load(Ordering::Relaxed) || self.key.load(Ordering::Relaxed)
    }

    /// Computes something that may ask whether it should stop.
    pub(crate) fn during<R>(self, compute: impl FnOnce() -> R) -> R {
        /// Puts back what was there, after a panic too.
        struct Reset(Option<Stop>);
        impl Drop for Reset {
            fn drop(&mut self) {
                CURRENT.set(self.0.take());
            }
        }
        let _reset = Reset(CURRENT.replace(Some(self)));
        compute()
    }
}

/// Returns whether the [`compute`](crate::Make::compute) that asks should end: its key took longer than
/// [`time_limit`](crate::Populate::time_limit), or the population was told to stop, and does not wait for it.
///
/// A thread can't be ended from outside. A `compute` that takes long asks now and then, and gives any error when this is
/// true; nothing of it is written. Elsewhere than on the thread of a `compute` it is false.
///
/// ```
/// use datajoint::MakeResult;
///
/// fn compute(frames: Vec<f64>) -> MakeResult<f64> {
///     let mut sum = 0.0;
///     for frame in frames {
///         if datajoint::should_stop() {
///             return Err("told to stop".into());
///         }
///         sum += frame;
///     }
///     Ok(sum)
/// }
/// assert_eq!(compute(vec![1.0, 2.0]).unwrap(), 3.0);
/// ```
pub fn should_stop() -> bool {
    CURRENT.with_borrow(|current| current.as_ref().is_some_and(Stop::is_told))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_told_alone_or_with_all() {
        let all = Stop::default();
        let (one, other) = (all.of_key(), all.of_key());
        one.key();
        assert!(one.clone().during(should_stop) && !other.clone().during(should_stop));
        all.all();
        assert!(other.during(should_stop));
        assert!(!should_stop(), "outside of a computation");
    }
}
