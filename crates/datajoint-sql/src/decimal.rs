//! Exact decimal numbers of any length.

use std::str::FromStr as _;

use bigdecimal::{BigDecimal, ToPrimitive as _, Zero as _};
use rust_decimal::Decimal;

use crate::Value;

/// The longest text that is read as a number: longer than any that a database keeps as one.
const LONGEST: usize = 1100;

/// Returns the number that a value is, if it is one; floats are what their shortest text says.
pub fn exact(value: &Value) -> Option<BigDecimal> {
    match value {
        Value::Decimal(number) => Some(big(*number)),
        Value::BigDecimal(number) => Some(BigDecimal::clone(number)),
        Value::Int(number) => Some(BigDecimal::from(*number)),
        Value::UInt(number) => Some(BigDecimal::from(*number)),
        Value::Text(text) => parse(text.trim()),
        Value::Float32(number) => parse(&number.to_string()),
        Value::Float64(number) => parse(&number.to_string()),
        _ => None,
    }
}

/// Returns the number that a text such as `-12.50` says, if it is one written in full, without an exponent.
///
/// ```
/// use datajoint_sql::{Value, decimal_value, parse_decimal};
///
/// let price = parse_decimal("-12.50").map(decimal_value);
/// assert!(matches!(price, Some(Value::Decimal(_))));
/// let long = parse_decimal(&"7".repeat(40)).map(decimal_value);
/// assert!(matches!(long, Some(Value::BigDecimal(_))));
/// ```
pub fn parse(text: &str) -> Option<BigDecimal> {
    let is_number = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+');
    if text.len() > LONGEST || !text.bytes().all(is_number) {
        return None;
    }
    BigDecimal::from_str(text).ok()
}

/// Returns the float that a text such as `-1.5e3` or `inf` says, if it is one; `None` for a number that is larger than any.
pub fn parse_float(text: &str) -> Option<f64> {
    let is_beyond = |float: &f64| float.is_infinite() && text.bytes().any(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|float| !is_beyond(float))
}

/// Returns the nearest float of the short kind; `None` for what is beyond them all, unless infinity is written.
pub fn parse_float32(text: &str) -> Option<f32> {
    let narrow: f32 = text.parse().ok()?;
    (narrow.is_finite() || !parse_float(text)?.is_finite()).then_some(narrow)
}

fn big(number: Decimal) -> BigDecimal {
    BigDecimal::new(number.mantissa().into(), i64::from(number.scale()))
}

/// How many digits a number has before the point, and after it, without zeros at either end.
pub(crate) fn digits(number: &BigDecimal) -> (i64, i64) {
    if number.is_zero() {
        return (0, 0);
    }
    let normal = number.normalized();
    let scale = normal.fractional_digit_count();
    let all = i64::try_from(normal.digits()).unwrap_or(i64::MAX);
    ((all - scale).max(0), scale.max(0))
}

/// The number with so many digits after the point, which is at least as many as it has.
pub(crate) fn with_scale(number: &BigDecimal, scale: u8) -> Value {
    value(number.with_scale(i64::from(scale)))
}

/// Returns the number as the shorter of the two values that hold it.
pub fn value(number: BigDecimal) -> Value {
    let (mantissa, scale) = number.as_bigint_and_exponent();
    let short = match (mantissa.to_i128(), u32::try_from(scale)) {
        (Some(mantissa), Ok(scale)) => Decimal::try_from_i128_with_scale(mantissa, scale).ok(),
        _ => None,
    };
    short.map_or_else(|| Value::BigDecimal(Box::new(number)), Value::Decimal)
}
