//! Numbers as attribute values.

use bigdecimal::BigDecimal;
use datajoint_sql::Value;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{AttributeValue, ValueError, describe, mismatch};

macro_rules! integers {
    ($($integer:ty),*) => {$(
        impl AttributeValue for $integer {
            fn into_value(self) -> Result<Value, ValueError> {
                let number = i128::from(self);
                match i64::try_from(number) {
                    Ok(number) => Ok(Value::Int(number)),
                    Err(_) => u64::try_from(number).map(Value::UInt).map_err(|_| ValueError::new("out of range")),
                }
            }

            fn from_value(value: Value) -> Result<Self, ValueError> {
                let number = match &value {
                    Value::Int(number) => Self::try_from(*number).ok(),
                    Value::UInt(number) => Self::try_from(*number).ok(),
                    Value::Bool(truth) => Some(Self::from(*truth)),
                    Value::Decimal(number) if number.fract().is_zero() => {
                        number.to_i128().and_then(|number| Self::try_from(number).ok())
                    }
                    Value::Text(text) => return text.trim().parse().map_err(|_| mismatch(NUMBER, &value)),
                    _ => return Err(mismatch(NUMBER, &value)),
                };
                number.ok_or_else(|| out_of_range(&value, stringify!($integer)))
            }
        }
    )*};
}

const NUMBER: &str = "a whole number";

fn out_of_range(value: &Value, name: &str) -> ValueError {
    ValueError::new(format!("{} does not fit `{name}`; read it as a wider type", describe(value)))
}

integers!(i8, i16, i32, i64, u8, u16, u32, u64);

impl AttributeValue for f64 {
    fn into_value(self) -> Result<Value, ValueError> {
        Ok(Value::Float64(self))
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        match &value {
            Value::Float64(number) => Ok(*number),
            Value::Float32(number) => Ok(Self::from(*number)),
            Value::Int(number) => exact(*number).ok_or_else(|| out_of_range(&value, "f64")),
            Value::UInt(number) => {
                i64::try_from(*number).ok().and_then(exact).ok_or_else(|| out_of_range(&value, "f64"))
            }
            // What databases answer to `avg` and `sum`.
            Value::Decimal(number) => number.to_f64().ok_or_else(|| out_of_range(&value, "f64")),
            Value::BigDecimal(number) => number.to_f64().ok_or_else(|| out_of_range(&value, "f64")),
            Value::Text(text) => text.trim().parse().map_err(|_| mismatch("a number", &value)),
            _ => Err(mismatch("a number", &value)),
        }
    }
}

/// The same number as a float, if there is one.
fn exact(number: i64) -> Option<f64> {
    // 2^53: every whole number up to it is a float.
    (number.unsigned_abs() <= 1 << 53).then_some(number).map(|number| {
        #[expect(clippy::cast_precision_loss, reason = "checked above")]
        let float = number as f64;
        float
    })
}

impl AttributeValue for f32 {
    fn into_value(self) -> Result<Value, ValueError> {
        Ok(Value::Float32(self))
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        if let Value::Float32(number) = value {
            return Ok(number);
        }
        let wide = f64::from_value(value)?;
        #[expect(clippy::cast_possible_truncation, reason = "checked below")]
        let narrow = wide as Self;
        if wide.is_nan() || f64::from(narrow).to_bits() == wide.to_bits() {
            Ok(narrow)
        } else {
            Err(out_of_range(&Value::Float64(wide), "f32"))
        }
    }
}

impl AttributeValue for bool {
    fn into_value(self) -> Result<Value, ValueError> {
        Ok(Value::Bool(self))
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        match &value {
            Value::Bool(truth) => Ok(*truth),
            Value::Int(0) | Value::UInt(0) => Ok(false),
            Value::Int(1) | Value::UInt(1) => Ok(true),
            Value::Text(text) => text.trim().parse().map_err(|_| mismatch("true or false", &value)),
            _ => Err(mismatch("true or false", &value)),
        }
    }
}

impl AttributeValue for Decimal {
    fn into_value(self) -> Result<Value, ValueError> {
        Ok(Value::Decimal(self))
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        match &value {
            Value::Decimal(number) => Ok(*number),
            Value::Int(number) => Ok(Self::from(*number)),
            Value::UInt(number) => Ok(Self::from(*number)),
            Value::Text(text) => {
                Self::from_str_exact(text.trim()).map_err(|_| mismatch("a decimal number", &value))
            }
            Value::BigDecimal(_) => Err(out_of_range(&value, "Decimal")),
            _ => Err(mismatch("a decimal number", &value)),
        }
    }
}

/// For numbers of more than 28 digits, which [`Decimal`] can't hold.
impl AttributeValue for BigDecimal {
    fn into_value(self) -> Result<Value, ValueError> {
        Ok(datajoint_sql::decimal_value(self))
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        datajoint_sql::decimal_number(&value).ok_or_else(|| mismatch("a decimal number", &value))
    }
}
