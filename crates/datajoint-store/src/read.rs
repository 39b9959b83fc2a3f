//! Objects as they are read.

use std::fmt;
use std::ops::Range;
use std::pin::Pin;
use std::time::SystemTime;

use bytes::Bytes;
use futures_util::stream::{BoxStream, Stream, StreamExt as _};
use object_store::{ObjectMeta, ObjectStoreExt as _};

use crate::{Error, Protocol, Result, Store};

/// How many objects are listed at a time.
const AT_A_TIME: usize = 1000;

/// An object as a store lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredObject {
    /// The path in the store.
    pub path: String,
    /// The size in bytes.
    pub size: u64,
    /// When it was written, by the clock of the store.
    pub modified: SystemTime,
}

/// The bytes of an object, a piece after the other.
pub struct ObjectReader {
    store: Store,
    pieces: Pin<Box<dyn Stream<Item = object_store::Result<Bytes>> + Send>>,
    /// The size of the whole in bytes.
    size: u64,
}

impl ObjectReader {
    /// The size of the whole in bytes.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The next piece; `None` after the last.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, nothing is lost: the next call goes on with the same piece.
    pub async fn next(&mut self) -> Option<Result<Vec<u8>>> {
        let piece = self.pieces.next().await?;
        Some(piece.map(Vec::from).map_err(|error| self.store.failed("read", error)))
    }
}

impl fmt::Debug for ObjectReader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ObjectReader({} bytes of {})", self.size, self.store.spec.name)
    }
}

/// The objects below a path, some at a time: however many there are, few are in memory.
pub struct Listing {
    store: Store,
    some: BoxStream<'static, Vec<object_store::Result<ObjectMeta>>>,
}

impl Listing {
    /// The next ones, which may be none; `None` after the last.
    ///
    /// Fails when the store ends before it has told all.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, some objects are passed over: begin again.
    pub async fn next(&mut self) -> Option<Result<Vec<StoredObject>>> {
        let some = self.some.next().await?;
        let listed: object_store::Result<Vec<StoredObject>> =
            some.into_iter().map(|meta| Ok(self.store.listed(&meta?))).collect();
        Some(match listed {
            Ok(listed) if self.store.spec.protocol == Protocol::File => {
                self.store.without_links(listed).await
            }
            listed => listed.map_err(|error| self.store.failed("list", error)),
        })
    }
}

impl fmt::Debug for Listing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Listing(of {})", self.store.spec.name)
    }
}

impl Store {
    /// The bytes of an object.
    ///
    /// Fails when it is not there, and for a path that leads out of the store.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn get(&self, path: &str) -> Result<Vec<u8>> {
        let place = self.place(path).await?;
        let read = async { self.objects.get(&place).await?.bytes().await };
        Ok(read.await.map_err(|error| self.unread(path, error))?.into())
    }

    /// Some bytes of an object: from the first, counted from 0, to the one before the last. Fewer where it ends before.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn get_range(&self, path: &str, range: Range<u64>) -> Result<Vec<u8>> {
        let size = self.head(path).await?.ok_or_else(|| self.missing(path))?.size;
        let range = range.start.min(size)..range.end.min(size);
        if range.is_empty() {
            return Ok(Vec::new());
        }
        let place = self.place(path).await?;
        let read = self.objects.get_range(&place, range).await;
        Ok(read.map_err(|error| self.unread(path, error))?.into())
    }

    /// Begins to read an object, a piece after the other.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn reader(&self, path: &str) -> Result<ObjectReader> {
        let place = self.place(path).await?;
        let found = self.objects.get(&place).await.map_err(|error| self.unread(path, error))?;
        let size = found.meta.size;
        Ok(ObjectReader { store: self.clone(), pieces: Box::pin(found.into_stream()), size })
    }

    /// What is known of an object; `None` when it is not there.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn head(&self, path: &str) -> Result<Option<StoredObject>> {
        match self.objects.head(&self.place(path).await?).await {
            Ok(meta) => Ok(Some(self.listed(&meta))),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.failed("look for", error)),
        }
    }

    /// The objects below a path, as far as there are any, in the order of their paths. What a link within a folder brings from
    /// elsewhere is none of them.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn objects_in(&self, folder: &str) -> Result<Vec<StoredObject>> {
        let (mut listing, mut found) = (self.listing(folder).await?, Vec::new());
        while let Some(some) = listing.next().await {
            found.extend(some?);
        }
        found.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(found)
    }

    /// Looks whether any object lies below a path.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn has_objects_in(&self, folder: &str) -> Result<bool> {
        let mut listing = self.listing(folder).await?;
        while let Some(some) = listing.next().await {
            if !some?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Begins to list the objects below a path, some at a time, in no order.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn listing(&self, folder: &str) -> Result<Listing> {
        let place = self.place(folder).await?;
        let some = self.objects.list(Some(&place)).chunks(AT_A_TIME).boxed();
        Ok(Listing { store: self.clone(), some })
    }

    /// The object at a path, or all below it when it is a folder, and what says what the folder holds.
    ///
    /// Fails when there is none.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn list(&self, path: &str) -> Result<Vec<String>> {
        if self.head(path).await?.is_some() {
            return Ok(vec![path.to_owned()]);
        }
        let found = self.objects_in(path).await?;
        if found.is_empty() {
            return Err(self.missing(path));
        }
        let mut paths: Vec<String> = found.into_iter().map(|object| object.path).collect();
        let manifest = format!("{path}.manifest.json");
        if self.head(&manifest).await?.is_some() {
            paths.push(manifest);
        }
        Ok(paths)
    }

    fn listed(&self, meta: &ObjectMeta) -> StoredObject {
        StoredObject {
            path: self.within(&meta.location),
            size: meta.size,
            modified: meta.last_modified.into(),
        }
    }

    fn unread(&self, path: &str, error: object_store::Error) -> Error {
        match error {
            object_store::Error::NotFound { .. } => self.missing(path),
            error => self.failed("read", error),
        }
    }
}
