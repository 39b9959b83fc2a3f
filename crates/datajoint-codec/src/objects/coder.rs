//! What coders do with objects.

use datajoint_sql::Value;
use serde_json::Value as Json;

use super::StagedObject;
use crate::{Coder, Context, Error, Result, Row};

impl Coder<'_> {
    /// Begins to write an object for a row that is inserted after it.
    ///
    /// Fails for another codec than `<object@>`.
    pub fn stage(&self, row: Row<'_>, extension: Option<&str>) -> Result<StagedObject> {
        let context = Context { row: Some(row), ..self.context };
        if context.codec.name != "object" {
            let name = &context.codec.name;
            return Err(Error::value(format!(
                "an object is staged for `<object@>`, and this is `<{name}@>`: insert the value"
            )));
        }
        let store = context.store()?;
        let path = context.new_path(&store, extension);
        Ok(StagedObject::new(store, path, extension.map(str::to_owned), context.timestamp()))
    }

    /// True for JSON that describes an object that is there.
    pub(crate) async fn describes(&self, context: &Context<'_>, document: &Json) -> Result<bool> {
        let Some(last) = self.chain.last() else { return Ok(false) };
        // What is wrong with other JSON the codec says itself.
        let references = last.referenced_paths(document).unwrap_or_default();
        if references.is_empty() {
            return Ok(false);
        }
        for reference in references {
            reference.check(context.stores).await?;
        }
        Ok(true)
    }

    /// Reads all that a value speaks of which stands in the table, and compares it with what was written.
    ///
    /// Fails as [`decode`](Self::decode) does, and when what a handle leads to differs, as far as the row says what was written.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn verify(&self, stored: &Json) -> Result<()> {
        let decoded = self.decode(None, Value::Json(Box::new(stored.clone()))).await?;
        match self.chain.last() {
            // A handle, of which nothing was read.
            Some(last) if matches!(decoded, Value::Json(_)) => last.verify(&self.context, stored).await,
            _ => Ok(()),
        }
    }
}
