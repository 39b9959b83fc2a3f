//! What is computed over many rows means the same on every backend.

use datajoint::Value;
use datajoint::prelude::*;
use datajoint::types::bigdecimal::{BigDecimal, RoundingMode};
use datajoint::types::chrono::{Days, NaiveDate, TimeDelta};
use datajoint::types::uuid::Uuid;
use datajoint_sql::decimal_number;

use crate::{Capabilities, Turn};

const SCHEMA: &str = "dj_conformance_computing";

static TURN: Turn = Turn::new(SCHEMA);

/// The attributes, and their types.
const ATTRIBUTES: [(&str, &str); 11] = [
    ("tiny", "int8"),
    ("whole", "int32"),
    ("wide", "int64"),
    ("half", "float64"),
    ("single", "float32"),
    ("price", "decimal(8,2)"),
    ("truth", "bool"),
    ("level", "enum('mid', 'High', 'low')"),
    ("name", "varchar(8)"),
    ("code", "uuid"),
    ("day", "date"),
];

const LEVELS: [&str; 3] = ["mid", "High", "low"];

/// Numbers that look drawn, the same in each run.
struct Drawn(u64);

impl Drawn {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn between(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.below((high - low).cast_unsigned())).unwrap()
    }

    fn value(&mut self, name: &str) -> Value {
        if self.below(6) == 0 {
            return Value::Null;
        }
        let number = self.between(-99, 99);
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        match name {
            "tiny" => Value::Int(number),
            "whole" => Value::Int(number * 21_474_000),
            "wide" => Value::Int(number * 900_000_000_000_000),
            // Sums of such are exact in any order.
            "half" => Value::Float64(number as f64 / 8.0),
            "single" => Value::Float32(number as f32 / 4.0),
            "price" => decimal(&format!("{}.{:02}", number * 1000, number.abs())),
            "truth" => Value::Bool(number % 2 == 0),
            "level" => Value::Text(LEVELS[usize::try_from(number.rem_euclid(3)).unwrap()].to_owned()),
            "name" => Value::Text(format!("n{}", number.rem_euclid(7))),
            "code" => Value::Uuid(Uuid::from_u128(u128::from(number.unsigned_abs()) << (8 * self.below(15)))),
            _ => Value::Date(NaiveDate::default() + Days::new(number.unsigned_abs()) + TimeDelta::days(1)),
        }
    }
}

fn decimal(text: &str) -> Value {
    datajoint_sql::parse_decimal(text).map(datajoint_sql::decimal_value).unwrap()
}

/// The sum of numbers.
fn sum(values: &[Value]) -> BigDecimal {
    let number = |value: &Value| match value {
        Value::Bool(truth) => BigDecimal::from(i32::from(*truth)),
        value => decimal_number(value).unwrap(),
    };
    values.iter().map(number).sum()
}

/// What a function of values gives; `None` for one that their type has not.
fn expected(function: &str, name: &str, values: &[Value]) -> Option<Value> {
    let is_float = matches!(name, "half" | "single");
    let is_number = is_float || matches!(name, "tiny" | "whole" | "wide" | "price" | "truth");
    if function == "count" {
        return Some(Value::Int(i64::try_from(values.len()).unwrap()));
    }
    if !is_number && matches!(function, "sum" | "avg") {
        return None;
    }
    if values.is_empty() {
        return Some(Value::Null);
    }
    let float = |number: &BigDecimal| number.to_plain_string().parse::<f64>().unwrap();
    let count = i64::try_from(values.len()).unwrap();
    Some(match function {
        "sum" if is_float => Value::Float64(float(&sum(values))),
        "sum" if name == "price" => datajoint_sql::decimal_value(sum(values).with_scale(2)),
        "sum" => Value::Int(sum(values).to_plain_string().parse().unwrap()),
        "avg" if name == "price" => {
            let mean = sum(values) / BigDecimal::from(count);
            datajoint_sql::decimal_value(mean.with_scale_round(6, RoundingMode::HalfUp))
        }
        #[expect(clippy::cast_precision_loss, reason = "few values")]
        "avg" => Value::Float64(float(&sum(values)) / count as f64),
        _ => {
            let place = |value: &Value| match value {
                Value::Text(text) if name == "level" => {
                    ((0_i64..).zip(LEVELS).find(|(_, level)| level == text).unwrap().0.into(), String::new())
                }
                Value::Text(text) => (BigDecimal::default(), text.clone()),
                Value::Date(date) => (BigDecimal::default(), date.to_string()),
                Value::Uuid(uuid) => (BigDecimal::default(), uuid.to_string()),
                number => (sum(std::slice::from_ref(number)), String::new()),
            };
            let mut values: Vec<&Value> = values.iter().collect();
            values.sort_by_key(|value| place(value));
            (*if function == "min" { values.first() } else { values.last() }.unwrap()).clone()
        }
    })
}

