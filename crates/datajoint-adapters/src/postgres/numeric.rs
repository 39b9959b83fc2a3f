//! Decimal numbers in the binary form of PostgreSQL: digits to the base of 10,000.
//!
//! The driver's own way to a `Decimal` rounds what has more than 28 digits, without a word.

use rust_decimal::Decimal;

const NEGATIVE: u16 = 0x4000;
const BASE: i128 = 10_000;

/// The number, with as many digits after the point as the server shows; `None` when a `Decimal` can't hold it.
pub(super) fn short(bytes: &[u8]) -> Option<Decimal> {
    let mut words = bytes.chunks_exact(2).map(|word| i16::from_be_bytes([word[0], word[1]]));
    let (count, weight, sign, scale) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let is_negative = match sign.cast_unsigned() {
        0 => false,
        NEGATIVE => true,
        _ => return None,
    };
    let (mut mantissa, scale) = (0_i128, i32::from(scale));
    for digit in words {
        mantissa = mantissa.checked_mul(BASE)?.checked_add(digit.into())?;
    }
    // So many digits follow the point in what was read, or would have to be added.
    let shift = scale - 4 * (i32::from(count) - i32::from(weight) - 1);
    let power = 10_i128.checked_pow(shift.unsigned_abs())?;
    if shift >= 0 {
        mantissa = mantissa.checked_mul(power)?;
    } else if mantissa % power == 0 {
        mantissa /= power;
    } else {
        return None;
    }
    if is_negative {
        mantissa = -mantissa;
    }
    Decimal::try_from_i128_with_scale(mantissa, u32::try_from(scale).ok()?).ok()
}

/// The name of what is no number.
pub(super) const fn special(bytes: &[u8]) -> &'static str {
    match bytes {
        [_, _, _, _, 0xd0, ..] => "Infinity",
        [_, _, _, _, 0xf0, ..] => "-Infinity",
        _ => "NaN",
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;
    use sqlx::Encode;
    use sqlx::postgres::PgArgumentBuffer;

    use super::short;

    #[test]
    fn numbers_are_read_as_the_driver_writes_them() {
        let mut number = 1_i128;
        for round in 0..4000_i128 {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(round) % (1 << 95);
            let scale = u32::try_from(round % 29).unwrap_or_default();
            let given = Decimal::from_i128_with_scale(if round % 2 == 0 { number } else { -number }, scale);
            let mut bytes = PgArgumentBuffer::default();
            assert!(Encode::<sqlx::Postgres>::encode_by_ref(&given, &mut bytes).is_ok());
            assert_eq!(short(&bytes), Some(given), "{given}");
        }
    }
}
