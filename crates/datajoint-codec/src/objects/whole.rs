//! Objects that are read whole, and judged before.

use datajoint_store::{ObjectReader, Store};

use crate::{Error, Result};

/// Begins to read an object.
///
/// Fails, with nothing of it read, when it has another size than the one that is expected.
pub(crate) async fn reader(store: &Store, path: &str, expected: Option<u64>) -> Result<ObjectReader> {
    let reader = store.reader(path).await?;
    check_size(store, path, expected, reader.size())?;
    Ok(reader)
}

/// Reads all bytes of an object of the size that is expected.
pub(crate) async fn bytes(store: &Store, path: &str, expected: Option<u64>) -> Result<Vec<u8>> {
    rest(reader(store, path, expected).await?, Vec::new()).await
}

/// Adds what a reader has left to what was read of it.
pub(crate) async fn rest(mut reader: ObjectReader, mut read: Vec<u8>) -> Result<Vec<u8>> {
    let size = usize::try_from(reader.size()).unwrap_or_default();
    read.reserve_exact(size.saturating_sub(read.len()));
    while let Some(piece) = reader.next().await {
        read.extend(piece?);
    }
    Ok(read)
}

/// Fails when an object has another size than the one that is expected.
pub(crate) fn check_size(store: &Store, path: &str, expected: Option<u64>, found: u64) -> Result<()> {
    match expected {
        Some(expected) if expected != found => {
            let (store, path) = (store.spec().name.clone(), path.to_owned());
            Err(Error::Resized { store, path, expected, found })
        }
        _ => Ok(()),
    }
}
