//! The sides take turns, and must have done the same.

use std::collections::BTreeMap;

use super::side::{Outcome, Side};

/// The sides, in the order of the table.
pub(super) const SIDES: [&str; 3] = ["ours", "wire", "python"];

/// What each side took, once a run.
pub(super) type Measured = BTreeMap<&'static str, Vec<f64>>;

/// The seconds of each side.
pub(super) fn times(sides: &mut [Side], workload: &str, repeat: usize) -> Result<Measured, String> {
    let mut times = Measured::new();
    let mut checks = Vec::new();
    for _ in 0..repeat.max(1) {
        for side in sides.iter_mut() {
            let Some(Outcome { seconds, check, .. }) = side.run(workload, || 0)? else { continue };
            checks.push((side.name, check));
            times.entry(side.name).or_default().push(seconds);
        }
    }
    agree(&checks)?;
    Ok(times)
}

/// How often each side waits for the server, once it has warmed up.
pub(super) fn round_trips(
    sides: &mut [Side],
    workload: &str,
    turns: impl Fn() -> u64,
) -> Result<Measured, String> {
    let mut all = Measured::new();
    let mut checks = Vec::new();
    for side in sides {
        let Some(first) = side.run(workload, &turns)? else { continue };
        let Some(second) = side.run(workload, &turns)? else { continue };
        checks.extend([(side.name, first.check), (side.name, second.check)]);
        all.insert(side.name, vec![f64::from(u32::try_from(second.turns).unwrap_or(u32::MAX))]);
    }
    agree(&checks)?;
    Ok(all)
}

/// Fails unless all sides did the same.
fn agree(checks: &[(&'static str, f64)]) -> Result<(), String> {
    let Some((first, expected)) = checks.first() else { return Ok(()) };
    // Sums of floats depend on the order of the rows.
    let is_other = |check: &f64| (check - expected).abs() > 1e-9 * expected.abs().max(1.0);
    match checks.iter().find(|(_, check)| is_other(check)) {
        None => Ok(()),
        Some((other, check)) => Err(format!("{first} has {expected}, but {other} has {check}")),
    }
}

/// The middle of numbers, or between the two middles.
pub(super) fn median(numbers: &[f64]) -> Option<f64> {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    Some(f64::midpoint(*sorted.get(sorted.len() / 2 - 1)?, upper))
}

#[cfg(test)]
mod tests {
    use super::{agree, median};

    #[test]
    fn the_median_is_the_middle_or_between_the_two_middles() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn sides_that_did_something_else_are_told() {
        assert_eq!(agree(&[("ours", 1e6), ("python", 1e6 + 1e-5)]), Ok(()));
        let error = agree(&[("ours", 100_000.0), ("wire", 100_000.0), ("python", 99_999.0)]).unwrap_err();
        assert_eq!(error, "ours has 100000, but python has 99999");
    }
}
