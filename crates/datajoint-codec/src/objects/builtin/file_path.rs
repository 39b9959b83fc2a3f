use datajoint_sql::Value;
use serde_json::{Value as Json, json};

use super::{Fields, store_name};
use crate::{Codec, Context, Error, Reference, Result};

/// `<filepath@>`: a file or folder that the user keeps in the store, referred to where it is.
pub(super) struct FilePath;

impl Codec for FilePath {
    const NAME: &'static str = "filepath";

    fn inner(&self, _: &Context<'_>) -> Option<&str> {
        None
    }

    async fn encode(&self, context: &Context<'_>, value: Value) -> Result<Value> {
        let Value::Text(path) = value else {
            let shown = datajoint_sql::show_value(&value);
            return Err(Error::value(format!("{shown} is no path: give the path of a file in the store")));
        };
        let store = context.store_for_files()?;
        store.spec().check_file_path(&path)?;
        let size = store.head(&path).await?.map(|found| found.size);
        if size.is_none() && store.objects_in(&path).await?.is_empty() {
            return Err(store.missing(&path).into());
        }
        let document = json!({
            "path": path,
            "store": store_name(&store),
            "size": size,
            "is_dir": size.is_none(),
            "timestamp": context.timestamp(),
        });
        Ok(Value::Json(Box::new(document)))
    }

    async fn decode(&self, context: &Context<'_>, stored: Value) -> Result<Value> {
        let Value::Json(document) = &stored else {
            return Err(Error::stored(Self::NAME, &datajoint_sql::show_value(&stored), "it is no JSON"));
        };
        let fields = Fields::of(Self::NAME, document)?;
        let store = context.store_named(fields.store()?)?;
        store.spec().check_file_path(fields.text("path")?)?;
        Ok(stored)
    }

    fn referenced_paths(&self, stored: &Json) -> Result<Vec<Reference>> {
        let fields = Fields::of(Self::NAME, stored)?;
        Ok(vec![Reference {
            store: fields.store()?.map(str::to_owned),
            path: fields.text("path")?.to_owned(),
            size: fields.optional_size("size")?,
            is_folder: fields.flag("is_dir")?,
            file_count: None,
            is_owned: false,
        }])
    }
}
