//! Decimal numbers as Python writes them.

use std::{fmt, str::FromStr};

use rust_decimal::Decimal;

use crate::{Error, FromBlob, Item, Result, ToBlob, Writer, code};

/// The text of a decimal number of any length: `1.10`, `-1E+3`, `NaN`.
///
/// Kept as it was written, so that digits and exponents come back the same.
///
/// ```
/// use datajoint_blob::DecimalText;
/// use rust_decimal::Decimal;
///
/// let thousand: DecimalText = "-1E+3".parse()?;
/// assert_eq!(Decimal::try_from(&thousand)?, Decimal::from(-1000));
/// # Ok::<(), datajoint_blob::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DecimalText(Box<str>);

impl DecimalText {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DecimalText {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if is_decimal(text) {
            Ok(Self(text.into()))
        } else {
            Err(Error::invalid("decimal", format!("{text:?}")))
        }
    }
}

fn is_decimal(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let lower = text.to_ascii_lowercase();
    if let Some((_, payload)) = lower.split_once("nan").filter(|(before, _)| matches!(*before, "" | "s")) {
        return digits(payload);
    }
    if matches!(&lower[..], "inf" | "infinity") {
        return true;
    }
    let (mantissa, exponent) = lower.split_once('e').unwrap_or((&lower, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    digits(whole)
        && digits(fraction)
        && digits(exponent)
        && !exponent.is_empty()
        && whole.len() + fraction.len() > 0
}

fn digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

impl fmt::Display for DecimalText {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.0)
    }
}

impl From<Decimal> for DecimalText {
    /// Writes the number as Python's `str` does: with an exponent if it is very small.
    fn from(number: Decimal) -> Self {
        let digits = number.mantissa().unsigned_abs().to_string();
        // How far the first digit stands behind the point.
        let behind = number.scale() as usize + 1 - digits.len().min(number.scale() as usize + 1);
        if behind <= 6 {
            return Self(number.to_string().into());
        }
        let sign = if number.is_sign_negative() { "-" } else { "" };
        let (first, rest) = digits.split_at(1);
        let dot = if rest.is_empty() { "" } else { "." };
        Self(format!("{sign}{first}{dot}{rest}E-{behind}").into())
    }
}

impl TryFrom<&DecimalText> for Decimal {
    type Error = Error;

    /// Fails if the number has more than 28 digits, or is none.
    fn try_from(text: &DecimalText) -> Result<Self> {
        exact(&text.0).ok_or_else(|| Error::OutOfRange {
            value: text.to_string(),
            wanted: "rust_decimal::Decimal".to_owned(),
        })
    }
}

fn exact(text: &str) -> Option<Decimal> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut number: i128 = format!("{whole}{fraction}").parse().ok()?;
    let mut scale = i64::try_from(fraction.len()).ok()?.checked_sub(exponent.parse().ok()?)?;
    while scale < 0 && number != 0 {
        (number, scale) = (number.checked_mul(10)?, scale + 1);
    }
    while scale > i64::from(Decimal::MAX_SCALE) && number % 10 == 0 && number != 0 {
        (number, scale) = (number / 10, scale - 1);
    }
    let scale = if number == 0 { scale.clamp(0, i64::from(Decimal::MAX_SCALE)) } else { scale };
    let mut number = Decimal::try_from_i128_with_scale(number, u32::try_from(scale).ok()?).ok()?;
    // The sign of a zero is not in its digits.
    if number.is_zero() && text.starts_with('-') {
        number.set_sign_negative(true);
    }
    Some(number)
}

impl ToBlob for DecimalText {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        writer.code(code::DECIMAL);
        writer.counted(self.0.as_bytes());
        Ok(())
    }
}

impl FromBlob for DecimalText {
    fn read_blob(item: Item<'_>) -> Result<Self> {
        item.only("a decimal", code::DECIMAL, |reader| reader.text()?.parse())
    }
}

impl ToBlob for Decimal {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        DecimalText::from(*self).write_blob(writer)
    }
}

impl FromBlob for Decimal {
    fn read_blob(item: Item<'_>) -> Result<Self> {
        Self::try_from(&DecimalText::read_blob(item)?)
    }
}
