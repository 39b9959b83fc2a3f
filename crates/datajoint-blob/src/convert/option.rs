//! Values that may be missing.

use crate::{FromBlob, Item, Result, ToBlob, Writer, code};

impl<T: ToBlob> ToBlob for Option<T> {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        if let Some(value) = self {
            return value.write_blob(writer);
        }
        writer.code(code::NONE);
        Ok(())
    }
}

impl<T: FromBlob> FromBlob for Option<T> {
    fn read_blob(item: Item<'_>) -> Result<Self> {
        match item.open()? {
            (code::NONE, reader) => reader.finish().map(|()| None),
            _ => T::read_blob(item).map(Some),
        }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}
