//! Objects come back from quarantine.

use std::fmt;

use datajoint_adapters::Connection;
use datajoint_plan::Chore;
use datajoint_store::Store;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _, TryStreamExt as _};

use crate::Result;
use crate::chore::{AT_ONCE, Objects};
use crate::heap::Heap;
use crate::notes::Notes;

/// Puts objects back where rows look for them, and takes their notes away.
#[derive(Debug)]
pub(crate) struct Restore {
    pub(crate) objects: Objects,
}

/// Puts back what is aside.
pub(crate) async fn put_back(store: &Store, heaps: &[&Heap]) -> Result<()> {
    let mut putting = Vec::new();
    for heap in heaps {
        putting.push(store.put_back(&heap.path));
    }
    Ok(futures_util::stream::iter(putting).buffer_unordered(AT_ONCE).try_collect().await?)
}

impl Restore {
    async fn run(&self, connection: &mut Connection) -> Result<()> {
        let Objects { schema, heaps, .. } = &self.objects;
        let aside: Vec<&Heap> = heaps.iter().filter(|heap| heap.aside.is_some()).collect();
        if !aside.is_empty() {
            put_back(&self.objects.open()?, &aside).await?;
        }
        let all: Vec<&Heap> = heaps.iter().collect();
        Notes::of(connection, schema).prepare().await?;
        Notes::of(connection, schema).remove(&all).await?;
        Ok(())
    }
}

impl Chore for Restore {
    fn canonical(&self) -> Vec<u8> {
        self.objects.canonical("return")
    }

    fn carry_out<'a>(&'a self, connection: &'a mut Connection) -> BoxFuture<'a, datajoint_plan::Result<()>> {
        self.run(connection).map(|done| done.map_err(datajoint_plan::Error::from)).boxed()
    }
}

impl fmt::Display for Restore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.objects.shown(formatter, "return")
    }
}
