use chrono::{NaiveDate, NaiveTime};
use datajoint_definition::{Backend, Tier};
use datajoint_schema::Attribute;
use datajoint_sql::{Value, bind_value, read_value};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::pipeline::declare;

fn attribute(type_text: &str) -> Attribute {
    let table = declare("lab", "Values", Tier::Manual, &format!("k : int32\n---\nv : {type_text}"), &[]);
    table.heading.get("v").expect("it is declared").clone()
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 2, 29).expect("a leap year")
}

fn moment(milliseconds: u32) -> Value {
    Value::DateTime(day().and_time(NaiveTime::from_hms_milli_opt(1, 2, 3, milliseconds).expect("a time")))
}

fn json(text: &str) -> Value {
    Value::Json(Box::new(serde_json::from_str(text).expect("it is JSON")))
}

const UUID: Uuid = Uuid::from_u128(0x7c9e_6679_7425_40de_944b_e07f_c1f9_0ae7);

const OBJECT: &str = r#"{"hash": "h", "path": "_hash/h", "schema": "lab", "store": "main", "size": 18}"#;

/// Types, values given for them, and the value that every backend gives back.
fn round_trips() -> Vec<(&'static str, Value, Value)> {
    vec![
        ("int8", Value::Int(-128), Value::Int(-128)),
        ("int16", text("7"), Value::Int(7)),
        ("int32", Value::Float64(3.0), Value::Int(3)),
        ("int64", Value::Int(i64::MAX), Value::Int(i64::MAX)),
        ("float32", Value::Float64(0.1), Value::Float32(0.1)),
        ("float64", Value::Int(2), Value::Float64(2.0)),
        ("bool", Value::Bool(true), Value::Bool(true)),
        ("bool", Value::Int(0), Value::Bool(false)),
        ("uuid", Value::Uuid(UUID), Value::Uuid(UUID)),
        ("uuid", text("7c9e6679-7425-40de-944b-e07fc1f90ae7"), Value::Uuid(UUID)),
        ("json", json(r#"{"b": [1, null, "é"]}"#), json(r#"{"b": [1, null, "é"]}"#)),
        ("json", text("\"a text\""), json("\"a text\"")),
        ("bytes", Value::Bytes(vec![0, 255]), Value::Bytes(vec![0, 255])),
        ("date", text("2024-02-29"), Value::Date(day())),
        ("datetime", text("2024-02-29T01:02:03"), moment(0)),
        ("datetime(3)", moment(500), moment(500)),
        ("char(5)", text("ab"), text("ab")),
        ("varchar(5)", text("äöüßé"), text("äöüßé")),
        ("enum('M', 'F')", text("F"), text("F")),
        ("decimal(6,2)", text("12.5"), Value::Decimal(Decimal::new(1250, 2))),
        ("decimal(6,2)", Value::Float64(0.1), Value::Decimal(Decimal::new(10, 2))),
        ("<blob>", Value::Bytes(vec![1]), Value::Bytes(vec![1])),
        ("<blob@main>", json(OBJECT), json(OBJECT)),
        ("<blob@>", json(OBJECT), json(OBJECT)),
        ("<plugin@main>", json("[1]"), json("[1]")),
    ]
}

#[test]
fn a_codec_in_a_store_takes_its_own_metadata_alone() {
    let array = r#"{"path": "m.npy", "store": null, "dtype": "<f8", "shape": [2, 3]}"#;
    let refused = [
        ("<blob@main>", "[1, 2]", "it is no JSON object"),
        ("<attach@main>", r#"{"path": "x"}"#, "it lacks `hash`"),
        ("<hash@other>", OBJECT, "its store is `main`, but `other` is declared"),
        ("<npy@main>", OBJECT, "it lacks `dtype`"),
        (
            "<npy@main>",
            r#"{"path": "x", "store": null, "dtype": "<f8", "shape": [-1]}"#,
            "its `shape` is [-1]",
        ),
        ("<object@main>", array, "it lacks `size`"),
        ("<filepath@main>", "null", "it is no JSON object"),
    ];
    for backend in Backend::ALL {
        for (type_text, document, advice) in refused {
            let error = bind_value(backend, &attribute(type_text), json(document)).unwrap_err().to_string();
            assert!(error.contains("`v`") && error.contains(advice), "{error}");
        }
        assert!(bind_value(backend, &attribute("<npy@main>"), json(array)).is_ok());
    }
}

#[test]
fn every_backend_gives_back_the_same_value() {
    for (type_text, given, expected) in round_trips() {
        let attribute = attribute(type_text);
        for backend in Backend::ALL {
            let bound = bind_value(backend, &attribute, given.clone()).expect("it fits");
            let again =
                bind_value(backend, &attribute, bound.clone()).expect("what is bound can be bound again");
            assert_eq!(bound, again, "{backend} {type_text}");
            assert_eq!(
                read_value(&attribute, bound).expect("it was bound"),
                expected,
                "{backend} {type_text}"
            );
        }
    }
}

#[test]
fn each_backend_takes_its_own_form() {
    let mut lines = Vec::new();
    for (type_text, given, _) in round_trips() {
        for backend in [Backend::Mysql, Backend::Postgresql, Backend::Sqlite] {
            let bound = bind_value(backend, &attribute(type_text), given.clone()).expect("it fits");
            lines.push(format!("{type_text} {given:?} on {backend}: {bound:?}"));
        }
    }
    let text = lines.join("\n");
    insta::assert_snapshot!(text);
}

#[test]
fn nothing_is_rounded_cut_or_guessed() {
    let faults = [
        ("int8", Value::Int(300)),
        ("int32", Value::Float64(1.6)),
        ("int32", text("seven")),
        ("int64", Value::UInt(u64::MAX)),
        ("float32", Value::Float64(1e300)),
        ("bool", Value::Int(2)),
        ("uuid", text("no uuid")),
        ("json", text("not json")),
        ("bytes", text("text")),
        ("date", text("2023-02-29")),
        ("datetime", moment(500)),
        ("datetime(3)", text("2024-02-29 01:02:03.1234")),
        ("varchar(3)", text("abcd")),
        ("enum('left', 'right')", text("rihgt")),
        ("decimal(6,2)", text("1.234")),
        ("decimal(6,2)", text("12345.6")),
        ("<blob>", Value::Int(1)),
    ]
    .map(|(type_text, value)| {
        bind_value(Backend::Mysql, &attribute(type_text), value).expect_err("it doesn't fit").to_string()
    });
    let text = faults.join("\n");
    insta::assert_snapshot!(text);
}

#[test]
fn floats_that_a_backend_can_not_store_are_refused() {
    for (value, takers) in
        [(f64::NAN, &[Backend::Postgresql][..]), (f64::INFINITY, &[Backend::Postgresql, Backend::Sqlite][..])]
    {
        for backend in Backend::ALL {
            let bound = bind_value(backend, &attribute("float64"), Value::Float64(value));
            assert_eq!(bound.is_ok(), takers.contains(&backend), "{backend} {value}");
        }
    }
}

#[test]
fn what_the_type_does_not_have_is_no_value_of_it() {
    for (type_text, value) in [("bool", Value::Int(2)), ("uuid", Value::Bytes(vec![1])), ("json", text("{"))]
    {
        assert!(read_value(&attribute(type_text), value).is_err(), "{type_text}");
    }
    assert_eq!(read_value(&attribute("char(5)"), text("ab   ")), Ok(text("ab")));
    assert_eq!(read_value(&attribute("int32"), Value::Null), Ok(Value::Null));
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn decimals_survive_storage_as_floats(digits in -999_999_999_999_999_i64..=999_999_999_999_999, scale in 0_u32..=15) {
        let attribute = attribute(&format!("decimal(15,{scale})"));
        let number = Value::Decimal(Decimal::new(digits, scale));
        let bound = bind_value(Backend::Sqlite, &attribute, number.clone()).expect("it fits");
        prop_assert_eq!(read_value(&attribute, bound).expect("it was bound"), number);
    }

    #[test]
    fn texts_of_moments_sort_as_moments_do(first in 0_i64..4_000_000_000_000, second in 0_i64..4_000_000_000_000) {
        let attribute = attribute("datetime(3)");
        let stored = |milliseconds| {
            let moment = chrono::DateTime::from_timestamp_millis(milliseconds).expect("in range").naive_utc();
            match bind_value(Backend::Sqlite, &attribute, Value::DateTime(moment)) {
                Ok(Value::Text(text)) => text,
                other => panic!("{other:?}"),
            }
        };
        prop_assert_eq!(stored(first).cmp(&stored(second)), first.cmp(&second));
    }
}

/// Values of every kind, near the limits of every type.
fn any_value() -> impl Strategy<Value = Value> {
    let moment = |seconds: i64, nanoseconds: u32| {
        chrono::DateTime::from_timestamp(seconds, nanoseconds)
            .map_or(Value::Null, |moment| Value::DateTime(moment.naive_utc()))
    };
    prop_oneof![
        Just(Value::Null),
        Just(Value::Default),
        any::<bool>().prop_map(Value::Bool),
        prop_oneof![any::<i64>(), -40_000..40_000_i64, -130..130_i64].prop_map(Value::Int),
        any::<u64>().prop_map(Value::UInt),
        any::<f32>().prop_map(Value::Float32),
        prop_oneof![any::<f64>(), Just(f64::NAN), Just(f64::INFINITY), Just(-0.0)].prop_map(Value::Float64),
        any::<i64>().prop_map(|number| Value::Decimal(Decimal::new(number, 2))),
        prop_oneof!["[a-cMF]{0,6}", "\\PC{0,6}", "[\0-\u{1f}é]{0,6}"].prop_map(Value::Text),
        any::<Vec<u8>>().prop_map(Value::Bytes),
        Just(Value::Date(day())),
        (-70_000_000_000_i64..270_000_000_000, prop_oneof![Just(0_u32), 0..1_999_999_999_u32])
            .prop_map(move |(seconds, nanoseconds)| moment(seconds, nanoseconds)),
        any::<u128>().prop_map(|number| Value::Uuid(Uuid::from_u128(number))),
        Just(json(r#"{"a": [1, null]}"#)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, rng_seed: RngSeed::Fixed(12), ..ProptestConfig::default() })]

    /// What is only looked at is bound as what is looked at closely.
    #[test]
    fn the_fast_way_to_bind_a_value_is_the_same_as_the_slow_one(
        value in any_value(),
        kind in proptest::sample::select(vec![
            "int8", "int16", "int32", "int64", "float32", "float64", "bool", "uuid", "json", "bytes", "date", "datetime",
            "datetime(3)", "char(5)", "varchar(5)", "enum('M','F','a')", "decimal(6,2)", "<blob>", "<blob@main>", "text",
            "timestamp", "bigint unsigned",
        ]),
        backend in proptest::sample::select(Backend::ALL.to_vec()),
    ) {
        let attribute = attribute(kind);
        let mut fast = value.clone();
        let outcome = datajoint_sql::bind_in_place(backend, &attribute, &mut fast).map(|()| fast);
        let slow = bind_value(backend, &attribute, value);
        prop_assert_eq!(format!("{outcome:?}"), format!("{slow:?}"));
    }
}
