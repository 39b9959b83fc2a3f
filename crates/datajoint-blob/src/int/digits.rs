//! Integers as decimal text.

use std::fmt;

use super::{Int, Size};

impl fmt::Display for Int {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Size::Small(small) => small.fmt(out),
            Size::Large(bytes) => {
                let negative = bytes.last().is_some_and(|byte| byte.cast_signed() < 0);
                out.pad_integral(!negative, "", &decimal(bytes, negative))
            }
        }
    }
}

impl fmt::Debug for Int {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// The decimal digits of the magnitude.
fn decimal(bytes: &[u8], negative: bool) -> String {
    const GROUP: u64 = 1_000_000_000;
    let mut carry = negative;
    let mut limbs: Vec<u32> = Vec::with_capacity(bytes.len() / 4 + 1);
    for chunk in bytes.chunks(4) {
        let mut limb = [if negative { 0xFF } else { 0 }; 4];
        limb[..chunk.len()].copy_from_slice(chunk);
        let limb = u32::from_le_bytes(limb);
        let (sum, overflow) = (if negative { !limb } else { limb }).overflowing_add(carry.into());
        limbs.push(sum);
        carry = overflow;
    }
    let mut groups = Vec::new();
    while let Some(last) = limbs.iter().rposition(|&limb| limb != 0) {
        limbs.truncate(last + 1);
        let mut remainder = 0;
        for limb in limbs.iter_mut().rev() {
            let dividend = remainder << 32 | u64::from(*limb);
            *limb = u32::try_from(dividend / GROUP).unwrap_or(u32::MAX);
            remainder = dividend % GROUP;
        }
        groups.push(remainder);
    }
    let first = groups.pop().unwrap_or(0).to_string();
    groups.iter().rev().fold(first, |digits, group| digits + &format!("{group:09}"))
}
