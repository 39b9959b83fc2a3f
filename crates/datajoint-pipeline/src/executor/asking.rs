use std::ops::{Deref, DerefMut};

use super::{Place, Target};

/// A target whose queries may ask about what failed in its transaction; until it is dropped, also by a cancelled future.
pub(crate) struct Asking<'a>(Target<'a>);

impl<'a> Asking<'a> {
    /// Lets queries ask, unless the server answers nothing after a failure.
    ///
    /// `None` where it does not answer.
    pub(crate) fn of(target: Target<'a>) -> Option<Self> {
        if target.is_transaction() && target.backend().capability().aborts_failed_transactions {
            return None;
        }
        let mut asking = Self(target);
        asking.set(true);
        Some(asking)
    }

    fn set(&mut self, asks: bool) {
        if let Place::Transaction(transaction) = &mut self.0.0 {
            transaction.inner.ask_about_failure(asks);
        }
    }
}

impl<'a> Deref for Asking<'a> {
    type Target = Target<'a>;

    fn deref(&self) -> &Target<'a> {
        &self.0
    }
}

impl<'a> DerefMut for Asking<'a> {
    fn deref_mut(&mut self) -> &mut Target<'a> {
        &mut self.0
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.set(false);
    }
}
