use std::sync::OnceLock;

use super::Sqlite;
use crate::concatenation::Concatenation;
use crate::dialect::{Functions, Listed, Twist};
use crate::fragment::Fragment;
use crate::select::translate::{Unit, as_standard, separator, translate, unit, written};
use crate::token::Call;

impl Functions for Sqlite {
    fn function(&self, name: &str, call: &Call<'_>) -> Option<Fragment> {
        let argument = |place: usize| call.arguments.get(place).map(|tokens| translate(self, tokens));
        match (name, call.arguments.len()) {
            ("year" | "month" | "day" | "hour" | "minute" | "second", 1) => Some(part(name, argument(0)?)),
            ("timestampdiff", 3) => {
                let unit = unit(call.arguments[0].first()?.text())?;
                Some(difference(&unit, &argument(1)?, &argument(2)?))
            }
            ("char_length", 1) => Some(written("length(", [argument(0)?], "", ")")),
            ("left", 2) => Some(written("substr(", [argument(0)?, argument(1)?], ", 1, ", ")")),
            ("right", 2) => {
                let mut sql = written("substr(", [argument(0)?, argument(1)?], ", -(", "), ");
                sql.append(argument(1)?);
                sql.push(")");
                Some(sql)
            }
            ("floor", 1) => Some(whole(&argument(0)?, " - (", " > ")),
            ("ceil", 1) => Some(whole(&argument(0)?, " + (", " < ")),
            _ => as_standard(self, name, call),
        }
    }

    fn concatenation(&self, of: &Concatenation<'_>) -> Fragment {
        let strings = translate(self, of.of);
        let distinct = if of.is_distinct { "DISTINCT " } else { "" };
        let mut sql = if of.is_distinct && of.separator.is_empty() {
            // It takes no separator beside DISTINCT, and puts a comma.
            written("group_concat(DISTINCT ", [strings], "", "")
        } else {
            written(&format!("group_concat({distinct}"), [strings, separator(self, of)], ", ", "")
        };
        if !of.order.is_empty() {
            sql.push(" ORDER BY ");
            sql.append(translate(self, of.order));
        }
        sql.push(")");
        sql
    }

    fn twists(&self) -> &'static [Twist] {
        &[
            Twist::CutQuotients,
            Twist::CutRemainders,
            Twist::PipesFirst,
            Twist::BitsInTurn,
            Twist::OrderBeforeEquality,
            Twist::KindsApart,
            Twist::DaysAsNumbers,
            Twist::NullsPassedOver,
            Twist::PartsBeforeFirst,
            Twist::FloatsForNumbers,
        ]
    }

    fn functions(&self) -> &'static Listed {
        &LISTED
    }
}

static LISTED: Listed = Listed {
    text: include_str!("functions.txt"),
    syntax: &["cast"],
    elsewhere: &[
        "json_array_insert",
        "json_each",
        "json_tree",
        "jsonb_each",
        "jsonb_tree",
        "median",
        "percentile",
        "percentile_cont",
        "percentile_disc",
        "rpad",
    ],
    operators: &[
        "by",
        "escape",
        "filter",
        "glob",
        "group",
        "is",
        "join",
        "like",
        "match",
        "materialized",
        "over",
        "regexp",
        "within",
    ],
    schema: None,
    calls_by_point: false,
    types: None,
    set: OnceLock::new(),
};

/// The nearest whole number on one side: SQLite is made without such functions, and cuts towards zero. A float without a
/// fraction may be beyond what an integer holds.
fn whole(of: &Fragment, step: &str, beyond: &str) -> Fragment {
    let cut = || written("CAST(", [of.clone()], "", " AS INTEGER)");
    let mut sql = written("(CASE WHEN abs(", [of.clone()], "", ") < 4503599627370496 THEN ");
    sql.append(cut());
    sql.append(written(step, [cut(), of.clone()], beyond, ")"));
    sql.append(written(" ELSE ", [of.clone()], "", " END)"));
    sql
}

/// A part of a date or time as an integer.
fn part(name: &str, of: Fragment) -> Fragment {
    let format = match name {
        "year" => "%Y",
        "month" => "%m",
        "day" => "%d",
        "hour" => "%H",
        "minute" => "%M",
        _ => "%S",
    };
    written(&format!("CAST(strftime('{format}', "), [of], "", ") AS INTEGER)")
}

/// Whole units from one moment to another, cut towards zero.
fn difference(unit: &Unit, from: &Fragment, to: &Fragment) -> Fragment {
    let months = match unit {
        Unit::Seconds(seconds) => {
            let after = format!(") / {})", seconds * 1_000_000);
            return written("((", [microseconds(to), microseconds(from)], " - ", &after);
        }
        Unit::Months(months) => months,
    };
    let mut sql = written("(CASE WHEN ", [microseconds(to), microseconds(from)], " >= ", " THEN ");
    sql.append(months_from(from, to));
    sql.push(" ELSE -");
    sql.append(months_from(to, from));
    sql.push(&format!(" END / {months})"));
    sql
}

/// Whole months from a moment to a later one.
fn months_from(from: &Fragment, to: &Fragment) -> Fragment {
    let number = |format: &str, of: &Fragment| {
        written(&format!("strftime('{format}', substr("), [of.clone()], "", ", 1, 19))")
    };
    let rest = |of: &Fragment| written("", [number("%d %H:%M:%S", of), fraction(of)], " || ", "");
    let mut sql = written("((", [number("%Y", to), number("%Y", from)], " - ", ") * 12 + ");
    sql.append(written("", [number("%m", to), number("%m", from)], " - ", " - "));
    sql.append(written("(", [rest(to), rest(from)], " < ", "))"));
    sql
}

/// A moment as SQLite counts it; its own functions round to milliseconds.
fn microseconds(moment: &Fragment) -> Fragment {
    let seconds = written("strftime('%s', substr(", [moment.clone()], "", ", 1, 19)) * 1000000");
    written("(", [seconds, fraction(moment)], " + ", ")")
}

/// The six digits behind the second of a moment.
fn fraction(moment: &Fragment) -> Fragment {
    written("substr(substr(", [moment.clone()], "", ", 21) || '000000', 1, 6)")
}
