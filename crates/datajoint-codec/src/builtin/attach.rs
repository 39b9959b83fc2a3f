use std::path::PathBuf;

use datajoint_sql::Value;
use serde_json::Value as Json;

use crate::{Codec, Context, Error, Reference, Result};

/// `<attach@>`: a file with its name, kept as `<hash@>` keeps bytes.
pub(crate) struct Attach;

impl Codec for Attach {
    const NAME: &'static str = "attach";

    fn inner(&self, context: &Context<'_>) -> Option<&str> {
        (!context.is_in_table()).then_some("hash")
    }

    async fn encode(&self, _: &Context<'_>, value: Value) -> Result<Value> {
        match value {
            Value::Text(path) => {
                let path = PathBuf::from(path);
                let name = path.file_name().and_then(|name| name.to_str());
                let name = name.ok_or_else(|| {
                    Error::value(format!("{} names no file: give the path of one", path.display()))
                })?;
                let mut bytes = [name.as_bytes(), b"\0"].concat();
                let read = tokio::fs::read(&path).await;
                let read = read.map_err(|source| Error::File { path: path.clone(), action: "read", source });
                bytes.extend(read?);
                Ok(Value::Bytes(bytes))
            }
            Value::Bytes(bytes) if is_attachment(&bytes) => Ok(Value::Bytes(bytes)),
            value => {
                let shown = datajoint_sql::show_value(&value);
                Err(Error::value(format!(
                    "{shown} is not a file with its name: give an `Attachment`, or the path of a file"
                )))
            }
        }
    }

    async fn decode(&self, _: &Context<'_>, stored: Value) -> Result<Value> {
        Ok(stored)
    }

    fn referenced_paths(&self, _: &Json) -> Result<Vec<Reference>> {
        Ok(Vec::new()) // `<hash@>` knows what it wrote
    }
}

/// True for bytes that begin with the name of a file.
fn is_attachment(bytes: &[u8]) -> bool {
    let name = bytes.iter().position(|byte| *byte == 0).map(|end| &bytes[..end]);
    name.is_some_and(|name| !name.is_empty() && std::str::from_utf8(name).is_ok())
}
