//! How much is at work at the same time, over several tables.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Room for keys at work: in all, and of each resource that a table takes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slots(Vec<Arc<Semaphore>>);

/// Room for what one worker makes, until it is dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    _permits: Vec<OwnedSemaphorePermit>,
}

impl Slots {
    /// The room that there is only where there is some in each of these.
    pub(crate) const fn new(rooms: Vec<Arc<Semaphore>>) -> Self {
        Self(rooms)
    }

    /// Takes room, if there is some now.
    pub(crate) fn try_take(&self) -> Option<Slot> {
        let permits = self.0.iter().map(|room| Arc::clone(room).try_acquire_owned().ok());
        Some(Slot { _permits: permits.collect::<Option<_>>()? })
    }

    /// Takes room, after it has waited for it. Those that wait have it in the order in which they came.
    ///
    /// All take their rooms in one order, so that none waits for a room of which the other waits for this one. Room that was
    /// not taken here would be handed to the next one that waits, and by that one to the next, and nobody would work in it.
    pub(crate) async fn take(&self) -> Slot {
        let mut permits = Vec::with_capacity(self.0.len());
        for room in &self.0 {
            // No room is ever closed.
            permits.extend(Arc::clone(room).acquire_owned().await);
        }
        Slot { _permits: permits }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn there_is_room_only_where_every_room_has_some() {
        let (all, gpu) = (Arc::new(Semaphore::new(2)), Arc::new(Semaphore::new(1)));
        let with_gpu = Slots::new(vec![Arc::clone(&all), gpu]);
        let without = Slots::new(vec![all]);
        let one = with_gpu.try_take().unwrap();
        assert!(with_gpu.try_take().is_none(), "the GPU is taken");
        let two = without.try_take().expect("what did not get the GPU holds nothing");
        assert!(without.try_take().is_none(), "two are at work");
        drop(one);
        let three = with_gpu.take().await;
        assert!(with_gpu.try_take().is_none(), "it is taken");
        drop((two, three));
        assert!(with_gpu.try_take().is_some());
        assert!(Slots::default().try_take().is_some(), "without limits there is always room");
    }

    #[tokio::test]
    async fn one_of_many_that_wait_has_the_room() {
        let room = Slots::new(vec![Arc::new(Semaphore::new(1))]);
        let taken = room.try_take();
        let all = (0..3).map(|_| {
            let room = room.clone();
            tokio::spawn(async move {
                let slot = room.take().await;
                tokio::task::yield_now().await;
                drop(slot);
            })
        });
        let all: Vec<_> = all.collect();
        tokio::task::yield_now().await;
        drop(taken);
        for one in all {
            one.await.unwrap();
        }
    }
}
