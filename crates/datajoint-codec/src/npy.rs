use datajoint_blob::{Element, npy};
use datajoint_sql::Value;
use ndarray::{ArrayBase, Data, Dimension};
use serde_json::Value as Json;

use crate::builtin::Fields;
use crate::{Error, Result};

/// An array in an `.npy` file of a store: the value of an `<npy@>` attribute.
///
/// One that was fetched is a handle: its shape and the type of its elements are known, and its elements are read when they
/// are asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Npy(pub(crate) Kind);

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
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
}
