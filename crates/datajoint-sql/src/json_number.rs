//! Numbers with which places in JSON are compared: one meaning, whatever type a server gives to numbers in documents.
//!
//! A whole number of 64 bits, with a sign or without, is itself; any other number is the nearest 64-bit float.

use bigdecimal::ToPrimitive as _;

use crate::{Comparison, Value, decimal};

/// Whole numbers below it, and their sums with a fraction, are the same as floats.
const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;

/// A number to compare a place with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    /// A whole number of 64 bits.
    Signed(i64),
    /// A whole number of 64 bits above those with a sign.
    Unsigned(u64),
    /// Any other number.
    Float(f64),
}

/// What comparing every float with a whole number comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum AsFloat {
    /// Comparing it with this float.
    Compare(Comparison, f64),
    /// The same for all.
    Always(bool),
}

impl Number {
    /// Returns the number that a value is; `None` for any other value.
    ///
    /// Fails, saying why, for what no number of JSON is.
    pub(crate) fn of(value: &Value) -> Option<Result<Self, String>> {
        let number = match value {
            Value::Int(number) => return Some(Ok(Self::Signed(*number))),
            Value::UInt(number) => {
                return Some(Ok(Self::whole(i128::from(*number)).unwrap_or(Self::Unsigned(*number))));
            }
            Value::Float32(number) => f64::from(*number),
            Value::Float64(number) => *number,
            Value::Decimal(_) | Value::BigDecimal(_) => {
                let exact = decimal::exact(value)?;
                let whole = exact.is_integer().then(|| exact.to_i128().and_then(Self::whole)).flatten();
                if let Some(whole) = whole {
                    return Some(Ok(whole));
                }
                exact.to_f64().unwrap_or(f64::INFINITY)
            }
            _ => return None,
        };
        if !number.is_finite() {
            return Some(Err("JSON has no such number".to_owned()));
        }
        Some(Ok(whole_float(number).and_then(Self::whole).unwrap_or(Self::Float(number))))
    }

    fn whole(number: i128) -> Option<Self> {
        let signed = i64::try_from(number).map(Self::Signed);
        signed.or_else(|_| u64::try_from(number).map(Self::Unsigned)).ok()
    }

    /// Returns the value that is bound for it.
    pub(crate) fn value(self) -> Value {
        match self {
            Self::Signed(number) => Value::Int(number),
            Self::Unsigned(number) => Value::UInt(number),
            Self::Float(number) => Value::Float64(number),
        }
    }

    /// Returns it where comparing with it as a float is not the same as comparing with it, as it is for whole numbers of
    /// many digits.
    pub(crate) fn beyond_floats(self) -> Option<i128> {
        let (number, is_beyond) = match self {
            Self::Signed(number) => (i128::from(number), number.unsigned_abs() >= EXACT),
            Self::Unsigned(number) => (i128::from(number), true),
            Self::Float(_) => return None,
        };
        is_beyond.then_some(number)
    }
}

impl AsFloat {
    /// Returns what `float operator number` comes to, for every float.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "it is what the difference is about"
    )]
    pub(crate) fn of(operator: Comparison, number: i128) -> Self {
        let nearest = number as f64;
        let is_above = match (nearest as i128).cmp(&number) {
            std::cmp::Ordering::Equal => return Self::Compare(operator, nearest),
            order => order.is_gt(),
        };
        // No float lies between the number and the nearest one.
        match operator {
            Comparison::Equal | Comparison::Like => Self::Always(false),
            Comparison::NotEqual => Self::Always(true),
            Comparison::Less | Comparison::LessOrEqual if is_above => {
                Self::Compare(Comparison::Less, nearest)
            }
            Comparison::Less | Comparison::LessOrEqual => Self::Compare(Comparison::LessOrEqual, nearest),
            Comparison::Greater | Comparison::GreaterOrEqual if is_above => {
                Self::Compare(Comparison::GreaterOrEqual, nearest)
            }
            Comparison::Greater | Comparison::GreaterOrEqual => Self::Compare(Comparison::Greater, nearest),
        }
    }
}

/// The whole number of 64 bits that a float is.
#[expect(clippy::cast_possible_truncation, reason = "checked before")]
fn whole_float(number: f64) -> Option<i128> {
    const END: f64 = 18_446_744_073_709_551_616.0;
    (number.fract() == 0.0 && number.abs() < END).then_some(number as i128)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_same_whatever_type_it_comes_in() {
        let of = |value| Number::of(&value).unwrap();
        let decimal = |text: &str| decimal::value(decimal::parse(text).unwrap());
        for value in
            [Value::Int(5), Value::UInt(5), Value::Float64(5.0), Value::Float32(5.0), decimal("5.00")]
        {
            assert_eq!(of(value), Ok(Number::Signed(5)));
        }
        assert_eq!(of(Value::UInt(u64::MAX)), Ok(Number::Unsigned(u64::MAX)));
        assert_eq!(of(decimal("18446744073709551615")), Ok(Number::Unsigned(u64::MAX)));
        assert_eq!(of(decimal("18446744073709551616")), Ok(Number::Float(18_446_744_073_709_551_616.0)));
        assert_eq!(of(decimal("0.1")), Ok(Number::Float(0.1)));
        assert_eq!(of(Value::Float64(-0.0)), Ok(Number::Signed(0)));
        assert_eq!(of(Value::Float64(1e22)), Ok(Number::Float(1e22)));
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(Value::Float64) {
            assert!(of(value).is_err());
        }
        assert!(of(decimal(&"9".repeat(400))).is_err());
        assert!(Number::of(&Value::Text("5".to_owned())).is_none());
        assert!(Number::of(&Value::Bool(true)).is_none());
    }

    #[test]
    fn floats_are_compared_with_whole_numbers_exactly() {
        let middle = 1_i128 << 53;
        let exact =
            [middle, middle + 1, middle + 3, -middle - 1, i128::from(u64::MAX), i128::from(i64::MAX), 7];
        let floats =
            [9_007_199_254_740_992.0, 9_007_199_254_740_994.0, 9_007_199_254_740_996.0, 0.5, 7.0, -1e300];
        let more = [9_223_372_036_854_775_808.0, 18_446_744_073_709_551_616.0, -9_007_199_254_740_992.0];
        for float in floats.into_iter().chain(more) {
            for number in exact {
                let order = (decimal::exact(&Value::Float64(float)).unwrap()).cmp(&number.into());
                for (operator, expected) in [
                    (Comparison::Equal, order.is_eq()),
                    (Comparison::NotEqual, order.is_ne()),
                    (Comparison::Less, order.is_lt()),
                    (Comparison::LessOrEqual, order.is_le()),
                    (Comparison::Greater, order.is_gt()),
                    (Comparison::GreaterOrEqual, order.is_ge()),
                ] {
                    let found = match AsFloat::of(operator, number) {
                        AsFloat::Always(truth) => truth,
                        AsFloat::Compare(Comparison::Equal, other) => float.total_cmp(&other).is_eq(),
                        AsFloat::Compare(Comparison::NotEqual, other) => float.total_cmp(&other).is_ne(),
                        AsFloat::Compare(Comparison::Less, other) => float < other,
                        AsFloat::Compare(Comparison::LessOrEqual, other) => float <= other,
                        AsFloat::Compare(Comparison::Greater, other) => float > other,
                        AsFloat::Compare(Comparison::GreaterOrEqual, other) => float >= other,
                        AsFloat::Compare(Comparison::Like, _) => unreachable!(),
                    };
                    assert_eq!(found, expected, "{float} {operator:?} {number}");
                }
            }
        }
    }
}