/// Sums, means, counts, the least and the greatest of values of every type, over groups of some rows and of none.
pub async fn computed_values_mean_the_same_everywhere(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let lines: Vec<String> =
        ATTRIBUTES.iter().map(|(name, kind)| format!("{name} = null : {kind}")).collect();
    let group = crate::matrix::declare(dj, SCHEMA, "Band", "band : int32").await;
    let definition = format!("-> Band\nid : int32\n---\n{}", lines.join("\n"));
    let small = crate::matrix::declare(dj, SCHEMA, "Small", &definition).await;
    let mut drawn = Drawn(7);
    let bands = 0..24_i32;
    group.insert(dj, bands.clone().map(|band| DynamicRow::new().with("band", band).unwrap())).await.unwrap();
    let mut rows: Vec<DynamicRow> = Vec::new();
    for band in bands.clone() {
        // Some have no rows, some one, some many.
        for id in 0..drawn.below(u64::from(2 + band.unsigned_abs())) {
            let mut row =
                DynamicRow::new().with("band", band).unwrap().with("id", i32::try_from(id).unwrap()).unwrap();
            for (name, _) in ATTRIBUTES {
                row.set(name, drawn.value(name));
            }
            rows.push(row);
        }
    }
    small.insert(dj, rows.clone()).await.unwrap();
    let mut faults = Vec::new();
    for (name, _) in ATTRIBUTES {
        for function in ["count", "sum", "avg", "min", "max"] {
            if expected(function, name, &[]).is_none() {
                continue;
            }
            let computed = group.aggr(&small, compute("x", format!("{function}({name})")));
            let found = match computed.order_by("KEY").fetch(dj).await {
                Ok(found) => found,
                Err(error) => {
                    faults.push(format!("{function}({name}): {error}"));
                    continue;
                }
            };
            for (band, found) in bands.clone().zip(&found) {
                let of_band = |row: &&DynamicRow| row.get::<i32>("band") == Ok(band);
                let values = rows.iter().filter(of_band).map(|row| row.value(name).unwrap().clone());
                let values: Vec<Value> = values.filter(|value| *value != Value::Null).collect();
                let expected = expected(function, name, &values).unwrap();
                let found = found.value("x").unwrap();
                if *found != expected {
                    faults.push(format!("{function}({name}) of {values:?}: {found:?}, not {expected:?}"));
                    break;
                }
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    turn.end(dj).await;
}

/// Sums with more digits than their numbers are exact, or an error.
pub async fn sums_beyond_the_limits_are_exact_or_refused(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let is_embedded = dj.backend().capability().is_embedded;
    let nines = "9".repeat(65);
    let long = if is_embedded { "decimal(15,0)" } else { "decimal(65,0)" };
    let limits = [
        ("int64", Value::Int(i64::MAX)),
        ("int64", Value::Int(i64::MIN)),
        ("decimal(15,3)", decimal("999999999999.999")),
        (long, decimal(&nines[..if is_embedded { 15 } else { 65 }])),
        ("int32", Value::Int(i32::MAX.into())),
    ];
    for (number, (kind, value)) in limits.into_iter().enumerate() {
        let definition = format!("id : int32\n---\nv : {kind}");
        let table = crate::matrix::declare(dj, SCHEMA, &format!("Limit{number}"), &definition).await;
        let row = |id: i32| {
            let mut row = DynamicRow::new().with("id", id).unwrap();
            row.set("v", value.clone());
            row
        };
        table.insert(dj, (0..3).map(row)).await.unwrap();
        let values = [value.clone(), value.clone(), value.clone()];
        for (function, exact) in
            [("sum", sum(&values)), ("max", sum(&values[..1])), ("avg", sum(&values[..1]))]
        {
            let computed = U(()).aggr(&table, compute("x", format!("{function}(v)")));
            match computed.fetch_one(dj).await {
                Ok(row) => {
                    let found = row.value("x").unwrap();
                    let is_near = matches!(found, Value::Float64(float)
                        if exact.to_plain_string().parse::<f64>().is_ok_and(|exact| (float / exact - 1.0).abs() < 1e-15));
                    assert!(
                        is_near || decimal_number(found) == Some(exact),
                        "{function}({kind}) of {value:?}: {found:?}"
                    );
                }
                Err(error) => assert_ne!(function, "max", "{kind} of {value:?}: {error}"),
            }
        }
    }
    turn.end(dj).await;
}

/// What a query within computes of a row is of that row, and of no other one that its server takes for the same.
pub async fn each_row_computes_with_its_own_values(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let definition = "id : int32\n---\nname : varchar(20)\nweight : float64";
    let table = crate::matrix::declare(dj, SCHEMA, "Named", definition).await;
    let names = ["abc", "Abc", "ABC", "abc", "\u{e4}bc", "a\u{308}bc", "stra\u{df}e", "strasse", "x", ""];
    let rows = (0..).zip(names).map(|(id, name)| {
        let row = DynamicRow::new().with("id", id).unwrap().with("name", name).unwrap();
        row.with("weight", if id % 2 == 0 { 0.0 } else { -0.0 }).unwrap()
    });
    table.insert(dj, rows).await.unwrap();
    for text in ["(select name)", "(select coalesce(name, ''))", "coalesce((select name), '')", "name"] {
        let computed = table.proj(Proj::key().compute("x", text));
        let found = computed.order_by("KEY").column_as::<String>(dj, "x").await.unwrap();
        assert_eq!(found, names, "{text}");
    }
    turn.end(dj).await;
}
