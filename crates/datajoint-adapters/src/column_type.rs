/// The SQL type of a column, as far as it decides how values travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnType {
    /// `smallint`.
    Int16,
    /// `integer`.
    Int32,
    /// `bigint`.
    Int64,
    /// `real`.
    Float32,
    /// `double precision`.
    Float64,
    /// `numeric`.
    Decimal,
    /// `boolean`.
    Bool,
    /// Any text, enums too.
    Text,
    /// Bytes.
    Bytes,
    /// `date`.
    Date,
    /// A date and time without a zone.
    DateTime,
    /// `uuid`.
    Uuid,
    /// `json`, in its binary form where there is one.
    Json,
    /// What only the server knows.
    Other,
}
