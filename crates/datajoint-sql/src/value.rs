use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use rust_decimal::Decimal;
use uuid::Uuid;

/// A value on its way to or from a database.
///
/// Values are always bound to statements, never written into their text.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// SQL `NULL`.
    #[default]
    Null,
    /// The column's default: on insert the keyword `DEFAULT`; nowhere else.
    Default,
    /// True or false.
    Bool(bool),
    /// A signed integer of any width.
    Int(i64),
    /// An integer above `i64::MAX`, from `bigint unsigned`.
    UInt(u64),
    /// A 32-bit float.
    Float32(f32),
    /// A 64-bit float.
    Float64(f64),
    /// An exact decimal number.
    Decimal(Decimal),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A date.
    Date(NaiveDate),
    /// A time of day.
    Time(NaiveTime),
    /// A date and time without a time zone.
    DateTime(NaiveDateTime),
    /// A UUID.
    Uuid(Uuid),
    /// A JSON document.
    Json(Box<serde_json::Value>),
}
