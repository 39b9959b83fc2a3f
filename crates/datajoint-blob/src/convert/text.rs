//! Text, bytes and UUIDs.

use uuid::Uuid;

use crate::{Array, FromBlob, Item, Result, ToBlob, Writer, code};

/// Bytes that are packed as Python's `bytes`; a `Vec<u8>` is an array of numbers.
///
/// ```
/// use datajoint_blob::{Bytes, Value, pack, unpack};
///
/// assert_eq!(unpack(&pack(&Bytes(vec![1, 2]))?)?, Value::Bytes(vec![1, 2]));
/// # Ok::<(), datajoint_blob::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub Vec<u8>);

impl Bytes {
    pub(crate) fn write(bytes: &[u8], writer: &mut Writer) {
        writer.code(code::BYTES);
        writer.counted(bytes);
    }
}

impl From<Bytes> for Vec<u8> {
    fn from(bytes: Bytes) -> Self {
        bytes.0
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl ToBlob for Bytes {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        Self::write(&self.0, writer);
        Ok(())
    }
}

impl FromBlob for Bytes {
    fn read_blob(item: Item<'_>) -> Result<Self> {
        item.only("bytes", code::BYTES, |reader| Ok(Self(reader.counted()?.to_vec())))
    }
}

impl ToBlob for str {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        writer.code(code::STR);
        writer.counted(self.as_bytes());
        Ok(())
    }
}

impl ToBlob for String {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        self[..].write_blob(writer)
    }
}

impl FromBlob for String {
    fn read_blob(item: Item<'_>) -> Result<Self> {
        if let (code::ARRAY, _) = item.open()? {
            return item.read::<Array>()?.text().ok_or_else(|| item.mismatch("text"));
        }
        item.only("text", code::STR, |reader| reader.text().map(str::to_owned))
    }
}

impl ToBlob for Uuid {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        writer.code(code::UUID);
        writer.bytes(self.as_bytes());
        Ok(())
    }
}

impl FromBlob for Uuid {
    fn read_blob(item: Item<'_>) -> Result<Self> {
        item.only("a UUID", code::UUID, |reader| reader.array().map(Self::from_bytes))
    }
}
