//! Types of Rust come back as they were, and are what Python expects.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fmt::Debug,
};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use datajoint_blob::{
    Array, ArrayData, Bytes, DType, DecimalText, FromBlob, Int, ToBlob, Value, pack, unpack, unpack_as,
};
use ndarray::{ArcArray, Array0, Array1, Array2, Array3, Array6, ArrayD, CowArray, arr0, array};
use num_complex::Complex;
use rust_decimal::Decimal;
use uuid::Uuid;

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "reads better in the calls")]
fn check<T: ToBlob + FromBlob + PartialEq + Debug>(value: T, expected: impl Into<Value>) {
    let blob = pack(&value).unwrap();
    let (dynamic, expected) = (unpack(&blob).unwrap(), expected.into());
    assert_eq!(dynamic, expected);
    assert_eq!(pack(&dynamic).unwrap(), blob);
    assert_eq!(unpack_as::<T>(&blob).unwrap(), value);
    assert_eq!(Value::of(&value).unwrap(), expected);
    assert_eq!(expected.to::<T>().unwrap(), value);
}

fn row(data: impl Into<ArrayData>) -> Array {
    let data = data.into();
    Array::new([data.len()], data).unwrap()
}

fn list<const N: usize>(values: [Value; N]) -> Value {
    Value::List(values.into())
}

#[test]
fn numbers_are_plain_numbers() {
    check(-5_i8, Int::from(-5));
    check(u64::MAX, Int::from(u64::MAX));
    check(u128::MAX, Int::from(u128::MAX));
    check(i128::MIN, Int::from(i128::MIN));
    check(Int::from_le_bytes(&[7; 40]), Int::from_le_bytes(&[7; 40]));
    check(true, true);
    check(0.1_f64, 0.1);
    check(0.1_f32, Value::Float(f64::from(0.1_f32)));
    check(Complex::new(1.0, 2.0), Complex::new(1.0, 2.0));
    check(Complex::new(0.1_f32, 2.0), Complex::new(f64::from(0.1_f32), 2.0));
}

#[test]
fn texts_bytes_and_the_like_are_kept() {
    check("é".to_owned(), "é");
    check(Bytes(vec![0, 1]), Value::Bytes(vec![0, 1]));
    check(Uuid::from_u128(7), Uuid::from_u128(7));
    check(Decimal::new(110, 2), "1.10".parse::<DecimalText>().unwrap());
    check(Decimal::new(-1, 20), "-1E-20".parse::<DecimalText>().unwrap());
    let (date, time) =
        (NaiveDate::from_ymd_opt(2024, 2, 29).unwrap(), NaiveTime::from_hms_opt(1, 2, 3).unwrap());
    check(date, Value::Date(date));
    check(time, Value::Time(time));
    check::<NaiveDateTime>(date.and_time(time), Value::DateTime(date.and_time(time)));
}

#[test]
fn several_numbers_are_an_array() {
    check(vec![1_i32, 2], row(vec![1_i32, 2]));
    check(vec![1_u8, 2], row(vec![1_u8, 2]));
    check(vec![true], row(vec![true]));
    check([1.5, 2.5], row(vec![1.5, 2.5]));
    check(vec![Complex::new(1.0_f32, 2.0)], row(vec![Complex::new(1.0_f32, 2.0)]));
    check(Vec::<f64>::new(), row(Vec::<f64>::new()));
}

#[test]
fn several_of_anything_else_are_a_list() {
    check(vec!["a".to_owned()], list(["a".into()]));
    check(vec![vec![1.0], vec![]], list([row(vec![1.0]).into(), row(Vec::<f64>::new()).into()]));
    check(vec![Some(1), None], list([1.into(), Value::None]));
    check(vec![i128::MAX], list([i128::MAX.into()]));
    check(vec![(1, 2)], list([Value::Tuple(vec![1.into(), 2.into()])]));
    assert_eq!(pack(&["a", "b"]).unwrap(), pack(&vec!["a".to_owned(), "b".to_owned()]).unwrap());
}

#[test]
fn an_array_of_numbers_is_read_from_a_list_too() {
    let blob = pack(&list([1.into(), Value::from(2.5)])).unwrap();
    assert_eq!(unpack_as::<Vec<f64>>(&blob).unwrap(), [1.0, 2.5]);
    let blob = pack(&row(vec![Value::from(1), Value::from(2)])).unwrap();
    assert_eq!(unpack_as::<Vec<u8>>(&blob).unwrap(), [1, 2]);
}

