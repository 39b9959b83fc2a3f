//! Ratios beside their goals.

use super::goal::{Family, Workload};
use super::measure::{Measured, SIDES, median};

pub(super) fn head(unit: &str) -> String {
    format!(
        "{unit:32} {:>9} {:>9} {:>9}  {:>14}  {:>14}",
        "ours", "wire", "Python", "ours/wire", "Python/ours"
    )
}

/// Seconds and their ratios.
pub(super) fn line(workload: &Workload, family: Family, measured: &Measured) -> String {
    let [ours, wire, python] = SIDES.map(|side| measured.get(side).and_then(|times| median(times)));
    let over_wire = ratio(ours, wire).map_or_else(String::new, |ratio| {
        beside(format!("{ratio:.2}"), workload.most_over_wire(), '≤', |most| ratio <= most)
    });
    let under_python = ratio(python, ours).map_or_else(String::new, |ratio| {
        beside(format!("{ratio:.1}"), workload.least_under_python(family), '≥', |least| ratio >= least)
    });
    let [ours, wire, python] = [ours, wire, python].map(seconds);
    format!("{:32} {ours:>9} {wire:>9} {python:>9}  {over_wire:>14}  {under_python:>14}", workload.name)
        .trim_end()
        .to_owned()
}

/// Round trips, which have no goal but to be few.
pub(super) fn line_of_turns(workload: &Workload, measured: &Measured) -> String {
    let [ours, wire, python] = SIDES.map(|side| measured.get(side).and_then(|turns| median(turns)));
    let times = |number: Option<f64>| number.map_or_else(String::new, |ratio| format!("{ratio:.1}"));
    let (over_wire, under_python) = (times(ratio(ours, wire)), times(ratio(python, ours)));
    let [ours, wire, python] =
        [ours, wire, python].map(|turns| turns.map_or_else(|| "-".to_owned(), |turns| format!("{turns}")));
    format!("{:32} {ours:>9} {wire:>9} {python:>9}  {over_wire:>14}  {under_python:>14}", workload.name)
        .trim_end()
        .to_owned()
}

fn ratio(over: Option<f64>, under: Option<f64>) -> Option<f64> {
    Some(over? / under?).filter(|ratio| ratio.is_finite())
}

/// A ratio with its goal, and a mark where it is missed.
fn beside(ratio: String, goal: Option<f64>, sign: char, is_met: impl Fn(f64) -> bool) -> String {
    match goal {
        None => ratio,
        Some(goal) if is_met(goal) => format!("{ratio} ({sign} {goal})"),
        Some(goal) => format!("! {ratio} ({sign} {goal})"),
    }
}

fn seconds(time: Option<f64>) -> String {
    match time {
        None => "-".to_owned(),
        Some(time) if time < 0.1 => format!("{:.2} ms", time * 1e3),
        Some(time) => format!("{time:.3} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::goal::{Family, WORKLOADS};
    use super::{Measured, line, line_of_turns, seconds};

    #[test]
    fn ratios_stand_beside_their_goals() {
        let measured =
            Measured::from([("ours", vec![0.5, 0.5, 9.0]), ("wire", vec![0.4]), ("python", vec![5.0])]);
        let insert = &WORKLOADS[0];
        let on_postgres = line(insert, Family::Postgresql, &measured);
        assert!(
            on_postgres.contains("1.25 (≤ 1.3)") && on_postgres.ends_with("! 10.0 (≥ 15)"),
            "{on_postgres}"
        );
        assert!(line(insert, Family::Mysql, &measured).ends_with(" 10.0 (≥ 6)"));
    }

    #[test]
    fn a_side_without_the_workload_has_no_ratio() {
        let measured = Measured::from([("ours", vec![0.5])]);
        let line = line(&WORKLOADS[0], Family::Embedded, &measured);
        assert_eq!(
            line.split_whitespace().collect::<Vec<_>>(),
            ["insert", "100k", "rows", "0.500", "s", "-", "-"]
        );
    }

    #[test]
    fn round_trips_are_whole() {
        let measured = Measured::from([("ours", vec![3.0]), ("python", vec![800.0])]);
        let line = line_of_turns(&WORKLOADS[0], &measured);
        assert_eq!(line.split_whitespace().skip(3).collect::<Vec<_>>(), ["3", "-", "800", "266.7"]);
    }

    #[test]
    fn short_times_are_in_milliseconds() {
        assert_eq!(seconds(Some(0.0123)), "12.30 ms");
        assert_eq!(seconds(Some(1.5)), "1.500 s");
    }
}
