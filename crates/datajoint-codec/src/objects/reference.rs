//! Objects that rows speak of, compared with what the rows say.

use datajoint_store::Stores;

use super::folder::Told;
use super::{folder, whole};
use crate::{Reference, Result};

impl Reference {
    /// Looks whether the object is there, with the size that the row says; of a folder, whether each file is there that its
    /// manifest names, and as many as the row says.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn check(&self, stores: &(impl AsRef<Stores> + ?Sized)) -> Result<()> {
        let store = stores.as_ref().get(self.store.as_deref())?;
        if self.is_folder {
            return folder::files(&store, &self.path, self.told()).await.map(drop);
        }
        let found = store.head(&self.path).await?.ok_or_else(|| store.missing(&self.path))?;
        whole::check_size(&store, &self.path, self.size, found.size)
    }

    /// Reads all of the object, a piece after the other, once it has been [checked](Self::check).
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn read_through(&self, stores: &(impl AsRef<Stores> + ?Sized)) -> Result<()> {
        let store = stores.as_ref().get(self.store.as_deref())?;
        let files = if self.is_folder {
            let files = folder::files(&store, &self.path, self.told()).await?;
            files.into_iter().map(|file| (file.path, Some(file.size))).collect()
        } else {
            vec![(self.path.clone(), self.size)]
        };
        for (path, size) in files {
            let mut reader = whole::reader(&store, &path, size).await?;
            while let Some(piece) = reader.next().await {
                piece?;
            }
        }
        Ok(())
    }

    fn told(&self) -> Told {
        Told { size: self.size, files: self.file_count, is_owned: self.is_owned }
    }
}
