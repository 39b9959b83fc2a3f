use std::sync::OnceLock;

use super::Sqlite;
use crate::concatenation::Concatenation;
use crate::dialect::{Functions, Listed, Twist};
use crate::fragment::Fragment;
use crate::select::translate::{Translator, Unit, cast, is_count, unit, written};
use crate::token::{Call, Token, solid_from};
use crate::{Error, Result};

/// The functions that are written with an argument more than once.
const COPYING: [&str; 4] = ["ceil", "floor", "time", "timestampdiff"];

/// Functions whose value is another one at each call.
const VOLATILE: [&str; 2] = ["random", "randomblob"];

impl Functions for Sqlite {
    fn function(&self, within: Translator<'_>, name: &str, call: &Call<'_>) -> Result<Option<Fragment>> {
        let arguments = &call.arguments[..];
        Ok(Some(match (name, arguments.len()) {
            ("year" | "month" | "day" | "hour" | "minute" | "second", 1) => {
                let [of] = within.arguments(call)?;
                part(name, of)
            }
            ("timestampdiff", 3) => {
                let Some(unit) = arguments[0].first().and_then(|name| unit(name.text())) else {
                    return Ok(None);
                };
                copied(within, name, [arguments[1], arguments[2]], |[from, to]| difference(&unit, from, to))?
            }
            ("char_length", 1) => written("length(", within.arguments::<1>(call)?, "", ")"),
            ("left", 2) => written("substr(", within.arguments::<2>(call)?, ", 1, ", ")"),
            ("right", 2) if is_count(arguments[1]) => {
                let mut sql = written("substr(", within.arguments::<2>(call)?, ", -(", "), ");
                sql.append(within.translate(arguments[1])?);
                sql.push(")");
                sql
            }
            // So many characters before one that is put behind them all.
            ("right", 2) => written("substr(", within.arguments::<2>(call)?, " || '.', -1, -max(", ", 0))"),
            ("floor", 1) => copied(within, name, [arguments[0]], |[of]| whole(of, " - (", " > "))?,
            ("ceil", 1) => copied(within, name, [arguments[0]], |[of]| whole(of, " + (", " < "))?,
            // Its own leaves out what stands behind the point.
            ("time", 1) => copied(within, name, [arguments[0]], |[of]| {
                written("substr(", [of.clone(), of.clone()], ", instr(", ", ' ') + 1)")
            })?,
            ("cast", 1) => return cast_to(within, arguments[0]),
            _ => return within.as_standard(name, call),
        }))
    }

    fn concatenation(&self, within: Translator<'_>, of: &Concatenation<'_>) -> Result<Fragment> {
        let strings = within.translate(of.of)?;
        let distinct = if of.is_distinct { "DISTINCT " } else { "" };
        let mut sql = if of.is_distinct && of.separator.is_empty() {
            // It takes no separator beside DISTINCT, and puts a comma.
            written("group_concat(DISTINCT ", [strings], "", "")
        } else {
            written(&format!("group_concat({distinct}"), [strings, within.separator(of)?], ", ", "")
        };
        if !of.order.is_empty() {
            sql.push(" ORDER BY ");
            sql.append(within.translate(of.order)?);
        }
        sql.push(")");
        Ok(sql)
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
            Twist::CutPlaces,
            Twist::CutCasts,
            Twist::FloatsForNumbers,
            Twist::NumbersAsDays,
            Twist::FormatsStrings,
            Twist::RoundsBehindPoint,
            Twist::NumbersForTypes,
            Twist::OpenDecimals,
            Twist::OfSameName,
            Twist::CountsOne,
            Twist::NoPatterns,
        ]
    }

    fn own_type(&self, name: &str) -> Option<&'static [&'static str]> {
        (name == "signed integer").then_some(&["signed"])
    }

    fn functions(&self) -> &'static Listed {
        &LISTED
    }

    fn aggregates(&self) -> &'static [&'static str] {
        AGGREGATES
    }
}

