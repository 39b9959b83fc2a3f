use datajoint_sql::Value;
use serde_json::Value as Json;

use crate::{Codec, Context, Error, Reference, Result};

/// `<blob@>`: a blob, kept as `<hash@>` keeps bytes.
pub(crate) struct Blob;

/// How blobs begin: those of DataJoint, and those of its older releases.
const STARTS: [&[u8]; 3] = [b"mYm\0", b"dj0\0", b"ZL123\0"];

impl Codec for Blob {
    const NAME: &'static str = "blob";

    fn inner(&self, context: &Context<'_>) -> Option<&str> {
        (!context.is_in_table()).then_some("hash")
    }

    async fn encode(&self, _: &Context<'_>, value: Value) -> Result<Value> {
        match &value {
            Value::Bytes(bytes) if STARTS.iter().any(|start| bytes.starts_with(start)) => Ok(value),
            _ => {
                let shown = datajoint_sql::show_value(&value);
                Err(Error::value(format!(
                    "{shown} is not a blob: pack it (`datajoint::blob::pack`), or keep bytes as they are in a `<hash@>`"
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
