use bigdecimal::BigDecimal;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
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
    /// An exact decimal number that [`Decimal`](Self::Decimal) can't hold: of more than 28 digits.
    BigDecimal(Box<BigDecimal>),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A date.
    Date(NaiveDate),
    /// A time of day.
    Time(NaiveTime),
    /// A time that no clock shows, as a column `time` may have it: below zero, or 24 hours and more.
    Duration(TimeDelta),
    /// A date and time without a time zone.
    DateTime(NaiveDateTime),
    /// A UUID.
    Uuid(Uuid),
    /// A JSON document.
    Json(Box<serde_json::Value>),
}

impl Value {
    /// About how many bytes it takes on its way, for those who gather values.
    ///
    /// ```
    /// use datajoint_sql::Value;
    ///
    /// assert!(Value::Bytes(vec![0; 1000]).size() >= 1000);
    /// assert!(Value::Int(7).size() >= 8);
    /// ```
    pub fn size(&self) -> usize {
        const FIXED: usize = 16;
        FIXED
            + match self {
                Self::Text(text) => text.len(),
                Self::Bytes(bytes) => bytes.len(),
                Self::BigDecimal(number) => usize::try_from(number.digits()).unwrap_or(usize::MAX),
                Self::Json(document) => size_of_document(document),
                // It goes as a text of digits.
                Self::Decimal(_) => FIXED,
                _ => 0,
            }
    }
}

fn size_of_document(document: &serde_json::Value) -> usize {
    match document {
        serde_json::Value::String(text) => text.len() + 2,
        serde_json::Value::Array(items) => items.iter().map(|item| 1 + size_of_document(item)).sum(),
        serde_json::Value::Object(fields) => {
            fields.iter().map(|(name, value)| 4 + name.len() + size_of_document(value)).sum()
        }
        _ => 8,
    }
}
