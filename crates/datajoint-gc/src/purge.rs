//! Objects are deleted.

use std::fmt;

use datajoint_adapters::Connection;
use datajoint_plan::Chore;
use datajoint_sql::Access;
use datajoint_store::{ASIDE, Store, StoredObject};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _, TryStreamExt as _};

use crate::chore::{AT_ONCE, Objects};
use crate::heap::{Files, Heap};
use crate::notes::Notes;
use crate::{Result, restore, rows};

/// Deletes objects whose grace is over, if still no row refers to them.
#[derive(Debug)]
pub(crate) struct Purge {
    pub(crate) objects: Objects,
}

impl Purge {
    /// Rows are read again in the transaction that takes the notes away, each table as it is then.
    async fn run(&self, connection: &mut Connection) -> Result<()> {
        let Objects { dj, schema, heaps, .. } = &self.objects;
        let store = self.objects.open()?;
        let mut transaction = connection.begin(Access::Locking).await?;
        let all: Vec<&Heap> = heaps.iter().collect();
        // What another collection took meanwhile has no note any more, and is its own.
        let noted = Notes::of(&mut transaction, schema).read().await?;
        let all: Vec<&Heap> = all.into_iter().filter(|heap| noted.contains_key(&heap.digest)).collect();
        Notes::of(&mut transaction, schema).remove(&all).await?;
        let referred = rows::referred_to(dj, &mut transaction, heaps).await?;
        let (back, gone): (Vec<&Heap>, Vec<&Heap>) =
            all.into_iter().partition(|heap| referred.contains(&heap.digest));
        let aside: Vec<&Heap> = back.into_iter().filter(|heap| heap.aside.is_some()).collect();
        restore::put_back(&store, &aside).await?;
        let mut deleting = Vec::new();
        for heap in gone {
            deleting.push(delete(&store, heap));
        }
        futures_util::stream::iter(deleting).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        Ok(transaction.commit().await?)
    }
}

/// Deletes an object; one in place only if it is as it was when it was judged.
pub(crate) async fn delete(store: &Store, heap: &Heap) -> Result<()> {
    if heap.by_content {
        return Ok(store.delete(&format!("{}{ASIDE}", heap.path)).await?);
    }
    let found = files(store, heap).await?;
    let now = found.iter().fold(None, |files, one| Some(Files::with(files, one.size, one.modified)));
    if now.map(|files| files.youngest) > heap.in_place.map(|files| files.youngest) {
        return Ok(());
    }
    for object in found {
        store.delete(&object.path).await?;
    }
    Ok(())
}

/// The files of an object in place: itself, or what lies in it with its manifest.
pub(crate) async fn files(store: &Store, heap: &Heap) -> Result<Vec<StoredObject>> {
    let mut found = Vec::from_iter(store.head(&heap.path).await?);
    if !heap.by_content {
        found.extend(store.objects_in(&heap.path).await?);
        found.extend(store.head(&format!("{}.manifest.json", heap.path)).await?);
    }
    Ok(found)
}

impl Chore for Purge {
    fn canonical(&self) -> Vec<u8> {
        self.objects.canonical("purge")
    }

    fn carry_out<'a>(&'a self, connection: &'a mut Connection) -> BoxFuture<'a, datajoint_plan::Result<()>> {
        self.run(connection).map(|done| done.map_err(datajoint_plan::Error::from)).boxed()
    }
}

impl fmt::Display for Purge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.objects.shown(formatter, "purge")
    }
}
