//! Objects as they are written: each once, and never over another.

use std::fmt;
use std::path::Path as File;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use object_store::{MultipartUpload, ObjectStoreExt as _, PutMode, PutPayload};
use tokio::io::AsyncReadExt as _;

use crate::hash::ContentDigest;
use crate::{Error, Result, Store, StoredObject, content_hash, open_file};

/// How large a piece of a large object is, and how large an object is written at once.
const PIECE: usize = 8 << 20;

/// How often an object is looked for that is gone when it was found.
const TRIES: usize = 3;

/// How old an object may be that a row on its way refers to, before it is written again over itself. Those who collect leave alone
/// what is younger than two hours, by the clock of the store.
const RENEWED_AFTER: Duration = Duration::from_hours(1);

fn is_older(object: &StoredObject, age: Duration) -> bool {
    SystemTime::now().duration_since(object.modified).is_ok_and(|found| found > age)
}

/// Whether an object was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    /// It was.
    Written,
    /// It was there already.
    Found,
    /// Other bytes were there than the path says, and it was written in their place.
    Restored,
}

impl Store {
    /// Writes an object, unless the same one is there already.
    ///
    /// Fails when another one is there, which stays as it is.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the object may be there or not, and never a part of it.
    pub async fn put_new(&self, path: &str, bytes: Vec<u8>) -> Result<()> {
        let bytes = Bytes::from(bytes);
        // Where much would be sent for nothing, it is looked for first.
        let is_there = bytes.len() > PIECE && self.head(path).await?.is_some();
        if !is_there && self.create(path, bytes.clone()).await? {
            return Ok(());
        }
        let found = self.head(path).await?.ok_or_else(|| self.missing(path))?.size;
        let given = bytes.len() as u64;
        if found == given && self.compare(path, &bytes).await?.is_none() {
            return Ok(());
        }
        Err(self.occupied(path, found, given))
    }

    /// Writes an object whose path ends in the [hash](content_hash) of its bytes, unless it is there already.
    ///
    /// What is there is read and compared. Where it is damaged, it is written again; so is what was written longer than an hour
    /// ago, so that it is young for those who collect what no row refers to: a row that refers to it is on its way. Fails for a
    /// path that ends otherwise, and when other bytes with this hash are there.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the object may be there or not, and never a part of it.
    pub async fn put_content(&self, path: &str, bytes: Vec<u8>) -> Result<Placed> {
        let bytes = Bytes::from(bytes);
        let hash = content_hash(&bytes);
        if path.rsplit('/').next() != Some(&hash) {
            let problem = format!("ends in another hash than that of its bytes, {hash}");
            return Err(self.spec.bad_path(path, &problem));
        }
        for _ in 0..TRIES {
            // Where much would be sent for nothing, it is looked for first.
            let is_there = bytes.len() > PIECE && self.head(path).await?.is_some();
            if !is_there && self.create(path, bytes.clone()).await? {
                return Ok(Placed::Written);
            }
            // A collection may have set it aside, or somebody deleted it: it is tried again.
            let Some(found) = self.head(path).await? else { continue };
            let differs = match self.compare(path, &bytes).await {
                Err(Error::NoObject { .. }) => continue,
                compared => compared?,
            };
            match differs {
                Some(other) if other == hash => {
                    let (store, url, path) = (self.spec.name.clone(), self.spec.url(), path.to_owned());
                    return Err(Error::Collision { store, url, path });
                }
                // Who reads it meanwhile reads the old bytes or the new ones.
                Some(_) => {
                    return self.write(path, bytes, PutMode::Overwrite).await.map(|_| Placed::Restored);
                }
                None if is_older(&found, RENEWED_AFTER) => {
                    return self.write(path, bytes, PutMode::Overwrite).await.map(|_| Placed::Found);
                }
                None => return Ok(Placed::Found),
            }
        }
        Err(self.missing(path))
    }

    /// Returns the hash of what is there, where it differs from these bytes; it is read a piece after the other.
    async fn compare(&self, path: &str, bytes: &[u8]) -> Result<Option<String>> {
        let mut reader = self.reader(path).await?;
        let (mut rest, mut is_same, mut digest) = (bytes, true, ContentDigest::default());
        while let Some(piece) = reader.next().await {
            let piece = piece?;
            is_same = is_same && rest.starts_with(&piece);
            rest = rest.get(piece.len()..).unwrap_or_default();
            digest.add(&piece);
        }
        Ok((!is_same || !rest.is_empty()).then(|| digest.name()))
    }

    /// Writes an object where none is; false when one is.
    async fn create(&self, path: &str, bytes: Bytes) -> Result<bool> {
        self.write(path, bytes, PutMode::Create).await
    }

