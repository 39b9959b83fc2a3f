//! Values as the other side writes them in JSON.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

/// A float, all its bits.
pub(crate) fn float(number: f64) -> Json {
    json!({"float": format!("{:016x}", number.to_bits())})
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub(crate) fn bytes(hexadecimal: &str) -> Vec<u8> {
    let digits: Vec<char> = hexadecimal.chars().collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(&String::from_iter(pair), 16).unwrap()).collect()
}
