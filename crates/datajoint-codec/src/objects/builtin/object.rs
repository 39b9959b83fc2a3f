use std::path::Path;

use datajoint_sql::Value;
use datajoint_store::Store;
use serde_json::{Value as Json, json};

use super::{Fields, handle, store_name, upload};
use crate::{Codec, Context, Error, Reference, Result};

/// `<object@>`: bytes, a file or a folder in an object that goes by its row.
pub(super) struct ObjectCodec;

impl Codec for ObjectCodec {
    const NAME: &'static str = "object";

    fn inner(&self, _: &Context<'_>) -> Option<&str> {
        None
    }

    async fn encode(&self, context: &Context<'_>, value: Value) -> Result<Value> {
        let store = context.store()?;
        match value {
            Value::Bytes(bytes) => {
                let (path, size) = (context.new_path(&store, None), bytes.len() as u64);
                store.put_new(&path, bytes).await?;
                Ok(boxed(described(&store, &path, None, size, None, &context.timestamp())))
            }
            Value::Text(file) => Self::upload(context, &store, Path::new(&file)).await,
            value => {
                let shown = datajoint_sql::show_value(&value);
                Err(Error::value(format!(
                    "{shown} is no object: give an `Object` of bytes, a file or a folder"
                )))
            }
        }
    }

    async fn decode(&self, context: &Context<'_>, stored: Value) -> Result<Value> {
        handle(self, context, stored)
    }

    fn referenced_paths(&self, stored: &Json) -> Result<Vec<Reference>> {
        let fields = Fields::of(Self::NAME, stored)?;
        Ok(vec![Reference {
            store: fields.store()?.map(str::to_owned),
            path: fields.text("path")?.to_owned(),
            size: fields.optional_size("size")?,
            is_folder: fields.flag("is_dir")?,
            file_count: fields.optional_size("item_count")?,
            is_owned: true,
        }])
    }
}

impl ObjectCodec {
    async fn upload(context: &Context<'_>, store: &Store, file: &Path) -> Result<Value> {
        let unread = |source| Error::File { path: file.to_owned(), action: "read", source };
        let meta = tokio::fs::metadata(file).await.map_err(unread)?;
        if meta.is_dir() {
            let path = context.new_path(store, None);
            let timestamp = context.timestamp();
            let folder = upload::folder(store, &path, file, &timestamp).await?;
            let (size, files) = (folder.size(), Some(folder.files()));
            return Ok(boxed(described(store, &path, None, size, files, &timestamp)));
        }
        let extension = file.extension().and_then(|extension| extension.to_str());
        let extension = extension.map(|extension| format!(".{extension}"));
        let path = context.new_path(store, extension.as_deref());
        let size = store.put_file(&path, file).await?;
        Ok(boxed(described(store, &path, extension.as_deref(), size, None, &context.timestamp())))
    }
}

fn boxed(document: Json) -> Value {
    Value::Json(Box::new(document))
}

/// The JSON of an object; of a folder with the number of its files.
pub(crate) fn described(
    store: &Store,
    path: &str,
    extension: Option<&str>,
    size: u64,
    files: Option<u64>,
    timestamp: &str,
) -> Json {
    json!({
        "path": path,
        "store": store_name(store),
        "size": size,
        "ext": extension,
        "is_dir": files.is_some(),
        "item_count": files,
        "timestamp": timestamp,
    })
}
