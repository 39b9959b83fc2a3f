//! The one door for generated code; nothing here is promised to stay.

pub use std::clone::Clone;
pub use std::convert::{From, Into};
pub use std::fmt::{Display, Formatter, Result as FormatResult};
pub use std::option::Option::{None, Some};
pub use std::result::Result::{Err, Ok};
pub use std::str::FromStr;
pub use std::string::String;
pub use std::vec::Vec;
pub use std::{assert, concat, module_path, vec};

pub use bigdecimal::BigDecimal;
pub use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
pub use datajoint_blob::Value as Blob;
pub use datajoint_codec::{Npy, Object};
pub use datajoint_definition::Tier;
pub use datajoint_macros::__finish;
pub use datajoint_pipeline::typed::{
    Attachment, AttributeValue, AutoPopulated, Column, Contents, Declared, DeclaredChange, DescendsFrom,
    FromRow, Identified, IntoRow, KeyAttributeAt, NamedTable, OrDefault, Part, Pipeline, RowReader,
    RowWriter, SchemaName, Table, TableId, TableKey, TableRow, TableSpec, ValueError, ValueResult, WrittenBy,
    assert_as_locked, assert_declared, assert_distinct, unknown_member,
};
pub use datajoint_pipeline::{key_restriction, needs_stores, table_operators};
pub use datajoint_populate::{HasMaker, HasNoMaker, Maker, Makers, Probe, assert_make, code_of_tokens};
pub use datajoint_sql::Value;
pub use rust_decimal::Decimal;
pub use serde_json::Value as Json;
pub use uuid::Uuid;
