//! What all sides insert and fetch, and the numbers that tell that they did.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

/// How many rows the table has.
pub(crate) const ROWS: i64 = 100_000;

/// How many rows are inserted or fetched one at a time.
pub(crate) const SINGLE: i64 = 2000;

/// How many keys are populated.
pub(crate) const KEYS: i32 = 2000;

/// How many blobs there are.
pub(crate) const BLOBS: i32 = 100;

/// How many numbers a blob has: 1 MiB.
const BLOB_LENGTH: usize = 131_072;

/// The rows of the four tables of the cascade: each row has ten below it.
pub(crate) const CASCADE: [i32; 4] = [100, 1000, 10_000, 100_000];

/// A row of the benchmark.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plain {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) at: NaiveDateTime,
    pub(crate) extra: Option<i32>,
}

fn beginning() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default().and_hms_opt(0, 0, 0).unwrap_or_default()
}

/// The row of a number.
pub(crate) fn row(id: i64) -> Plain {
    Plain {
        id,
        name: format!("name-{:05}", id % 9973),
        value: id as f64 * 0.5,
        at: beginning() + TimeDelta::seconds(id),
        extra: if id % 3 == 0 { i32::try_from(id).ok() } else { None },
    }
}

impl Plain {
    /// A number with something of every attribute.
    pub(crate) fn check(&self) -> f64 {
        let seconds = (self.at - beginning()).num_seconds();
        let whole = self.id + seconds + i64::from(self.extra.unwrap_or(-1)) + self.name.len() as i64;
        whole as f64 + self.value
    }
}

/// Numbers that can't be foreseen, of a place in their sequence: SplitMix64.
pub(crate) fn noise(start: usize, length: usize) -> Vec<f64> {
    (start..start + length)
        .map(|place| {
            let mut bits = (place as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            bits ^= bits >> 31;
            (bits >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
        })
        .collect()
}

/// The numbers of a blob.
pub(crate) fn blob(id: i32) -> Vec<f64> {
    noise(usize::try_from(id).unwrap_or_default() * BLOB_LENGTH, BLOB_LENGTH)
}

#[cfg(test)]
mod tests {
    use super::{Plain, noise, row};

    #[test]
    fn a_check_tells_rows_apart() {
        let check = row(3).check();
        assert!((check - (3.0 + 3.0 + 3.0 + 10.0 + 1.5)).abs() < 1e-12, "{check}");
        assert!((Plain { extra: None, ..row(3) }.check() - check).abs() > 1.0);
    }

    #[test]
    fn noise_is_between_minus_and_plus_a_half_and_goes_on_anywhere() {
        let all = noise(0, 1000);
        assert_eq!(all[500..], noise(500, 500));
        assert!(all.iter().all(|number| (-0.5..0.5).contains(number)));
        assert!((all.iter().sum::<f64>() / 1000.0).abs() < 0.05);
    }
}
