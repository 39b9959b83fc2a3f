use datajoint_definition::count;
use rust_decimal::prelude::ToPrimitive as _;

use crate::Value;
use crate::decimal;

/// The value as an integer between two bounds, when it is one.
pub(super) fn integer(value: &Value, low: i128, high: i128) -> Result<Value, String> {
    let number: Option<i128> = match value {
        Value::Int(number) => Some(i128::from(*number)),
        Value::UInt(number) => Some(i128::from(*number)),
        Value::Decimal(number) if number.fract().is_zero() => number.to_i128(),
        Value::BigDecimal(number) if number.is_integer() => number.to_i128(),
        Value::Text(text) => text.trim().parse().ok(),
        Value::Float32(number) => whole(f64::from(*number)),
        Value::Float64(number) => whole(*number),
        _ => None,
    };
    let number = number.ok_or_else(|| "give a whole number".to_owned())?;
    if !(low..=high).contains(&number) {
        return Err(format!("it must lie between {low} and {high}; declare a wider type if it should fit"));
    }
    let wide = || u64::try_from(number).map(Value::UInt);
    i64::try_from(number).map(Value::Int).or_else(|_| wide()).map_err(|_| "give a whole number".to_owned())
}

/// A float without a fraction as an integer, where floats are exact.
#[expect(clippy::cast_possible_truncation, reason = "checked against the exact range")]
fn whole(number: f64) -> Option<i128> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i128)
}

/// The value as a 64-bit float. Decimals become the nearest one; a whole number must be one.
pub(super) fn float64(value: &Value) -> Result<f64, String> {
    let number = match value {
        Value::Float64(number) => Some(*number),
        Value::Float32(number) => Some(f64::from(*number)),
        Value::Int(number) => return float_of(i128::from(*number)),
        Value::UInt(number) => return float_of(i128::from(*number)),
        Value::Decimal(_) | Value::BigDecimal(_) => {
            let number = decimal::exact(value);
            let float = number.as_ref().and_then(bigdecimal::ToPrimitive::to_f64);
            let is_other = |float: &f64| decimal::parse(&float.to_string()) != number;
            match float.filter(is_other) {
                Some(nearest) if number.is_some_and(|number| number.is_integer()) => {
                    return Err(no_float(nearest));
                }
                _ => float,
            }
        }
        Value::Text(text) => decimal::parse_float(text.trim()),
        _ => None,
    };
    number.ok_or_else(|| "give a number".to_owned())
}

/// The float that is a whole number.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "looked at afterwards")]
fn float_of(number: i128) -> Result<f64, String> {
    let float = number as f64;
    if float as i128 == number {
        return Ok(float);
    }
    Err(no_float(float))
}

fn no_float(nearest: f64) -> String {
    format!("no 64-bit float is this number, the nearest is {nearest}; give that, or declare int64")
}

/// The value as a 32-bit float.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a 32-bit column holds the nearest float; overflow is refused"
)]
pub(super) fn float32(value: &Value) -> Result<f32, String> {
    if let Value::Float32(number) = value {
        return Ok(*number);
    }
    let wide = float64(value)?;
    let narrow = wide as f32;
    if narrow.is_infinite() && wide.is_finite() {
        return Err(format!(
            "it must lie between {:e} and {:e}; declare float64 if it should fit",
            f32::MIN,
            f32::MAX
        ));
    }
    if is_whole(value)
        && f64::from(narrow).to_bits() != wide.to_bits()
        && decimal::parse(&narrow.to_string()) != decimal::exact(value)
    {
        return Err(format!(
            "no 32-bit float is this number, the nearest is {narrow}; give that, or declare float64"
        ));
    }
    Ok(narrow)
}

/// True for a whole number that is given exactly.
fn is_whole(value: &Value) -> bool {
    match value {
        Value::Int(_) | Value::UInt(_) => true,
        Value::Decimal(number) => number.is_integer(),
        Value::BigDecimal(number) => number.is_integer(),
        _ => false,
    }
}

/// The value as a decimal of so many digits.
pub(super) fn decimal(value: &Value, precision: u8, scale: u8) -> Result<Value, String> {
    if let Value::Decimal(number) = value
        && number.scale() == u32::from(scale)
        && 10_u128.checked_pow(precision.into()).is_some_and(|most| number.mantissa().unsigned_abs() < most)
    {
        return Ok(value.clone());
    }
    let number = decimal::exact(value).ok_or_else(|| "give a decimal number".to_owned())?;
    let (before, after) = decimal::digits(&number);
    if after > i64::from(scale) {
        return Err(format!("it has more than {} after the point; round it first", count(scale, "digit")));
    }
    let allowed = precision - scale.min(precision);
    if before > i64::from(allowed) {
        return Err(format!("it has more than {} before the point", count(allowed, "digit")));
    }
    Ok(decimal::with_scale(&number, scale))
}

/// The value as a float that is written with so many digits after the point.
pub(super) fn rounded(number: f64, after_point: Option<u8>) -> Result<(), String> {
    match after_point {
        Some(digits) if format!("{number:.*}", usize::from(digits)).parse() != Ok(number) => {
            Err(format!("it has more than {} after the point; round it first", count(digits, "digit")))
        }
        _ => Ok(()),
    }
}

/// Fails for a number below zero of a type that has none.
pub(super) fn signed(is_negative: bool, is_unsigned: bool) -> Result<(), String> {
    if is_negative && is_unsigned {
        return Err("it must not be below 0; declare a type with a sign if it should fit".to_owned());
    }
    Ok(())
}
