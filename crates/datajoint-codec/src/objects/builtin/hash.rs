use datajoint_sql::Value;
use datajoint_store::content_hash;
use serde_json::{Value as Json, json};

use super::{Fields, store_name};
use crate::objects::whole;
use crate::{Codec, Context, Error, Reference, Result};

/// `<hash@>`: bytes in an object that goes by its content.
pub(super) struct Hash;

impl Codec for Hash {
    const NAME: &'static str = "hash";

    fn inner(&self, _: &Context<'_>) -> Option<&str> {
        None
    }

    async fn encode(&self, context: &Context<'_>, value: Value) -> Result<Value> {
        let Value::Bytes(bytes) = value else {
            let shown = datajoint_sql::show_value(&value);
            return Err(Error::value(format!("{shown} is not bytes, which `<hash@>` takes: give `Vec<u8>`")));
        };
        let Some(row) = context.row() else {
            return Err(Error::value("`<hash@>` writes for rows of a table alone"));
        };
        let store = context.store()?;
        let (hash, size) = (content_hash(&bytes), bytes.len());
        let path = store.spec().hash_path(row.schema, &hash);
        store.put_content(&path, bytes).await?;
        let store = store_name(&store);
        let document =
            json!({"hash": hash, "path": path, "schema": row.schema, "store": store, "size": size});
        Ok(Value::Json(Box::new(document)))
    }

    async fn decode(&self, context: &Context<'_>, stored: Value) -> Result<Value> {
        let Value::Json(document) = stored else {
            return Err(Error::stored(Self::NAME, &datajoint_sql::show_value(&stored), "it is no JSON"));
        };
        let fields = Fields::of(Self::NAME, &document)?;
        let (path, expected) = (fields.text("path")?, fields.text("hash")?);
        let store = context.store_named(fields.store()?)?;
        let bytes = whole::bytes(&store, path, fields.optional_size("size")?).await?;
        let found = content_hash(&bytes);
        if found != expected {
            let (store, path) = (store.spec().name.clone(), path.to_owned());
            return Err(Error::Changed { store, path, expected: expected.to_owned(), found });
        }
        Ok(Value::Bytes(bytes))
    }

    fn referenced_paths(&self, stored: &Json) -> Result<Vec<Reference>> {
        let fields = Fields::of(Self::NAME, stored)?;
        fields.text("hash")?;
        Ok(vec![Reference {
            store: fields.store()?.map(str::to_owned),
            path: fields.text("path")?.to_owned(),
            size: Some(fields.size()?),
            is_folder: false,
            file_count: None,
            is_owned: true,
        }])
    }
}