    /// Writes an object; false when one is there that may not be written over.
    async fn write(&self, path: &str, bytes: Bytes, mode: PutMode) -> Result<bool> {
        let place = self.place(path).await?;
        match self.objects.put_opts(&place, PutPayload::from(bytes), mode.into()).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::AlreadyExists { .. }) => Ok(false),
            Err(error) => Err(self.failed("write", error)),
        }
    }

    /// Begins to write an object, a piece after the other.
    ///
    /// Fails when one is there already.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, nothing is written.
    pub async fn writer(&self, path: &str) -> Result<ObjectWriter> {
        if let Some(found) = self.head(path).await? {
            return Err(self.occupied(path, found.size, 0));
        }
        let (store, path) = (self.clone(), path.to_owned());
        Ok(ObjectWriter { store, path, buffer: Vec::new(), upload: None, size: 0 })
    }

    /// Writes a file of this machine as an object, however large. Gives its size.
    ///
    /// Fails when one is there already, and for what is no file: a device or a pipe.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the object is not there; pieces of a large one may stay as an upload that was not finished.
    pub async fn put_file(&self, path: &str, file: &File) -> Result<u64> {
        let unread = |source| Error::File { path: file.to_owned(), action: "read", source };
        let path_of_file = file.to_owned();
        let open = tokio::task::spawn_blocking(move || open_file(&path_of_file)).await;
        let open = open.unwrap_or_else(|error| Err(error.into())).map_err(unread)?;
        let mut open = tokio::fs::File::from_std(open);
        let mut writer = self.writer(path).await?;
        let mut buffer = vec![0; 1 << 20];
        loop {
            match open.read(&mut buffer).await {
                Ok(0) => return writer.finish().await,
                Ok(length) => writer.write(&buffer[..length]).await?,
                Err(error) => {
                    writer.abort().await;
                    return Err(unread(error));
                }
            }
        }
    }

    /// Deletes an object. One that is not there is no fault.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the object may be there or not.
    pub async fn delete(&self, path: &str) -> Result<()> {
        match self.objects.delete(&self.place(path).await?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.failed("delete", error)),
        }
    }

    fn occupied(&self, path: &str, found: u64, given: u64) -> Error {
        let (store, url, path) = (self.spec.name.clone(), self.spec.url(), path.to_owned());
        Error::Occupied { store, url, path, found, given }
    }
}

/// An object on its way into a store.
///
/// It is there once [`finish`](Self::finish) says so, whole. Dropped before, pieces of a large one may stay as an upload
/// that was not finished.
#[must_use = "an object that is not finished is not written"]
pub struct ObjectWriter {
    store: Store,
    path: String,
    buffer: Vec<u8>,
    upload: Option<Box<dyn MultipartUpload>>,
    size: u64,
}

impl ObjectWriter {
    /// The path in the store.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Takes bytes.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, nobody knows which bytes were taken: begin again.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.size += bytes.len() as u64;
        let mut rest = bytes;
        while let Some(piece) = next_piece(&mut self.buffer, &mut rest) {
            self.send(piece).await?;
        }
        Ok(())
    }

    async fn send(&mut self, piece: Vec<u8>) -> Result<()> {
        let upload = match &mut self.upload {
            Some(upload) => upload,
            none => {
                let place = self.store.place(&self.path).await?;
                let begun = self.store.objects.put_multipart(&place).await;
                none.insert(begun.map_err(|error| self.store.failed("write", error))?)
            }
        };
        let sent = upload.put_part(PutPayload::from(piece)).await;
        sent.map_err(|error| self.store.failed("write", error))
    }

    /// Writes what is left. Gives the size of the object.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the object may be there or not, and never a part of it.
    pub async fn finish(mut self) -> Result<u64> {
        let rest = std::mem::take(&mut self.buffer);
        if self.upload.is_none() {
            return if self.store.create(&self.path, rest.into()).await? {
                Ok(self.size)
            } else {
                Err(self.store.occupied(&self.path, 0, self.size))
            };
        }
        if !rest.is_empty() {
            self.send(rest).await?;
        }
        if let Some(upload) = &mut self.upload {
            upload.complete().await.map_err(|error| self.store.failed("write", error))?;
        }
        Ok(self.size)
    }

    /// Gives up: nothing stays of what was written.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, pieces of a large object may stay as an upload that was not finished.
    pub async fn abort(mut self) {
        if let Some(upload) = &mut self.upload {
            // What the store can't take away it will show as unfinished.
            let _ = upload.abort().await;
        }
    }
}

impl fmt::Debug for ObjectWriter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ObjectWriter({} bytes to {} of {})", self.size, self.path, self.store.spec.name)
    }
}

/// Takes from the bytes that are left what makes a piece with those that wait, and gives it once more bytes follow: what is no larger
/// than a piece is written at once in the end. Else the bytes that are left wait.
fn next_piece(waiting: &mut Vec<u8>, rest: &mut &[u8]) -> Option<Vec<u8>> {
    let (taken, left) = rest.split_at(rest.len().min(PIECE.saturating_sub(waiting.len())));
    waiting.extend_from_slice(taken);
    *rest = left;
    (!left.is_empty()).then(|| std::mem::take(waiting))
}

#[cfg(test)]
mod tests {
    use super::{PIECE, next_piece};

    #[test]
    fn of_a_large_write_each_byte_is_copied_once() {
        for lengths in [&[10 * PIECE + 7][..], &[PIECE, 1], &[3, PIECE - 3, 2 * PIECE], &[2 * PIECE], &[0]] {
            let bytes: Vec<u8> = (0_u8..=250).cycle().take(lengths.iter().sum()).collect();
            let (mut waiting, mut written, mut begin) = (Vec::new(), Vec::new(), 0);
            for length in lengths {
                let mut rest = &bytes[begin..begin + length];
                while let Some(piece) = next_piece(&mut waiting, &mut rest) {
                    assert_eq!(piece.len(), PIECE);
                    // What it has room for was copied into it, or would have been.
                    assert!(piece.capacity() <= 2 * PIECE, "{}", piece.capacity());
                    written.extend(piece);
                }
                assert!(waiting.len() <= PIECE && waiting.capacity() <= 2 * PIECE, "{}", waiting.capacity());
                begin += length;
            }
            assert!(!waiting.is_empty() || bytes.is_empty(), "what is left at the end is written at once");
            written.append(&mut waiting);
            assert!(written == bytes, "{lengths:?}");
        }
    }
}
