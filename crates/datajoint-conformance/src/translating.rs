//! Functions that each backend writes in its own way give the same value on all of them.

use datajoint::Value;
use datajoint::prelude::*;
use datajoint::types::bigdecimal::BigDecimal;
use datajoint::types::chrono::{Datelike as _, NaiveDateTime};
use datajoint_sql::decimal_number;

use crate::{Capabilities, Turn};

const SCHEMA: &str = "dj_conformance_translating";

static TURN: Turn = Turn::new(SCHEMA);

/// Moments of which some lie a little before a full second, or a little behind it.
const MOMENTS: [&str; 9] = [
    "2024-01-31 00:00:00.900000",
    "2024-01-31 00:00:01.100000",
    "2024-01-31 00:00:00.999600",
    "2024-01-31 00:00:00.000400",
    "2024-02-29 23:59:59.999999",
    "2024-03-01 00:00:00",
    "2024-03-31 00:00:01.099999",
    "2023-12-31 12:30:30.500000",
    "1969-12-31 23:59:58.750000",
];

const UNITS: [(&str, i64); 5] =
    [("second", 1), ("minute", 60), ("hour", 3600), ("day", 86_400), ("week", 604_800)];

/// Whole units from one moment to the other, cut towards zero.
fn between(unit: &str, from: NaiveDateTime, to: NaiveDateTime) -> i64 {
    if let Some((_, seconds)) = UNITS.iter().find(|(name, _)| *name == unit) {
        return (to - from).num_microseconds().unwrap() / (seconds * 1_000_000);
    }
    if to < from {
        return -between(unit, to, from);
    }
    let months = |moment: NaiveDateTime| i64::from(moment.year()) * 12 + i64::from(moment.month());
    let rest = |moment: NaiveDateTime| (moment.day(), moment.time());
    let whole = months(to) - months(from) - i64::from(rest(to) < rest(from));
    whole / if unit == "year" { 12 } else { 1 }
}

/// Units of time between moments with parts of a second, in both directions.
pub async fn differences_of_moments_are_cut_to_whole_units(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let definition = "id : int32\n---\na : datetime(6)\nb : datetime(6)";
    let spans = crate::matrix::declare(dj, SCHEMA, "Span", definition).await;
    let moments: Vec<NaiveDateTime> = MOMENTS
        .iter()
        .map(|text| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").unwrap())
        .collect();
    let pairs: Vec<_> = moments.iter().flat_map(|a| moments.iter().map(move |b| (*a, *b))).collect();
    let rows = (0_i32..).zip(&pairs).map(|(id, (a, b))| {
        let mut row = DynamicRow::new().with("id", id).unwrap();
        row.set("a", Value::DateTime(*a));
        row.set("b", Value::DateTime(*b));
        row
    });
    spans.insert(dj, rows).await.unwrap();
    for unit in ["second", "minute", "hour", "day", "week", "month", "year"] {
        let computed = spans.proj(compute("x", format!("timestampdiff({unit}, a, b)")));
        let found = computed.order_by("KEY").fetch(dj).await.unwrap();
        for ((a, b), row) in pairs.iter().zip(&found) {
            let found = decimal_number(row.value("x").unwrap());
            let expected = BigDecimal::from(between(unit, *a, *b));
            assert_eq!(found, Some(expected), "{unit} from {a} to {b}");
        }
    }
    turn.end(dj).await;
}

/// A sum keeps the fractions of what a condition chooses, counts what a comparison is true of, and a joined string has
/// no greatest length.
pub async fn sums_of_conditions_and_long_strings_are_whole(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let definition = "id : int32\n---\ngain : int32\nweight : float64\nword : varchar(100)";
    let table = crate::matrix::declare(dj, SCHEMA, "Weight", definition).await;
    let words: Vec<String> = (0..50).map(|id| format!("{id:0>90}")).collect();
    let rows = (0_i32..).zip(&words).map(|(id, word)| {
        let row = DynamicRow::new().with("id", id).unwrap().with("gain", id % 4).unwrap();
        row.with("weight", 0.25).unwrap().with("word", word.as_str()).unwrap()
    });
    table.insert(dj, rows).await.unwrap();
    // Of 50 rows, 12 have a gain of 2 and 12 one of 3.
    for (text, expected) in [
        ("sum(case when gain > 1 then weight else 0 end)", "6"),
        ("sum(if(gain > 1, weight, 0))", "6"),
        ("sum(weight * case when gain >= 2 then 1 else 0 end)", "6"),
        ("sum(if(gain in (2, 3), weight, 0) * 3)", "18"),
        ("sum(gain > 1)", "24"),
        ("sum((gain > 1))", "24"),
        ("sum((gain > 1) = (id > 24))", "25"),
        ("sum(gain between 2 and 3)", "24"),
        ("sum(weight)", "12.5"),
    ] {
        let row = U(()).aggr(&table, compute("x", text)).fetch_one(dj).await;
        let row = row.unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(decimal_number(row.value("x").unwrap()), Some(expected.parse().unwrap()), "{text}");
    }
    let joined = compute("x", "group_concat(word order by id separator ';')");
    let row = U(()).aggr(&table, joined).fetch_one(dj).await.unwrap();
    assert_eq!(row.get::<String>("x").unwrap(), words.join(";"));
    turn.end(dj).await;
}

/// Means and floats are rounded to digits, truths are counted, and bytes are, too.
pub async fn means_and_floats_are_rounded_to_digits(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let definition = "id : int32\n---\ndelay : int16\nweight : float64\nlight : float32\nprice : decimal(8,2)\nok : bool\n\
                      raw : bytes";
    let table = crate::matrix::declare(dj, SCHEMA, "Delay", definition).await;
    let rows = (0_i32..3).map(|id| {
        let mut row = DynamicRow::new().with("id", id).unwrap().with("delay", id * id).unwrap();
        row.set("raw", Value::Bytes("é\u{0}".repeat(usize::try_from(id).unwrap()).into_bytes()));
        row.set("price", Value::Text(format!("{id}.35")));
        row.with("weight", f64::from(id) / 7.0)
            .unwrap()
            .with("light", 0.5)
            .unwrap()
            .with("ok", id > 0)
            .unwrap()
    });
    table.insert(dj, rows).await.unwrap();
    for (text, expected) in [
        ("round(avg(delay), 2)", "1.67"),
        ("round(avg(delay * 1.0), 2)", "1.67"),
        ("round(avg(weight), 3)", "0.143"),
        ("round(avg(weight) * 100, 1)", "14.3"),
        ("round(sum(weight), 1)", "0.4"),
        ("round(avg(light), 1)", "0.5"),
        ("round(avg(price), 1)", "1.4"),
        ("round(sum(price) / count(*), 1)", "1.4"),
        ("round(avg(delay > 0), 2)", "0.67"),
        ("round(avg(ok), 2)", "0.67"),
        ("round(100 * avg(delay > 0))", "67"),
        ("sum(ok)", "2"),
        ("sum(delay > 0) + sum(ok)", "4"),
        ("max(length(raw))", "6"),
        ("sum(octet_length(raw))", "9"),
        ("cast(round(avg(delay)) as signed)", "2"),
        ("round(cast(sum(delay) as double) / 3, 2)", "1.67"),
        ("cast(sum(delay) as double precision) / 2", "2.5"),
    ] {
        let row = U(()).aggr(&table, compute("x", text)).fetch_one(dj).await;
        let row = row.unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(decimal_number(row.value("x").unwrap()), Some(expected.parse().unwrap()), "{text}");
    }
    turn.end(dj).await;
}
