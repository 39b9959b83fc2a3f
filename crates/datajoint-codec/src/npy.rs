use datajoint_blob::{Element, npy};
use datajoint_sql::Value;
use datajoint_store::Stores;
use ndarray::{ArrayBase, Data, Dimension};
use serde_json::Value as Json;

use crate::builtin::Fields;
use crate::{Error, Result};

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
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn read(&self, stores: &(impl AsRef<Stores> + ?Sized)) -> Result<Vec<u8>> {
        match &self.0 {
            Kind::New(file) => Ok(file.clone()),
            Kind::Stored { path, store, .. } => Ok(stores.as_ref().get(store.as_deref())?.get(path).await?),
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
        let file = self.read(stores).await?;
        let array = npy::from_slice::<A, D>(&file).map_err(Error::other)?;
        match &self.0 {
            Kind::Stored { shape, path, .. } if shape != array.shape() => Err(Error::value(format!(
                "the array at {path} has the shape {:?}, and its row says {shape:?}: restore it from a copy",
                array.shape()
            ))),
            _ => Ok(array),
        }
    }
}
