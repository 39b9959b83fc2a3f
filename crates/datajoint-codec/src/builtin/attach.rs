use std::io::Read as _;
use std::path::PathBuf;

use datajoint_sql::Value;
use datajoint_store::open_file;
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
                if let Some(fault) = file_name_fault(name) {
                    return Err(Error::value(fault));
                }
                let bytes = [name.as_bytes(), b"\0"].concat();
                let file = path.clone();
                let read = tokio::task::spawn_blocking(move || {
                    let mut bytes = bytes;
                    open_file(&file)?.read_to_end(&mut bytes)?;
                    Ok(bytes)
                });
                let read = read.await.unwrap_or_else(|error| Err(error.into()));
                let bytes = read.map_err(|source| Error::File { path, action: "read", source })?;
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
    let name = name.and_then(|name| std::str::from_utf8(name).ok());
    name.is_some_and(|name| file_name_fault(name).is_none())
}

/// Says why an attached file can't have a name, in whichever direction it goes: one with folders would be written elsewhere by
/// who joins it to a path.
#[doc(hidden)]
pub fn file_name_fault(name: &str) -> Option<String> {
    let is_plain = !matches!(name, "" | "." | "..") && !name.contains(['\0', '/', '\\']);
    (!is_plain).then(|| {
        format!(
            "{name:?} can't be the name of an attached file: take the name alone, without folders; a row that has it is read \
             with `StoredRow`"
        )
    })
}
