//! Objects go into quarantine.

use std::fmt;
use std::time::{Duration, SystemTime};

use datajoint_adapters::Connection;
use datajoint_plan::Chore;
use datajoint_sql::Access;
use datajoint_store::Store;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _, TryStreamExt as _};

use crate::chore::{AT_ONCE, Objects};
use crate::heap::Heap;
use crate::notes::Notes;
use crate::{Result, restore, rows};

/// Notes objects that no row refers to, and sets those aside that go by their content.
#[derive(Debug)]
pub(crate) struct Quarantine {
    pub(crate) objects: Objects,
    /// By the clock of the store.
    pub(crate) since: SystemTime,
    /// How long is waited before rows are read again.
    pub(crate) moment: Duration,
}

impl Quarantine {
    async fn run(&self, connection: &mut Connection) -> Result<()> {
        let Objects { dj, schema, heaps, .. } = &self.objects;
        Notes::of(connection, schema).prepare().await?;
        let mut transaction = connection.begin(Access::Locking).await?;
        let referred = rows::referred_to(dj, &mut transaction, heaps).await?;
        let free = heaps.iter().filter(|heap| !referred.contains(&heap.digest));
        let (moving, staying): (Vec<&Heap>, Vec<&Heap>) =
            free.partition(|heap| heap.by_content && heap.aside.is_none());
        Notes::of(&mut transaction, schema).add(&staying, self.since).await?;
        transaction.commit().await?;
        if moving.is_empty() { Ok(()) } else { self.set_aside(connection, &moving).await }
    }

    /// Sets objects aside, and notes them after that: their grace begins when nobody finds them any more. Who ends in between leaves
    /// objects aside without a note, which the next collection takes up.
    async fn set_aside(&self, connection: &mut Connection, heaps: &[&Heap]) -> Result<()> {
        let Objects { dj, schema, .. } = &self.objects;
        let store = self.objects.open()?;
        let mut moving = Vec::new();
        for heap in heaps {
            moving.push(set_aside(&store, heap));
        }
        let moved: Vec<Option<Heap>> =
            futures_util::stream::iter(moving).buffer_unordered(AT_ONCE).try_collect().await?;
        let moved: Vec<Heap> = moved.into_iter().flatten().collect();
        if moved.is_empty() {
            return Ok(());
        }
        let probe = store.probe().await?;
        store.delete(&probe.path).await?;
        // Who looked for one before it was set aside inserts its row now.
        tokio::time::sleep(self.moment).await;
        let referred = rows::referred_to(dj, connection, &moved).await?;
        let (back, rest): (Vec<&Heap>, Vec<&Heap>) =
            moved.iter().partition(|heap| referred.contains(&heap.digest));
        restore::put_back(&store, &back).await?;
        Notes::of(connection, schema).add(&rest, probe.modified).await
    }
}

/// Sets an object aside, if it is still the one that was judged; gives it if it was.
async fn set_aside(store: &Store, heap: &Heap) -> Result<Option<Heap>> {
    let Some(seen) = heap.in_place.filter(|_| heap.aside.is_none()) else { return Ok(None) };
    match store.head(&heap.path).await? {
        Some(found) if found.modified <= seen.youngest => {
            store.set_aside(&heap.path).await?;
            Ok(Some(heap.clone()))
        }
        // Written again since, for a row that is on its way, or gone.
        _ => Ok(None),
    }
}

impl Chore for Quarantine {
    fn canonical(&self) -> Vec<u8> {
        self.objects.canonical("quarantine")
    }

    fn carry_out<'a>(&'a self, connection: &'a mut Connection) -> BoxFuture<'a, datajoint_plan::Result<()>> {
        self.run(connection).map(|done| done.map_err(datajoint_plan::Error::from)).boxed()
    }
}

impl fmt::Display for Quarantine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.objects.shown(formatter, "quarantine")
    }
}
