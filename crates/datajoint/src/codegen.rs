//! The one door for generated code; nothing here is promised to stay.

pub use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
pub use datajoint_blob::Value as Blob;
pub use datajoint_definition::Tier;
pub use datajoint_macros::__finish;
pub use datajoint_pipeline::typed::{
    Attachment, AttributeValue, AutoPopulated, Column, Contents, Declared, DescendsFrom, FromRow, Identified,
    IntoRow, KeyAttributeAt, NamedTable, OrDefault, Part, Pipeline, RowReader, RowWriter, SchemaName, Table,
    TableId, TableKey, TableRow, TableSpec, ValueError, WrittenBy, assert_declared, assert_distinct,
};
pub use datajoint_pipeline::{key_restriction, table_operators};
pub use datajoint_populate::assert_make;
pub use datajoint_sql::Value;
pub use rust_decimal::Decimal;
pub use serde_json::Value as Json;
pub use uuid::Uuid;
