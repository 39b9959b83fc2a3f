//! Any value comes back as it was.

use chrono::{NaiveDate, NaiveTime};
use datajoint_blob::{
    Array, ArrayData, Column, DateTimeUnit, Int, MatCell, MatStruct, RecordArray, Value, pack, unpack,
};
use num_complex::Complex;
use proptest::{
    array::uniform16,
    collection::{btree_set, vec},
    prelude::*,
};

fn shape() -> impl Strategy<Value = Vec<usize>> {
    vec(0_usize..4, 0..4)
}

fn int() -> impl Strategy<Value = Int> {
    prop_oneof![
        any::<i64>().prop_map(Int::from),
        any::<i128>().prop_map(Int::from),
        vec(any::<u8>(), 0..40).prop_map(|bytes| Int::from_le_bytes(&bytes)),
        (0_u32..127, -2_i128..3).prop_map(|(bit, near)| Int::from((1_i128 << bit) + near)),
        (0_u32..127, -2_i128..3).prop_map(|(bit, near)| Int::from(-(1_i128 << bit) + near)),
    ]
}

fn moment() -> impl Strategy<Value = Value> {
    let date = (1_i32..=9999, 1_u32..=366)
        .prop_map(|(year, day)| NaiveDate::from_yo_opt(year, day.min(365)).unwrap());
    let time = (0_u32..86_400, 0_u32..1_000_000).prop_map(|(seconds, micros)| {
        NaiveTime::from_num_seconds_from_midnight_opt(seconds, micros * 1000).unwrap()
    });
    (date, time, 0..3).prop_map(|(date, time, kind)| match kind {
        0 => date.into(),
        1 => time.into(),
        _ => date.and_time(time).into(),
    })
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::None),
        any::<bool>().prop_map(Value::from),
        int().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<(f64, f64)>().prop_map(|(re, im)| Complex::new(re, im).into()),
        any::<String>().prop_map(Value::from),
        vec(any::<u8>(), 0..20).prop_map(Value::Bytes),
        "[+-]?([0-9]{1,30}(\\.[0-9]{0,9})?|\\.[0-9]{1,9})(E[+-]?[0-9]{1,3})?|-?Infinity|NaN|-sNaN12"
            .prop_map(|text| Value::Decimal(text.parse().unwrap())),
        uniform16(any::<u8>()).prop_map(|bytes| uuid::Uuid::from_bytes(bytes).into()),
        moment(),
        array(),
    ]
}

fn elements(count: usize) -> impl Strategy<Value = ArrayData> {
    fn of<T: Arbitrary + Clone + 'static>(count: usize) -> impl Strategy<Value = Vec<T>> {
        vec(any::<T>(), count)
    }
    let units =
        prop::sample::select(vec![DateTimeUnit::Year, DateTimeUnit::Nanosecond, DateTimeUnit::Attosecond]);
    prop_oneof![
        of::<bool>(count).prop_map(ArrayData::from),
        of::<i8>(count).prop_map(ArrayData::from),
        of::<u8>(count).prop_map(ArrayData::from),
        of::<i16>(count).prop_map(ArrayData::from),
        of::<u16>(count).prop_map(ArrayData::from),
        of::<i32>(count).prop_map(ArrayData::from),
        of::<u32>(count).prop_map(ArrayData::from),
        of::<i64>(count).prop_map(ArrayData::from),
        of::<u64>(count).prop_map(ArrayData::from),
        of::<f32>(count).prop_map(ArrayData::from),
        of::<f64>(count).prop_map(ArrayData::from),
        vec((any::<f32>(), any::<f32>()).prop_map(|(re, im)| Complex::new(re, im)), count)
            .prop_map(ArrayData::from),
        vec((any::<f64>(), any::<f64>()).prop_map(|(re, im)| Complex::new(re, im)), count)
            .prop_map(ArrayData::from),
        (units, of::<i64>(count)).prop_map(|(unit, ticks)| ArrayData::DateTime(unit, ticks)),
        of::<u16>(count).prop_map(ArrayData::Char),
    ]
}

