//! Objects as they are read.

use std::ops::Range;
use std::path::Path;

use datajoint_store::{ObjectReader, Store, StoredObject, Stores};
use tokio::io::AsyncWriteExt as _;

use super::folder::Told;
use super::{folder, whole};
use crate::object::Stored;
use crate::{Error, Object, Result};

impl Object {
    fn open(&self, stores: &(impl AsRef<Stores> + ?Sized)) -> Result<(&Stored, Store)> {
        let stored = self.stored()?;
        Ok((stored, stores.as_ref().get(stored.store.as_deref())?))
    }

    /// All bytes of a file.
    ///
    /// Fails when they are not there, or not as many as were written, and for a folder.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn read(&self, stores: &(impl AsRef<Stores> + ?Sized)) -> Result<Vec<u8>> {
        let (stored, store) = self.open(stores)?;
        stored.check_file()?;
        whole::bytes(&store, &stored.path, stored.size).await
    }

    /// Some bytes of a file: from the first, counted from 0, to the one before the last. Fewer where it ends before.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn read_range(
        &self,
        stores: &(impl AsRef<Stores> + ?Sized),
        range: Range<u64>,
    ) -> Result<Vec<u8>> {
        let (stored, store) = self.open(stores)?;
        stored.check_file()?;
        Ok(store.get_range(&stored.path, range).await?)
    }

    /// Begins to read a file, a piece after the other: however large it is, little of it is in memory.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn reader(&self, stores: &(impl AsRef<Stores> + ?Sized)) -> Result<ObjectReader> {
        let (stored, store) = self.open(stores)?;
        stored.check_file()?;
        whole::reader(&store, &stored.path, stored.size).await
    }

    /// The files of a folder, each by its path in the store.
    ///
    /// Fails when they are not those that were written, as far as the row and the manifest beside the folder say.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn files(&self, stores: &(impl AsRef<Stores> + ?Sized)) -> Result<Vec<StoredObject>> {
        let (stored, store) = self.open(stores)?;
        stored.files_of(&store).await
    }

    /// Writes the file, or all files of the folder, to a path of this machine. Gives how many bytes they have.
    ///
    /// Fails when a file is there already, and, before anything is written, when the folder does not hold what was written.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, a part of what was to be written stays.
    pub async fn download(
        &self,
        stores: &(impl AsRef<Stores> + ?Sized),
        to: impl AsRef<Path>,
    ) -> Result<u64> {
        let (stored, store) = self.open(stores)?;
        let to = to.as_ref();
        if !stored.is_folder {
            return download(&store, &stored.path, stored.size, to).await;
        }
        let mut total = 0;
        for file in stored.files_of(&store).await? {
            let within = file.path.strip_prefix(&stored.path).unwrap_or(&file.path);
            let to = to.join(within.trim_start_matches('/'));
            total += download(&store, &file.path, Some(file.size), &to).await?;
        }
        Ok(total)
    }

    /// Looks whether all that was written is there, with its size.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn verify(&self, stores: &(impl AsRef<Stores> + ?Sized)) -> Result<()> {
        let (stored, store) = self.open(stores)?;
        if stored.is_folder {
            return stored.files_of(&store).await.map(drop);
        }
        let found = store.head(&stored.path).await?.ok_or_else(|| store.missing(&stored.path))?;
        whole::check_size(&store, &stored.path, stored.size, found.size)
    }
}

impl Stored {
    fn check_file(&self) -> Result<()> {
        if self.is_folder {
            return Err(Error::value(format!("{} is a folder: read its files, each by `child`", self.path)));
        }
        Ok(())
    }

    async fn files_of(&self, store: &Store) -> Result<Vec<StoredObject>> {
        // What the user put there has no number of files.
        let is_owned = self.document.get("item_count").is_some();
        let told = Told { size: self.size, files: self.files, is_owned };
        folder::files(store, &self.path, told).await
    }
}

/// Writes an object to a new file.
async fn download(store: &Store, path: &str, expected: Option<u64>, to: &Path) -> Result<u64> {
    let unwritten = |source| Error::File { path: to.to_owned(), action: "written", source };
    let mut reader = whole::reader(store, path, expected).await?;
    if let Some(folder) = to.parent() {
        tokio::fs::create_dir_all(folder).await.map_err(unwritten)?;
    }
    let mut file =
        tokio::fs::OpenOptions::new().write(true).create_new(true).open(to).await.map_err(unwritten)?;
    let mut size = 0;
    while let Some(piece) = reader.next().await {
        let piece = piece?;
        file.write_all(&piece).await.map_err(unwritten)?;
        size += piece.len() as u64;
    }
    file.flush().await.map_err(unwritten)?;
    Ok(size)
}
