//! Literals, for places where nothing can be bound.

use std::fmt::Write as _;

/// A string between single quotes, as standard SQL has it: a backslash is no more than that.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Bytes as two hexadecimal digits each.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
