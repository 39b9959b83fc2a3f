//! Texts of statements that are prepared once for each list of types.
//!
//! A prepared statement is found by its text, and servers give it the types of the values it was first prepared with: what
//! follows with others would be read as these. So the types stand behind the text.

use datajoint_sql::Value;

/// Returns the text with a letter for the type of each value behind it.
pub(crate) fn with_letters(sql: &str, letters: impl ExactSizeIterator<Item = char>) -> String {
    if letters.len() == 0 {
        return sql.to_owned();
    }
    let mut text = String::with_capacity(sql.len() + letters.len() + 7);
    text.push_str(sql);
    text.push_str(" /* ");
    text.extend(letters);
    text.push_str(" */");
    text
}

/// Returns a letter for the type that a value is bound as.
pub(crate) const fn letter(value: &Value) -> char {
    match value {
        Value::Null | Value::Default => 'z',
        Value::Text(_) => 't',
        Value::Bool(_) => 'b',
        Value::Int(_) => 'i',
        Value::UInt(_) => 'U',
        Value::Decimal(_) | Value::BigDecimal(_) => 'n',
        Value::Float32(_) => 'f',
        Value::Float64(_) => 'd',
        Value::Bytes(_) => 'y',
        Value::Date(_) => 'D',
        Value::Time(_) | Value::Duration(_) => 'T',
        Value::DateTime(_) => 'M',
        Value::Uuid(_) => 'u',
        Value::Json(_) => 'j',
    }
}
