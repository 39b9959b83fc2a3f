use std::fmt;
use std::path::Path;

use datajoint_store::{ObjectWriter, Store};

use super::builtin::{Folder, described};
use crate::{Error, Object, Result};

/// An object on its way into a store, before the row that speaks of it is inserted.
///
/// It is one file, of what is [written](Self::write), or a folder, of the files that are [added](Self::add). Dropped before it is
/// [finished](Self::finish), what was written stays as an object that no row speaks of.
#[must_use = "an object that is not finished is not written"]
pub struct StagedObject {
    store: Store,
    path: String,
    extension: Option<String>,
    timestamp: String,
    writer: Option<ObjectWriter>,
    folder: Folder,
}

impl StagedObject {
    pub(crate) fn new(store: Store, path: String, extension: Option<String>, timestamp: String) -> Self {
        Self { store, path, extension, timestamp, writer: None, folder: Folder::default() }
    }

    /// The path in the store.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Writes to the end of the file.
    ///
    /// Fails for a folder.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, nobody knows which bytes were taken: begin again.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.check_file()?;
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => none.insert(self.store.writer(&self.path).await?),
        };
        Ok(writer.write(bytes).await?)
    }

    /// Writes a file of the folder, by its path within.
    ///
    /// Fails for one that has a file of this name, and for an object that is a file.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the file may be there or not, and never a part of it.
    pub async fn add(&mut self, name: &str, bytes: Vec<u8>) -> Result<()> {
        self.check_folder()?;
        let size = bytes.len() as u64;
        let mut writer = self.store.writer(&format!("{}/{name}", self.path)).await?;
        writer.write(&bytes).await?;
        writer.finish().await?;
        self.folder.note(name, size);
        Ok(())
    }

    /// Copies a file of this machine into the folder, however large.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the file may be there or not, and never a part of it.
    pub async fn add_file(&mut self, name: &str, file: impl AsRef<Path>) -> Result<()> {
        self.check_folder()?;
        let size = self.store.put_file(&format!("{}/{name}", self.path), file.as_ref()).await?;
        self.folder.note(name, size);
        Ok(())
    }

    /// Writes what is left. Gives the object, for its row to be inserted with.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the object may be there or not.
    pub async fn finish(mut self) -> Result<Object> {
        if !self.folder.is_empty() {
            self.folder.write_manifest(&self.store, &self.path, &self.timestamp).await?;
            let (size, files) = (self.folder.size(), Some(self.folder.files()));
            return Object::of_json(described(&self.store, &self.path, None, size, files, &self.timestamp));
        }
        let writer = match self.writer.take() {
            Some(writer) => writer,
            None => self.store.writer(&self.path).await?,
        };
        let size = writer.finish().await?;
        let extension = self.extension.as_deref();
        Object::of_json(described(&self.store, &self.path, extension, size, None, &self.timestamp))
    }

    /// Gives up, and deletes what was written.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, a part of what was written may stay.
    pub async fn abort(mut self) -> Result<()> {
        if let Some(writer) = self.writer.take() {
            writer.abort().await;
        }
        for (name, _) in self.folder.names() {
            self.store.delete(&format!("{}/{name}", self.path)).await?;
        }
        Ok(())
    }

    fn check_file(&self) -> Result<()> {
        if self.folder.is_empty() {
            return Ok(());
        }
        Err(Error::value(format!("{} is a folder already: `add` files to it", self.path)))
    }

    fn check_folder(&self) -> Result<()> {
        if self.writer.is_some() {
            return Err(Error::value(format!("{} is a file already: `write` to it", self.path)));
        }
        if self.extension.is_some() {
            return Err(Error::value("a folder has no extension: stage it without one"));
        }
        Ok(())
    }
}

impl fmt::Debug for StagedObject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "StagedObject({} of {})", self.path, self.store.spec().name)
    }
}
