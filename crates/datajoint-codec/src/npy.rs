use std::fmt;

use datajoint_blob::npy::Header;
use datajoint_blob::{Element, npy};
use datajoint_sql::Value;
use datajoint_store::{ObjectReader, Store, Stores};
use ndarray::{ArrayBase, Data, Dimension};
use serde_json::Value as Json;

use crate::builtin::Fields;
use crate::{Error, Result, whole};

/// An array in an `.npy` file of a store: the value of an `<npy@>` attribute.
///
/// One that was fetched is a handle: its shape and the type of its elements are known, and its elements are read when they
/// are asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Npy(Kind);

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    New(Vec<u8>),
    Stored { document: Json, path: String, store: Option<String>, dtype: String, shape: Vec<usize> },
}

impl Npy {
    /// A new array, in the layout that it has.
    pub fn new<A: Element, S: Data<Elem = A>, D: Dimension>(array: &ArrayBase<S, D>) -> Result<Self> {
        npy::to_vec(array).map(|file| Self(Kind::New(file))).map_err(Error::other)
    }

    /// A new array of the bytes of an `.npy` file.
    pub fn of_file(file: Vec<u8>) -> Self {
        Self(Kind::New(file))
    }

    /// The array that a table speaks of with this JSON.
    ///
    /// Fails for JSON that describes none.
    pub fn of_json(document: Json) -> Result<Self> {
        let fields = Fields::of("npy", &document)?;
        let (path, dtype) = (fields.text("path")?.to_owned(), fields.text("dtype")?.to_owned());
        let (store, shape) = (fields.store()?.map(str::to_owned), fields.sizes("shape")?);
        Ok(Self(Kind::Stored { document, path, store, dtype, shape }))
    }

    /// The value as a codec takes it.
    pub fn into_value(self) -> Value {
        match self.0 {
            Kind::New(file) => Value::Bytes(file),
            Kind::Stored { document, .. } => Value::Json(Box::new(document)),
        }
    }

    /// The type of the elements as numpy writes it: `float32`; `None` for an array that is not inserted yet.
    pub fn dtype(&self) -> Option<&str> {
        match &self.0 {
            Kind::New(_) => None,
            Kind::Stored { dtype, .. } => Some(dtype),
        }
    }

    /// The length of each axis; `None` for an array that is not inserted yet.
    pub fn shape(&self) -> Option<&[usize]> {
        match &self.0 {
            Kind::New(_) => None,
            Kind::Stored { shape, .. } => Some(shape),
        }
    }

    /// The path in the store; `None` for an array that is not inserted yet.
    pub fn path(&self) -> Option<&str> {
        match &self.0 {
            Kind::New(_) => None,
            Kind::Stored { path, .. } => Some(path),
        }
    }

    /// The name of the store; `None` for the default one, and for an array that is not inserted yet.
    pub fn store(&self) -> Option<&str> {
        match &self.0 {
            Kind::New(_) => None,
            Kind::Stored { store, .. } => store.as_deref(),
        }
    }

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
