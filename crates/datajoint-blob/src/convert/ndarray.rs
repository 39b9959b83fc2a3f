//! Arrays of `ndarray`.

use ndarray::{ArrayBase, Data, DataOwned, Dimension};

use crate::{
    Element, FromBlob, Item, Result, ToBlob, Writer,
    array::{Header, blob, typed},
    code,
};

impl<A: Element, S: Data<Elem = A>, D: Dimension> ToBlob for ArrayBase<S, D> {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        blob::write_elements(self, writer);
        Ok(())
    }
}

impl<A: Element, S: DataOwned<Elem = A>, D: Dimension> FromBlob for ArrayBase<S, D> {
    fn read_blob(item: Item<'_>) -> Result<Self> {
        let mismatch = || item.mismatch(&typed::wanted::<A, D>());
        let (code::ARRAY, mut reader) = item.open()? else {
            return Err(mismatch());
        };
        let header = Header::read(&mut reader)?;
        let dimension = typed::dimensions(&header.shape).ok_or_else(mismatch)?;
        let elements = blob::elements(&mut reader, &header).ok_or_else(mismatch)??;
        reader.finish()?;
        typed::build(dimension, elements)
    }
}
