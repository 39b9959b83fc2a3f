//! The format from outside: known blobs, random values, damaged bytes, typed conversions.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
#![allow(clippy::float_cmp, reason = "what comes back is the very same number")]

mod compression;
mod conversions;
mod everything;
mod goldens;
mod hostile;
mod layouts;
mod matlab;
mod mismatches;
mod npy;
mod options;
mod random;

/// The bytes that a hexadecimal text stands for.
fn bytes(hex: &str) -> Vec<u8> {
    assert_eq!(hex.len() % 2, 0, "{hex}");
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// The hexadecimal text of bytes.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").unwrap();
        out
    })
}
