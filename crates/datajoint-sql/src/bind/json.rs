use std::fmt;

use bigdecimal::BigDecimal;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value as Json};

use crate::Value;
use crate::decimal;

/// The most digits that every 64-bit float keeps.
const SAFE_DIGITS: usize = 15;

/// How many lists and objects may stand within each other in a document that is read.
const DEEPEST: usize = 126;

/// Returns the document that a JSON text stands for.
///
/// Fails, saying why, for a text that is no JSON, for an object that has a name twice, and for a number that would become
/// another one: a whole number of more than 64 bits, or one with more digits than a 64-bit float keeps. Fails for more than 126
/// lists and objects within each other.
///
/// ```
/// use datajoint_sql::parse_json;
///
/// assert_eq!(parse_json("18446744073709551615").unwrap(), u64::MAX);
/// assert!(parse_json("[18446744073709551616]").unwrap_err().contains("18446744073709551616"));
/// ```
pub fn parse(text: &str) -> Result<serde_json::Value, String> {
    if is_deeper(text, DEEPEST) {
        return Err(format!("more than {DEEPEST} lists and objects stand within each other"));
    }
    let Once(document) = serde_json::from_str(text).map_err(|error| error.to_string())?;
    match numbers(text).find(|number| !is_kept(number)) {
        None => Ok(document),
        Some(number) => Err(format!(
            "the number {number} has more digits than a 64-bit number keeps; put it between double quotes"
        )),
    }
}

/// Returns the value that a number of a JSON text stands for, with every digit it has.
///
/// Fails, saying why, for what is no number, and for one of more than a thousand digits.
pub fn parse_number(text: &str) -> Result<Value, String> {
    let number: serde_json::Number = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let kept = match (number.as_i64(), number.as_u64(), number.as_f64()) {
        _ if !is_kept(text) => None,
        (Some(number), ..) => Some(Value::Int(number)),
        (None, Some(number), _) => Some(Value::UInt(number)),
        (None, None, number) => number.map(Value::Float64),
    };
    kept.or_else(|| exact(text).map(decimal::value))
        .ok_or_else(|| format!("the number {text} has more digits than any type keeps"))
}

/// A document in which no object has a name twice: which of the two was meant, nobody knows. Reading one fails there.
///
/// ```
/// use datajoint_sql::JsonOnce;
///
/// assert!(serde_json::from_str::<JsonOnce>(r#"{"a": 1, "b": 2}"#).is_ok());
/// assert!(serde_json::from_str::<JsonOnce>(r#"{"a": 1, "a": 2}"#).is_err());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Once(pub Json);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OnceVisitor).map(Self)
    }
}

struct OnceVisitor;

impl<'de> Visitor<'de> for OnceVisitor {
    type Value = Json;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Json, E> {
        Ok(truth.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(text.into())
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut array = Vec::new();
        while let Some(Once(item)) = items.next_element()? {
            array.push(item);
        }
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Json, A::Error> {
        let mut object = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(A::Error::custom(format!("the name \"{name}\" stands twice in an object")));
            }
            let Once(value) = fields.next_value()?;
            object.insert(name, value);
        }
        Ok(Json::Object(object))
    }
}

/// True for a text with more of them than are read.
pub(crate) fn is_too_deep(text: &str) -> bool {
    is_deeper(text, DEEPEST)
}

/// True for a text with more lists and objects within each other.
pub(crate) fn is_deeper(text: &str, most: usize) -> bool {
    let bytes = text.as_bytes();
    let (mut place, mut depth) = (0, 0_usize);
    while let Some(byte) = bytes.get(place) {
        match byte {
            b'"' => {
                place = end_of_string(bytes, place + 1);
                continue;
            }
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > most {
            return true;
        }
        place += 1;
    }
    false
}

/// The numbers of a JSON text.
fn numbers(text: &str) -> impl Iterator<Item = &str> {
    let bytes = text.as_bytes();
    let mut place = 0;
    std::iter::from_fn(move || {
        while place < bytes.len() {
            match bytes[place] {
                b'"' => place = end_of_string(bytes, place + 1),
                b'-' | b'0'..=b'9' => {
                    let start = place;
                    let is_part =
                        |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'-' | b'+');
                    place += bytes[start..].iter().take_while(|byte| is_part(byte)).count();
                    return Some(&text[start..place]);
                }
                _ => place += 1,
            }
        }
        None
    })
}

/// The place after the quote that ends a string.
fn end_of_string(bytes: &[u8], mut place: usize) -> usize {
    while let Some(byte) = bytes.get(place) {
        match byte {
            b'"' => return place + 1,
            b'\\' => place += 2,
            _ => place += 1,
        }
    }
    place
}

/// True for a number that is the same after it was read.
fn is_kept(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_whole = !text.contains(['.', 'e', 'E']);
    if is_whole && (text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok()) {
        return true;
    }
    if digits <= SAFE_DIGITS && !text.contains(['e', 'E']) {
        return true;
    }
    let Ok(float) = text.parse::<f64>() else { return false };
    match (exact(text), decimal::parse(&float.to_string())) {
        (Some(written), Some(read)) => written == read,
        _ => false,
    }
}

/// The number that a text says, with an exponent or without.
fn exact(text: &str) -> Option<BigDecimal> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent = exponent.parse::<i64>().ok().filter(|exponent| exponent.abs() < 1000)?;
    let (number, scale) = decimal::parse(mantissa)?.into_bigint_and_exponent();
    Some(BigDecimal::new(number, scale - exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_stands_twice_however_deep() {
        for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"c":2,"a":3}}]"#, r#"{"a":1,"\u0061":2}"#] {
            let error = parse(text).unwrap_err();
            assert!(error.contains("the name \"a\" stands twice"), "{text}: {error}");
        }
        let text = r#"{"z":[null,true,-1,18446744073709551615,0.5,"x",{}],"a":{"z":1}}"#;
        assert_eq!(parse(text).unwrap().to_string(), text);
    }

    #[test]
    fn numbers_have_every_digit_they_were_written_with() {
        let decimal = |text: &str| decimal::value(exact(text).unwrap());
        for (text, value) in [
            ("1", Value::Int(1)),
            ("18446744073709551615", Value::UInt(u64::MAX)),
            ("18446744073709551616", decimal("18446744073709551616")),
            ("0.1", Value::Float64(0.1)),
            ("1e300", Value::Float64(1e300)),
            ("9007199254740993.0", decimal("9007199254740993.0")),
            ("0.12345678901234567891", decimal("0.12345678901234567891")),
            ("1.00000000000000000001e1", decimal("10.0000000000000000001")),
        ] {
            assert_eq!(parse_number(text).unwrap(), value, "{text}");
        }
        for text in ["1e999", "nan", "\"1\"", "", "1e-1001"] {
            assert!(parse_number(text).is_err(), "{text}");
        }
    }
}
