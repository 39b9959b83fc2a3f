//! Errors say what was wanted and what was found.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use datajoint_blob::{Array, Bytes, FromBlob, Item, Result, ToBlob, Value, pack, unpack_as};
use ndarray::{Array1, Array2, array};

#[track_caller]
fn check<T: FromBlob + std::fmt::Debug>(value: &(impl ToBlob + ?Sized), expected: &str) {
    let error = unpack_as::<T>(&pack(value).unwrap()).unwrap_err().to_string();
    let (message, _) = error.split_once(": ask for").unwrap_or((&error, ""));
    assert_eq!(message, expected);
}

#[test]
fn arrays_are_never_cast() {
    check::<Array1<i32>>(
        &vec![1_i64],
        "wanted an array of int32 with 1 dimension, found an array of int64 with shape [1]",
    );
    check::<Array1<f64>>(
        &vec![1.0_f32],
        "wanted an array of float64 with 1 dimension, found an array of float32 with shape [1]",
    );
    check::<Array2<f64>>(
        &vec![1.0],
        "wanted an array of float64 with 2 dimensions, found an array of float64 with shape [1]",
    );
    check::<Array2<f64>>(&1.0, "wanted an array of float64 with 2 dimensions, found a float");
    let grid = array![[1.0]];
    check::<Vec<f64>>(
        &grid,
        "wanted an array of float64 with 1 dimension, or a list, found an array of float64 with shape [1, 1]",
    );
    check::<Vec<i64>>(
        &vec![1.0],
        "wanted an array of int64 with 1 dimension, or a list, found an array of float64 with shape [1]",
    );
    check::<[u8; 2]>(&vec![1_u8], "wanted a list of 2, found an array of uint8 with shape [1]");
    let objects = Array::new([2], vec![Value::None, Value::None]).unwrap();
    check::<Array1<u8>>(
        &objects,
        "wanted an array of uint8 with 1 dimension, found an array of object with shape [2]",
    );
    let array = Array::scalar(1_u8);
    assert!(array.view::<i8, ndarray::Ix0>().is_err());
    assert!(array.view::<u8, ndarray::Ix1>().is_err());
    let error = array.into_ndarray::<i8, ndarray::Ix0>().unwrap_err().to_string();
    assert!(error.contains("found an array of uint8 with shape []"), "{error}");
}

#[test]
fn numbers_are_never_cut() {
    check::<u8>(&300, "300 does not fit u8 without loss");
    check::<u64>(&-1, "-1 does not fit u64 without loss");
    check::<i64>(&u128::MAX, "340282366920938463463374607431768211455 does not fit i64 without loss");
    check::<u128>(&-1, "-1 does not fit u128 without loss");
    check::<i32>(&1.0, "wanted an integer (i32), found a float");
    check::<f64>("1", "wanted a number (f64), found text");
    check::<bool>(&1, "wanted a boolean, found an integer");
    check::<i32>(&true, "wanted an integer (i32), found a boolean");
}

#[test]
fn other_kinds_are_named() {
    let date = NaiveDate::from_ymd_opt(2024, 1, 2).unwrap();
    check::<String>(&date, "wanted text, found a date or time");
    check::<NaiveDateTime>(&date, "wanted a date with a time, found a date");
    check::<NaiveDate>(&NaiveTime::MIN, "wanted a date, found a time of day");
    check::<NaiveTime>(&date.and_time(NaiveTime::MIN), "wanted a time of day, found a date with a time");
    check::<String>(&None::<u8>, "wanted text, found None");
    check::<Bytes>(&vec![1_u8], "wanted bytes, found an array of uint8 with shape [1]");
    check::<(u8, u8)>(&(1, 2, 3), "wanted a tuple of 2, found a tuple of 3");
    check::<BTreeMap<String, u8>>(&vec!["a"], "wanted a mapping, found a list of 1");
}

#[test]
fn the_place_of_a_fault_is_named() {
    let value = Value::map([("rows", Value::List(vec![Value::from(1), Value::from("x")]))]);
    check::<BTreeMap<String, Vec<i8>>>(&value, r#"at ["rows"][1]: wanted an integer (i8), found text"#);
    check::<(String, u8)>(&("a", 256), "at [1]: 256 does not fit u8 without loss");
}

#[test]
fn a_key_that_stands_twice_is_an_error() {
    let value = Value::map([("a", Value::from(1)), ("a", Value::from(2))]);
    check::<BTreeMap<String, u8>>(
        &value,
        r#"at ["a"]: invalid mapping in the blob: a key that stands twice"#,
    );
    check::<Filter>(&value, r#"invalid mapping in the blob: the key "a" stands twice"#);
}

#[derive(Debug, PartialEq)]
struct Filter {
    order: u32,
    name: Option<String>,
}

impl FromBlob for Filter {
    fn read_blob(item: Item<'_>) -> Result<Self> {
        let entries = item.entries()?;
        Ok(Self { order: entries.get("order")?, name: entries.get("name")? })
    }
}

#[test]
fn a_missing_entry_is_an_error_unless_it_is_optional() {
    let blob = pack(&Value::map([("order", Value::from(4))])).unwrap();
    assert_eq!(unpack_as::<Filter>(&blob).unwrap(), Filter { order: 4, name: None });
    check::<Filter>(&Value::map([("name", Value::from("x"))]), r#"wanted the entry "order", found ["name"]"#);
    check::<Filter>(
        &Value::map([("order", Value::from("x"))]),
        r#"at ["order"]: wanted an integer (u32), found text"#,
    );
}

#[test]
fn what_the_format_cannot_hold_is_not_written() {
    #[track_caller]
    fn check(value: &dyn ToBlob, expected: &str) {
        let error = value.to_blob().unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
    let nanos = NaiveTime::from_hms_nano_opt(1, 2, 3, 4).unwrap();
    check(&nanos, "the time 01:02:03.000000004 cannot be written to a blob: round it to microseconds");
    check(&NaiveDate::from_ymd_opt(-1, 1, 1).unwrap(), "the date -0001-01-01 cannot be written");
    check(
        &datajoint_blob::Int::from_le_bytes(&vec![1; 65_536]),
        "an integer of 65536 bytes cannot be written",
    );
}
