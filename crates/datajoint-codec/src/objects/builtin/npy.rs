use datajoint_blob::npy::Header;
use datajoint_sql::Value;
use serde_json::{Value as Json, json};

use super::{Fields, handle, store_name};
use crate::{Codec, Context, Error, Npy, Reference, Result};

/// `<npy@>`: an array in an `.npy` file that goes by its row.
pub(super) struct NpyCodec;

impl Codec for NpyCodec {
    const NAME: &'static str = "npy";

    fn inner(&self, _: &Context<'_>) -> Option<&str> {
        None
    }

    async fn encode(&self, context: &Context<'_>, value: Value) -> Result<Value> {
        let Value::Bytes(file) = value else {
            let shown = datajoint_sql::show_value(&value);
            return Err(Error::value(format!("{shown} is no array: give an `Npy` of one")));
        };
        let header = Header::parse(&file).map_err(|error| {
            Error::value(format!("it is not the bytes of an `.npy` file: {error}; give an `Npy` of an array"))
        })?;
        let store = context.store()?;
        let path = context.new_path(&store, Some(".npy"));
        store.put_new(&path, file).await?;
        let store = store_name(&store);
        let document =
            json!({"path": path, "store": store, "dtype": header.dtype_name(), "shape": header.shape()});
        Ok(Value::Json(Box::new(document)))
    }

    async fn decode(&self, context: &Context<'_>, stored: Value) -> Result<Value> {
        handle(self, context, stored)
    }

    async fn verify(&self, context: &Context<'_>, stored: &Json) -> Result<()> {
        Npy::of_json(stored.clone())?.read_through(context.stores).await
    }

    fn referenced_paths(&self, stored: &Json) -> Result<Vec<Reference>> {
        let fields = Fields::of(Self::NAME, stored)?;
        fields.text("dtype")?;
        fields.sizes("shape")?;
        Ok(vec![Reference {
            store: fields.store()?.map(str::to_owned),
            path: fields.text("path")?.to_owned(),
            size: None,
            is_folder: false,
            file_count: None,
            is_owned: true,
        }])
    }
}