#[test]
fn arrays_of_every_rank_come_back() {
    check(arr0(5.0), Array::scalar(5.0));
    check::<Array0<bool>>(arr0(true), Array::scalar(true));
    check::<Array1<i16>>(array![1, 2], row(vec![1_i16, 2]));
    check::<Array2<f64>>(
        array![[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]],
        Array::new([2, 3], vec![0.0, 3.0, 1.0, 4.0, 2.0, 5.0]).unwrap(),
    );
    let cube = Array3::from_shape_fn((2, 3, 4), |(x, y, z)| u32::try_from(x * 100 + y * 10 + z).unwrap());
    check(cube.clone(), Array::from_ndarray(&cube));
    let six = Array6::from_shape_fn((1, 2, 1, 3, 2, 1), |(a, b, c, d, e, f)| {
        [a, b, c, d, e, f].iter().sum::<usize>() as u64
    });
    check(six.clone(), Array::from_ndarray(&six));
    check::<ArrayD<u64>>(six.clone().into_dyn(), Array::from_ndarray(&six));
    check::<ArcArray<u64, _>>(six.clone().into_shared(), Array::from_ndarray(&six));
    let complex = cube.mapv(|number| Complex::new(f64::from(number), -1.0));
    check(complex.clone(), Array::from_ndarray(&complex));
    let bools = cube.mapv(|number| number % 3 == 0);
    check(bools.clone(), Array::from_ndarray(&bools));
}

#[test]
fn views_are_packed_like_arrays() {
    let array = array![[1.0, 2.0], [3.0, 4.0]];
    assert_eq!(pack(&array.view()).unwrap(), pack(&array).unwrap());
    assert_eq!(pack(&CowArray::from(&array)).unwrap(), pack(&array).unwrap());
    assert_eq!(pack(&&array).unwrap(), pack(&array).unwrap());
}

#[test]
fn dynamic_arrays_are_looked_at_without_copying() {
    let array = Array::new([2, 2], vec![1_u8, 2, 3, 4]).unwrap();
    assert_eq!(array.view::<u8, ndarray::Ix2>().unwrap(), array![[1, 3], [2, 4]]);
    assert_eq!(array.elements::<u8>(), Some(&[1, 2, 3, 4][..]));
    assert_eq!(array.elements::<i8>(), None);
    assert_eq!(array.dtype(), DType::U8);
    assert_eq!(array.into_ndarray::<u8, ndarray::IxDyn>().unwrap().shape(), [2, 2]);
}

#[test]
fn containers_keep_their_kind() {
    check((1, "a".to_owned(), None::<u8>), Value::Tuple(vec![1.into(), "a".into(), Value::None]));
    check((7,), Value::Tuple(vec![7.into()]));
    check(BTreeSet::from([1, 2]), Value::Set(vec![1.into(), 2.into()]));
    check(HashSet::<u8>::from([1, 2]), Value::Set(vec![1.into(), 2.into()]));
    check(BTreeMap::from([("a".to_owned(), 1.5)]), Value::map([("a", Value::from(1.5))]));
    check(BTreeMap::from([(3, "x".to_owned())]), Value::Map(vec![(3.into(), "x".into())]));
    let map: HashMap<String, Vec<u8>> = [("b".to_owned(), vec![1]), ("a".to_owned(), vec![2])].into();
    check(map, Value::map([("a", row(vec![2_u8]).into()), ("b", row(vec![1_u8]).into())]));
    check(Box::new(5), Value::from(5));
}

#[test]
fn hashed_maps_always_make_the_same_bytes() {
    let entries = || (0..100).map(|number| (number.to_string(), number)).collect::<HashMap<_, _>>();
    assert_eq!(pack(&entries()).unwrap(), pack(&entries()).unwrap());
}

#[test]
fn a_list_is_read_as_a_tuple() {
    let blob = pack(&list([1.into(), "a".into()])).unwrap();
    assert_eq!(unpack_as::<(u8, String)>(&blob).unwrap(), (1, "a".to_owned()));
}

#[test]
fn numpy_scalars_are_read_as_plain_numbers() {
    assert_eq!(unpack_as::<i64>(&pack(&Array::scalar(7_u8)).unwrap()).unwrap(), 7);
    assert_eq!(unpack_as::<f64>(&pack(&Array::scalar(0.5_f32)).unwrap()).unwrap(), 0.5);
    assert!(unpack_as::<bool>(&pack(&Array::scalar(true)).unwrap()).unwrap());
    assert_eq!(unpack_as::<u8>(&pack(&Array::new([1, 1], vec![3.0]).unwrap()).unwrap()).ok(), None);
}

#[test]
fn integers_are_read_as_floats_if_they_fit() {
    assert_eq!(unpack_as::<f64>(&pack(&(1_i64 << 53)).unwrap()).unwrap(), 9_007_199_254_740_992.0);
    assert!(unpack_as::<f64>(&pack(&((1_i64 << 53) + 1)).unwrap()).is_err());
    assert!(unpack_as::<f32>(&pack(&0.1_f64).unwrap()).is_err());
    assert!(unpack_as::<f32>(&pack(&f64::NAN).unwrap()).unwrap().is_nan());
    assert_eq!(unpack_as::<Complex<f64>>(&pack(&3).unwrap()).unwrap(), Complex::new(3.0, 0.0));
}