fn array_of(shape: Vec<usize>) -> impl Strategy<Value = Array> {
    elements(shape.iter().product()).prop_map(move |data| Array::new(shape.clone(), data).unwrap())
}

fn array() -> impl Strategy<Value = Value> {
    shape().prop_flat_map(array_of).prop_map(Value::from)
}

fn names() -> impl Strategy<Value = Vec<String>> {
    btree_set("[a-z_][a-z0-9_]{0,5}|µ", 0..4).prop_map(|names| names.into_iter().collect())
}

fn records() -> impl Strategy<Value = RecordArray> {
    (names(), shape()).prop_flat_map(|(names, shape)| {
        let columns = vec(array_of(shape), names.len());
        (columns, any::<bool>()).prop_map(move |(columns, nest)| {
            let flat = RecordArray::new(names.clone().into_iter().zip(columns.into_iter().map(Column::from)))
                .unwrap();
            if nest { RecordArray::new([("inner", flat.into())]).unwrap() } else { flat }
        })
    })
}

fn grid(inner: impl Strategy<Value = Value> + Clone + 'static) -> impl Strategy<Value = Value> {
    (prop::sample::select(vec![vec![], vec![0, 0], vec![2], vec![1, 2], vec![2, 2]]), names(), 0..3)
        .prop_flat_map(move |(shape, names, kind)| {
            let count: usize = shape.iter().product();
            let count = if kind == 0 { count * names.len() } else { count };
            vec(inner.clone(), count).prop_map(move |values| match kind {
                0 => MatStruct::new(shape.clone(), names.clone(), values).unwrap().into(),
                1 => MatCell::new(shape.clone(), values).unwrap().into(),
                _ => Array::new(shape.clone(), values).unwrap().into(),
            })
        })
}

/// A value of any kind.
pub(crate) fn value() -> impl Strategy<Value = Value> {
    prop_oneof![4 => scalar(), 1 => records().prop_map(Value::from)].prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::Tuple),
            vec(inner.clone(), 0..5).prop_map(Value::List),
            vec(inner.clone(), 0..5).prop_map(Value::Set),
            vec((inner.clone(), inner.clone()), 0..4).prop_map(Value::Map),
            grid(inner),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(1), cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_packed_is_unpacked(value in value()) {
        let blob = pack(&value).unwrap();
        let back = unpack(&blob).unwrap();
        // NaN equals nothing, so the bytes are compared too.
        prop_assert_eq!(format!("{back:?}"), format!("{value:?}"));
        prop_assert_eq!(pack(&back).unwrap(), blob);
    }

    #[test]
    fn integers_of_any_size_are_displayed_right(number in any::<i128>(), fill in 0_usize..20) {
        let sign = if number < 0 { 0xFF } else { 0 };
        let bytes = [number.to_le_bytes().to_vec(), vec![sign; fill]].concat();
        prop_assert_eq!(Int::from_le_bytes(&bytes).to_string(), number.to_string());
        let shifted = [vec![0; 16], bytes].concat();
        let large = Int::from_le_bytes(&shifted);
        prop_assert_eq!(&Int::from_le_bytes(&large.to_le_bytes()), &large);
    }

    #[test]
    fn decimals_of_this_machine_come_back(mantissa in -(1_i128 << 96) + 1..1 << 96, scale in 0_u32..=28) {
        let number = rust_decimal::Decimal::from_i128_with_scale(mantissa, scale);
        let text = datajoint_blob::DecimalText::from(number);
        let back = rust_decimal::Decimal::try_from(&text).unwrap();
        prop_assert_eq!((back, back.scale()), (number, scale), "{}", text);
    }
}

#[test]
fn a_large_integer_is_displayed_right() {
    let large = Int::from_le_bytes(&[vec![0; 20], vec![1]].concat());
    assert_eq!(large.to_string(), "1461501637330902918203684832716283019655932542976");
    let negative = Int::from_le_bytes(&[vec![0; 20], vec![0xFF]].concat());
    assert_eq!(negative.to_string(), "-1461501637330902918203684832716283019655932542976");
}
