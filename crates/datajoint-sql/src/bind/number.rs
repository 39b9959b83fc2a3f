use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use crate::Value;

/// The value as an integer between two bounds, when it is one.
pub(super) fn integer(value: &Value, low: i64, high: i64) -> Result<Value, String> {
    let number: Option<i128> = match value {
        Value::Int(number) => Some(i128::from(*number)),
        Value::UInt(number) => Some(i128::from(*number)),
        Value::Bool(truth) => Some(i128::from(*truth)),
        Value::Decimal(number) if number.fract().is_zero() => number.to_i128(),
        Value::Text(text) => text.trim().parse().ok(),
        Value::Float32(number) => whole(f64::from(*number)),
        Value::Float64(number) => whole(*number),
        _ => None,
    };
    let number = number.ok_or_else(|| "give a whole number".to_owned())?;
    match i64::try_from(number) {
        Ok(number) if (low..=high).contains(&number) => Ok(Value::Int(number)),
        _ => Err(format!("it must lie between {low} and {high}; declare a wider type if it should fit")),
    }
}

/// A float without a fraction as an integer, where floats are exact.
#[expect(clippy::cast_possible_truncation, reason = "checked against the exact range")]
fn whole(number: f64) -> Option<i128> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i128)
}

/// The value as a 64-bit float. Integers and decimals become the nearest one.
#[expect(clippy::cast_precision_loss, reason = "a float column holds the nearest float")]
pub(super) fn float64(value: &Value) -> Result<f64, String> {
    let number = match value {
        Value::Float64(number) => Some(*number),
        Value::Float32(number) => Some(f64::from(*number)),
        Value::Int(number) => Some(*number as f64),
        Value::UInt(number) => Some(*number as f64),
        Value::Decimal(number) => number.to_f64(),
        Value::Text(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.ok_or_else(|| "give a number".to_owned())
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
    Ok(narrow)
}

/// The value as a decimal of so many digits.
pub(super) fn decimal(value: &Value, precision: u8, scale: u8) -> Result<Value, String> {
    let number = match value {
        Value::Decimal(number) => Some(*number),
        Value::Int(number) => Some(Decimal::from(*number)),
        Value::UInt(number) => Some(Decimal::from(*number)),
        Value::Text(text) => text.trim().parse().ok(),
        // The shortest text of a float is what was meant by it.
        Value::Float32(number) => number.to_string().parse().ok(),
        Value::Float64(number) => number.to_string().parse().ok(),
        _ => None,
    };
    let number = number.ok_or_else(|| "give a decimal number".to_owned())?.normalize();
    if number.scale() > u32::from(scale) {
        return Err(format!("it has more than {scale} digits after the point; round it first"));
    }
    let digits_before = number.trunc().abs().normalize().mantissa_digits();
    if digits_before > u32::from(precision - scale.min(precision)) {
        return Err(format!("it has more than {} digits before the point", precision - scale.min(precision)));
    }
    let mut number = number;
    number.rescale(u32::from(scale));
    Ok(Value::Decimal(number))
}

trait Digits {
    fn mantissa_digits(&self) -> u32;
}

impl Digits for Decimal {
    /// How many digits a whole number has; none for zero.
    fn mantissa_digits(&self) -> u32 {
        self.to_i128()
            .and_then(|number| number.unsigned_abs().checked_ilog10())
            .map_or(0, |digits| digits + 1)
    }
}
