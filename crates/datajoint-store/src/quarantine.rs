//! Objects that are set aside, and the clock of a store.

use object_store::ObjectStoreExt as _;

use crate::{ASIDE, Protocol, Result, Store, StoredObject};

/// The largest object that stores copy by themselves: 4 GiB, a little less than the least of them.
const LARGEST_COPY: u64 = 4 << 30;

impl Store {
    /// Writes a small object, whose time is that of the clock of the store. Whoever asked for it deletes it.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the small object may stay.
    pub async fn probe(&self) -> Result<StoredObject> {
        let path = format!("datajoint-probe-{}", uuid::Uuid::new_v4());
        self.put_new(&path, b"DataJoint was here to see what time it is.".to_vec()).await?;
        self.head(&path).await?.ok_or_else(|| self.missing(&path))
    }

    /// Gives an object another name, by which nobody finds it who looks for its content.
    ///
    /// Fails when it is not there.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the object may have either name, or both.
    pub async fn set_aside(&self, path: &str) -> Result<()> {
        self.rename(path, &format!("{path}{ASIDE}")).await
    }

    /// Gives an object that was set aside its name again, or deletes it where the same one was written again.
    ///
    /// Fails when neither is there.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the object may have either name, or both.
    pub async fn put_back(&self, path: &str) -> Result<()> {
        let aside = format!("{path}{ASIDE}");
        if self.head(path).await?.is_some() {
            self.delete(&aside).await
        } else {
            self.rename(&aside, path).await
        }
    }

    async fn rename(&self, from: &str, to: &str) -> Result<()> {
        let size = self.head(from).await?.ok_or_else(|| self.missing(from))?.size;
        if self.spec.protocol == Protocol::File || size <= LARGEST_COPY {
            let (old, new) = (self.place(from).await?, self.place(to).await?);
            let renamed = self.objects.rename(&old, &new).await;
            return renamed.map_err(|error| self.failed("rename", error));
        }
        let (mut reader, mut writer) = (self.reader(from).await?, self.writer(to).await?);
        while let Some(piece) = reader.next().await {
            writer.write(&piece?).await?;
        }
        writer.finish().await?;
        self.delete(from).await
    }
}
