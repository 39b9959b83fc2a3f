//! Arrays as they are read.

use std::fmt;

use datajoint_blob::Element;
use datajoint_blob::npy::{self, Header};
use datajoint_store::{ObjectReader, Store, Stores};
use ndarray::Dimension;

use super::whole;
use crate::npy::Kind;
use crate::{Error, Npy, Result};

impl Npy {
    /// The bytes of the file.
    ///
    /// Fails when it is not there. Its header is read first, and nothing more of an array of another type, shape or length than
    /// the row says.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn read(&self, stores: &(impl AsRef<Stores> + ?Sized)) -> Result<Vec<u8>> {
        match &self.0 {
            Kind::New(file) => Ok(file.clone()),
            Kind::Stored { path, store, dtype, shape, .. } => {
                let store = stores.as_ref().get(store.as_deref())?;
                let (reader, begun) = begin(&store, path, dtype, shape).await?;
                whole::rest(reader, begun).await
            }
        }
    }

    /// The array.
    ///
    /// Fails when it is not there, holds other elements or has another number of axes, and when it is of another shape than
    /// the row says.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn load<A: Element, D: Dimension>(
        &self,
        stores: &(impl AsRef<Stores> + ?Sized),
    ) -> Result<ndarray::Array<A, D>> {
        npy::from_slice::<A, D>(&self.read(stores).await?).map_err(Error::other)
    }

    /// Reads all of the file, a piece after the other, and compares it with the row.
    pub(crate) async fn read_through(&self, stores: &Stores) -> Result<()> {
        if let Kind::Stored { path, store, dtype, shape, .. } = &self.0 {
            let store = stores.get(store.as_deref())?;
            let (mut reader, _) = begin(&store, path, dtype, shape).await?;
            while let Some(piece) = reader.next().await {
                piece?;
            }
        }
        Ok(())
    }
}

/// How long a header is at most.
const HEADER: usize = 1 << 17;

/// Begins to read a file; gives what was read of it.
///
/// Fails when its header is not that of the array that the row speaks of, and for a file of another length than it says.
async fn begin(store: &Store, path: &str, dtype: &str, shape: &[usize]) -> Result<(ObjectReader, Vec<u8>)> {
    let mut reader = store.reader(path).await?;
    let mut begun = Vec::new();
    let header = loop {
        match Header::parse(&begun) {
            Ok(header) => break header,
            // DataJoint for Python keeps strings too, whose headers are its own affair.
            Err(_) if !Header::is_readable(dtype) => return Ok((reader, begun)),
            Err(fault) => match reader.next().await {
                Some(piece) if begun.len() < HEADER => begun.extend(piece?),
                _ => {
                    let array = Array { dtype, shape };
                    return Err(array.differs(store, path, format!("it is no array ({fault})")));
                }
            },
        }
    };
    let found = Array { dtype: &header.dtype_name(), shape: header.shape() };
    let expected = Array { dtype, shape };
    if found != expected {
        return Err(expected.differs(store, path, format!("it is {found}")));
    }
    let length = header.data_offset().saturating_add(header.data_length().map_err(Error::other)?);
    whole::check_size(store, path, Some(length as u64), reader.size())?;
    Ok((reader, begun))
}

/// What a row says of an array.
#[derive(PartialEq)]
struct Array<'a> {
    dtype: &'a str,
    shape: &'a [usize],
}

impl Array<'_> {
    fn differs(&self, store: &Store, path: &str, found: String) -> Error {
        let (store, path, expected) = (store.spec().name.clone(), path.to_owned(), self.to_string());
        Error::OtherArray { store, path, expected, found }
    }
}

impl fmt::Display for Array<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of the shape {:?}", self.dtype, self.shape)
    }
}
