use super::Postgres;
use super::listed::{self, LISTED, own};
use crate::concatenation::Concatenation;
use crate::dialect::{Functions, Guard, Listed, Twist};
use crate::fragment::Fragment;
use crate::select::translate::{Translator, Unit, cast, is_count, unit, written};
use crate::token::{Call, Token, trimmed};
use crate::{Result, Value, decimal};

impl Functions for Postgres {
    fn now(&self) -> &'static str {
        "LOCALTIMESTAMP"
    }

    fn function(&self, within: Translator<'_>, name: &str, call: &Call<'_>) -> Result<Option<Fragment>> {
        Ok(Some(match (name, call.arguments.len()) {
            ("year" | "month" | "day" | "hour" | "minute" | "second", 1) => {
                let [of] = within.arguments(call)?;
                part(name, of, kind_of_moment(call.arguments[0]))
            }
            ("timestampdiff", 3) => {
                let Some(unit) = call.arguments[0].first().and_then(|name| unit(name.text())) else {
                    return Ok(None);
                };
                let [_, from, to] = within.arguments(call)?;
                difference(&unit, from, to)
            }
            ("avg" | "sum", 1) if is_comparison(call.arguments[0]) => {
                written(&format!("{}((", own(name)), within.arguments::<1>(call)?, "", ")::int)")
            }
            // Of less than none it takes all but so many from the other end.
            ("left" | "right", 2) if !is_count(call.arguments[1]) => {
                let before = format!(", {}(", own("int4larger"));
                written(&format!("{}(", own(name)), within.arguments::<2>(call)?, &before, ", 0))")
            }
            // Of decimals they have few digits.
            ("stddev_pop" | "stddev_samp" | "var_pop" | "var_samp", 1)
                if !call.arguments[0].first().is_some_and(|first| first.is_word("distinct")) =>
            {
                written(&format!("{}((", own(name)), within.arguments::<1>(call)?, "", ")::double precision)")
            }
            // Its own is the number of the character.
            ("ascii", 1) => {
                let before = format!("{}({}(", own("get_byte"), own("convert_to"));
                written(&before, within.arguments::<1>(call)?, "", ", 'UTF8') || '\\x00'::bytea, 0)")
            }
            // Its own replaces what is matched first.
            ("regexp_replace", 3) => {
                written(&format!("{}(", own(name)), within.arguments::<3>(call)?, ", ", ", 'g')")
            }
            ("cast", 1) => return cast_to(within, call.arguments[0]),
            _ => return within.as_standard(name, call),
        }))
    }

    fn concatenation(&self, within: Translator<'_>, of: &Concatenation<'_>) -> Result<Fragment> {
        if let Some(descends) = of.order_by_itself().filter(|_| of.is_distinct) {
            // A string of each would come in the order of strings.
            let order = if descends { " DESC" } else { "" };
            let before = format!(
                "{}(nullif({}({}(DISTINCT ",
                own("array_to_string"),
                own("array_remove"),
                own("array_agg")
            );
            let mut sql =
                written(&before, [within.translate(of.of)?, within.translate(of.of)?], " ORDER BY ", "");
            sql.append(written(&format!("{order}), NULL), '{{}}'), "), [within.separator(of)?], "", ")"));
            return Ok(sql);
        }
        let distinct = if of.is_distinct { "DISTINCT " } else { "" };
        let parts = [within.translate(of.of)?, within.separator(of)?];
        let mut sql = written(&format!("{}({distinct}(", own("string_agg")), parts, ")::text, ", "");
        if !of.order.is_empty() {
            sql.push(" ORDER BY ");
            sql.append(within.translate(of.order)?);
        }
        sql.push(")");
        Ok(sql)
    }

    fn as_literal(&self, value: &Value, function: Option<&str>) -> Option<Fragment> {
        literal(value, function.is_some_and(takes_any_type))
    }

    fn called(&self, name: &str) -> String {
        own(name)
    }

    fn guard(&self, tokens: &[Token], place: usize, call: &Call<'_>) -> Guard {
        listed::guard(tokens, place, call)
    }

    fn twists(&self) -> &'static [Twist] {
        &[
            Twist::CutQuotients,
            Twist::CaretRaises,
            Twist::BitsInTurn,
            Twist::NullsPassedOver,
            Twist::PartsBeforeFirst,
            Twist::OpenDecimals,
            Twist::TildeLast,
            Twist::OrderBeforeEquality,
            Twist::ExtremesOfSome,
            Twist::LogOfTen,
            Twist::OfSamples,
            Twist::PartsByPattern,
            Twist::PartsOfMoments,
            Twist::FormatsStrings,
            Twist::TruthsAsWords,
            Twist::PartsOfMatches,
            Twist::CountsOne,
            Twist::NoPatterns,
        ]
    }

    fn has_plain_numbers(&self) -> bool {
        false
    }

    fn own_type(&self, name: &str) -> Option<&'static [&'static str]> {
        match name {
            "double" => Some(&["double", "precision"]),
            "signed" | "signed integer" => Some(&["bigint"]),
            _ => None,
        }
    }

    fn functions(&self) -> &'static Listed {
        &LISTED
    }

    fn aggregates(&self) -> &'static [&'static str] {
        &listed::AGGREGATES
    }
}

