//! What a module with tables needs: `use datajoint::prelude::*;`

pub use crate::{
    Attachment, AttributeValue, Blob, FetchContext, FromRow, InsertContext, IntoRow, Make, MakeContext,
    MakeError, MakeResult, OrDefault, PlainMake, part, pipeline, schema, table,
};
