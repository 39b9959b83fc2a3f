/// A value of a row whose codec failed.
#[derive(Debug, thiserror::Error)]
#[error("row {row} {of}{key}: attribute `{attribute}`: {source}")]
#[non_exhaustive]
pub struct RowCodecError {
    /// The table or the query: ``for `lab`.`session` ``.
    pub of: String,
    /// The number of the row, counted from 1.
    pub row: u64,
    /// The key of the row, as far as it is known: ` (subject = 1)`.
    pub key: String,
    /// The attribute.
    pub attribute: String,
    /// What is wrong.
    pub source: datajoint_codec::Error,
}
