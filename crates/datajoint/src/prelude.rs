//! What a module with tables needs: `use datajoint::prelude::*;`

pub use crate::{
    Attachment, AttributeValue, Blob, Condition, Delete, DropTable, DynamicRow, FetchContext, FromRow,
    Insert, InsertContext, InsertOptions, Instance, IntoRow, Make, MakeContext, MakeError, MakeResult,
    OrDefault, PlainMake, PopulateTable, Proj, Relation, Settings, part, pipeline, schema, sql, table,
};
