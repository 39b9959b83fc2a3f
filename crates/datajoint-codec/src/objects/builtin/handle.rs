use datajoint_sql::Value;

use crate::{Codec, Context, Error, Result};

/// The value of a codec whose objects are read through a handle: what stands in the table, once each path in it may be read.
pub(super) fn handle<C: Codec>(codec: &C, context: &Context<'_>, stored: Value) -> Result<Value> {
    let Value::Json(document) = &stored else {
        return Err(Error::stored(C::NAME, &datajoint_sql::show_value(&stored), "it is no JSON"));
    };
    for reference in codec.referenced_paths(document)? {
        let store = context.store_named(reference.store.as_deref())?;
        store.spec().check_path(&reference.path)?;
    }
    Ok(stored)
}
