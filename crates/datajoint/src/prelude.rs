//! What a module with tables needs: `use datajoint::prelude::*;`
//!
//! It has the macros that declare tables, the traits whose verbs tables and queries have (`insert`, `fetch`, `delete`,
//! `populate`), and the types that stand in a `make`. Everything else is imported by name: `use datajoint::PartIntegrity;`

pub use crate::{
    Attachment, AttributeValue, Blob, Code, Condition, Delete, DropTable, DynamicRow, FetchContext, FromRow,
    Insert, InsertContext, InsertOptions, Instance, IntoRow, Make, MakeContext, MakeError, MakeResult, Npy,
    Object, OrDefault, PlainMake, PopulateTable, Proj, Relation, Settings, Top, U, compute, make, part,
    pipeline, schema, sql, table,
};