/// The functions that make one value of many.
const AGGREGATES: &[&str] = &[
    "avg",
    "count",
    "group_concat",
    "json_group_array",
    "json_group_object",
    "jsonb_group_array",
    "jsonb_group_object",
    "max",
    "median",
    "min",
    "percentile",
    "percentile_cont",
    "percentile_disc",
    "string_agg",
    "sum",
    "total",
];

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

/// A call that is written with its arguments more than once. They are bound in a query where they are such calls themselves,
/// so that the text is as long as what was written, but not beside an index, which has no queries, nor of many rows, whose
/// aggregates would be those of that query. What is no such call is written as it is: an index on it serves then.
fn copied<const N: usize>(
    within: Translator<'_>,
    name: &str,
    arguments: [&[Token]; N],
    write: impl Fn([&Fragment; N]) -> Fragment,
) -> Result<Fragment> {
    if arguments.iter().any(|tokens| calls_one_of(tokens, &VOLATILE)) {
        let advice = format!(
            "`{name}` is written with its argument more than once here, and each would be another random number: write \
             `random() % 10` for whole numbers, or draw them in your program"
        );
        let text = arguments.map(|tokens| tokens.iter().map(Token::text).collect::<String>()).join(", ");
        return Err(Error::Fragment { text: format!("{name}({text})"), advice });
    }
    let mut values: [Fragment; N] = std::array::from_fn(|_| Fragment::default());
    for (value, tokens) in values.iter_mut().zip(arguments) {
        *value = within.translate(tokens)?;
    }
    let is_nested = |tokens: &&[Token]| {
        calls_one_of(tokens, &COPYING) || tokens.iter().any(|token| token.is_word("select"))
    };
    if !within.takes_queries || !arguments.iter().any(is_nested) || arguments.into_iter().any(is_of_many_rows)
    {
        return Ok(write(values.each_ref()));
    }
    let names: [Fragment; N] = std::array::from_fn(|place| Fragment::text(format!("v{place}")));
    let mut sql = written("(SELECT ", [write(names.each_ref())], "", " FROM (SELECT ");
    let named = values.into_iter().enumerate().map(|(place, mut value)| {
        value.push(&format!(" AS v{place}"));
        value
    });
    sql.append(Fragment::join(named, ", "));
    sql.push("))");
    Ok(sql)
}

fn calls_one_of(tokens: &[Token], names: &[&str]) -> bool {
    (0..tokens.len()).any(|place| {
        tokens[place].name().is_some_and(|name| names.iter().any(|known| name.eq_ignore_ascii_case(known)))
            && solid_from(tokens, place + 1).is_some_and(|open| tokens[open].is("("))
    })
}

/// True for what is or may be a function of many rows; what the library wrote itself may be one.
fn is_of_many_rows(tokens: &[Token]) -> bool {
    let is_ours = |token: &Token| matches!(token, Token::Other(text) if text.contains(|letter: char| letter.is_ascii_alphabetic()));
    calls_one_of(tokens, AGGREGATES) || tokens.iter().any(|token| token.is_word("over") || is_ours(token))
}

/// A cast to a type that SQLite has not: it takes its name for that of another one, and passes over its length.
fn cast_to(within: Translator<'_>, argument: &[Token]) -> Result<Option<Fragment>> {
    let Some((of, kind)) = cast(argument) else { return Ok(None) };
    let is_one_of = |token: &Token, names: &[&str]| names.iter().any(|name| token.is_word(name));
    let solid: Vec<&Token> = kind.iter().filter(|token| !token.is_blank()).collect();
    let length = match &solid[..] {
        [date] if date.is_word("date") => {
            return Ok(Some(written("date(", [within.translate(of)?], "", ")")));
        }
        [whole] if whole.is_word("signed") => {
            return Ok(Some(written("CAST(", [within.translate(of)?], "", " AS INTEGER)")));
        }
        [name, open, Token::Word(length), close] if open.is("(") && close.is(")") => {
            is_one_of(name, &["char", "character", "nchar", "varchar"]).then_some(length)
        }
        _ => None,
    };
    let Some(length) = length else { return Ok(None) };
    Ok(Some(written("substr(CAST(", [within.translate(of)?], "", &format!(" AS TEXT), 1, {length})"))))
}

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
