use datajoint_store::Stores;

use crate::folder::Told;
use crate::{Result, folder, whole};

/// An object in a store that a row speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference {
    /// The name of the store; `None` for the default one.
    pub store: Option<String>,
    /// The path in the store.
    pub path: String,
    /// The size in bytes, where the row says it: of all files together for a folder.
    pub size: Option<u64>,
    /// True for a folder: all that lies below the path belongs to it.
    pub is_folder: bool,
    /// How many files a folder has, where the row says it.
    pub file_count: Option<u64>,
    /// True when the object belongs to the rows that speak of it, and may go when none does; false for files that the user
    /// put there.
    pub is_owned: bool,
}

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