/// A cast to a type whose name is that of another one here: a `char` is one character, and `char(2)` has blanks at its end.
fn cast_to(within: Translator<'_>, argument: &[Token]) -> Result<Option<Fragment>> {
    let Some((of, kind)) = cast(argument) else { return Ok(None) };
    let is_string = |token: &Token| ["char", "character", "nchar"].iter().any(|name| token.is_word(name));
    let solid: Vec<&Token> = kind.iter().filter(|token| !token.is_blank()).collect();
    let kind = match &solid[..] {
        [name] if is_string(name) => "text".to_owned(),
        [name] if name.is_word("real") => "double precision".to_owned(),
        [name] if name.is_word("float") => "real".to_owned(),
        [name, open, Token::Word(length), close] if is_string(name) && open.is("(") && close.is(")") => {
            format!("varchar({length})")
        }
        _ => return Ok(None),
    };
    Ok(Some(written("CAST(", [within.translate(of)?], "", &format!(" AS {kind})"))))
}

/// Functions that take values of any type, so that no argument of theirs tells the type of a string.
const OF_ANY_TYPE: [&str; 20] = [
    "array_agg",
    "concat",
    "concat_ws",
    "count",
    "format",
    "json_agg",
    "json_build_array",
    "json_build_object",
    "json_object_agg",
    "jsonb_agg",
    "jsonb_build_array",
    "jsonb_build_object",
    "jsonb_object_agg",
    "num_nonnulls",
    "num_nulls",
    "pg_collation_for",
    "pg_column_size",
    "pg_typeof",
    "to_json",
    "to_jsonb",
];

fn takes_any_type(function: &str) -> bool {
    OF_ANY_TYPE.iter().any(|known| function.eq_ignore_ascii_case(known))
}

/// A value of the type that the server gives to the same value where it is written out.
fn literal(value: &Value, is_of_any_type: bool) -> Option<Fragment> {
    let of_size = |number: i64| if i32::try_from(number).is_ok() { "::integer" } else { "::bigint" };
    let (value, cast) = match value {
        Value::Int(number) => (value.clone(), of_size(*number)),
        Value::UInt(number) => (value.clone(), i64::try_from(*number).map_or("::numeric", of_size)),
        Value::Float32(number) if number.is_finite() => (number_of(&format!("{number:?}"))?, ""),
        Value::Float64(number) if number.is_finite() => (number_of(&format!("{number:?}"))?, ""),
        Value::Text(_) | Value::Null if is_of_any_type => (value.clone(), "::text"),
        _ => return None,
    };
    let mut sql = Fragment::default();
    sql.push_value(value);
    sql.push(cast);
    Some(sql)
}

/// The exact number that the shortest text of a float says, with an exponent or without.
fn number_of(text: &str) -> Option<Value> {
    let (digits, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (number, scale) = decimal::parse(digits)?.into_bigint_and_exponent();
    let number = bigdecimal::BigDecimal::new(number, scale - exponent.parse::<i64>().ok()?);
    let scale = number.fractional_digit_count().max(0);
    Some(decimal::value(number.with_scale(scale)))
}

/// A part of a date or time as an integer.
fn part(name: &str, of: Fragment, kind: &str) -> Fragment {
    let cut = if name == "second" { own("trunc") } else { String::new() };
    let before = format!("{cut}(EXTRACT({} FROM ", name.to_ascii_uppercase());
    written(&before, [of], "", &format!("{kind}))::int"))
}

/// What a string is to be where a moment is asked for: the server takes none of another type for one.
fn kind_of_moment(argument: &[Token]) -> &'static str {
    let [Token::Literal(text, _) | Token::Placeholder(Some(Value::Text(text)))] = trimmed(argument) else {
        return "";
    };
    if text.contains('-') { "::timestamp" } else { "::time" }
}

/// Whole units from one moment to another, cut towards zero.
fn difference(unit: &Unit, from: Fragment, to: Fragment) -> Fragment {
    match unit {
        Unit::Seconds(seconds) => {
            let after = format!(")::timestamp)) / {seconds})::bigint");
            let before = format!("{}(EXTRACT(EPOCH FROM ((", own("trunc"));
            written(&before, [to, from], ")::timestamp - (", &after)
        }
        Unit::Months(months) => {
            // Of years of 365.25 days and months of 30, which lie less than half a month from those of the same length.
            let month = written(
                &format!("{}('month', {}((", own("date_trunc"), own("age")),
                [to, from],
                ")::timestamp, (",
                ")::timestamp))",
            );
            let before = format!("{}({}(EXTRACT(EPOCH FROM ", own("trunc"), own("round"));
            written(&before, [month], "", &format!(") / 2629800) / {months})::int"))
        }
    }
}

/// True for an expression that is true or false; comparisons within its brackets, and within `CASE`, don't make it one.
fn is_comparison(tokens: &[Token]) -> bool {
    let tokens = trimmed(tokens);
    if let [first, within @ .., last] = tokens
        && first.is("(")
        && last.is(")")
        && is_closed(within)
    {
        return is_comparison(within);
    }
    let mut depth = 0_usize;
    for token in tokens {
        match token {
            token if token.is("(") || token.is_word("case") => depth += 1,
            token if token.is(")") || token.is_word("end") => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            token if COMPARISONS.iter().any(|sign| token.is(sign) || token.is_word(sign)) => return true,
            _ => {}
        }
    }
    false
}

const COMPARISONS: [&str; 11] = ["=", "<", ">", "<=", ">=", "<>", "!=", "like", "between", "is", "in"];

/// True when each bracket is closed that is opened here, and none else.
fn is_closed(tokens: &[Token]) -> bool {
    let mut depth = 0_i32;
    for token in tokens {
        depth += i32::from(token.is("(")) - i32::from(token.is(")"));
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}
