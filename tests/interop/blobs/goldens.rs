//! Values as Python and Rust write them.

use datajoint::blob::{Array, ArrayData, Column, DateTimeUnit, Element, Int, RecordArray, Value};
use num_complex::Complex;

/// Each value as a Python expression, and as it is in Rust.
pub(super) fn goldens() -> Vec<(&'static str, Value)> {
    let mut all = plain();
    all.extend(moments());
    all.extend(nested());
    all.extend(scalars());
    all.extend(arrays());
    all.extend(large());
    all
}

/// Values that Python packs as it packs others, and so reads back as those.
pub(super) fn packed_as_others() -> Vec<(&'static str, Value)> {
    vec![
        ("np.array(5.0)", scalar(5.0)),
        ("range(2)", Value::Tuple(vec![0.into(), 1.into()])),
        ("frozenset([1])", Value::Set(vec![1.into()])),
        ("bytearray(b'x')", Value::Bytes(b"x".to_vec())),
        (
            "np.array(['ab', 'c'])",
            Value::Array(Array::new([2], vec![Value::from("ab"), Value::from("c")]).unwrap()),
        ),
        ("datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc)", {
            Value::DateTime("2024-01-02T00:00:00".parse().unwrap())
        }),
    ]
}

fn plain() -> Vec<(&'static str, Value)> {
    vec![
        ("None", Value::None),
        ("True", true.into()),
        ("False", false.into()),
        ("0", 0.into()),
        ("-1", (-1).into()),
        ("127", 127.into()),
        ("128", 128.into()),
        ("-128", (-128).into()),
        ("-129", (-129).into()),
        ("2**63", (1_u64 << 63).into()),
        ("2**64 - 1", u64::MAX.into()),
        ("-2**127", i128::MIN.into()),
        ("2**200", Value::Int(Int::from_le_bytes(&[[0; 25].as_slice(), &[1]].concat()))),
        ("1.5", 1.5.into()),
        ("-0.0", (-0.0).into()),
        ("float('nan')", f64::NAN.into()),
        ("float('-inf')", f64::NEG_INFINITY.into()),
        ("1 + 2j", Complex::new(1.0, 2.0).into()),
        ("''", "".into()),
        ("'naïve → 日本 🐁'", "naïve → 日本 🐁".into()),
        ("b''", Value::Bytes(Vec::new())),
        ("b'\\x00\\xff'", Value::Bytes(vec![0, 255])),
        ("Decimal('1.10')", Value::Decimal("1.10".parse().unwrap())),
        ("Decimal('-1E+3')", Value::Decimal("-1E+3".parse().unwrap())),
        (
            "uuid.UUID('12345678-1234-5678-1234-567812345678')",
            Value::Uuid("12345678-1234-5678-1234-567812345678".parse().unwrap()),
        ),
    ]
}

fn moments() -> Vec<(&'static str, Value)> {
    vec![
        ("datetime.date(2024, 2, 29)", Value::Date("2024-02-29".parse().unwrap())),
        ("datetime.time(3, 4, 5, 6)", Value::Time("03:04:05.000006".parse().unwrap())),
        ("datetime.time()", Value::Time("00:00:00".parse().unwrap())),
        (
            "datetime.datetime(2024, 1, 2, 3, 4, 5, 678901)",
            Value::DateTime("2024-01-02T03:04:05.678901".parse().unwrap()),
        ),
        ("datetime.datetime(2024, 1, 2)", Value::DateTime("2024-01-02T00:00:00".parse().unwrap())),
    ]
}

fn nested() -> Vec<(&'static str, Value)> {
    let triple = || vec![1.into(), "a".into(), Value::None];
    vec![
        ("[]", Value::List(vec![])),
        ("()", Value::Tuple(vec![])),
        ("{}", Value::Map(vec![])),
        ("[1, 'a', None]", Value::List(triple())),
        ("(1, 'a', None)", Value::Tuple(triple())),
        ("{7}", Value::Set(vec![7.into()])),
        ("set()", Value::Set(vec![])),
        ("{'b': 1, 'a': None}", Value::map([("b", 1.into()), ("a", Value::None)])),
        (
            "{1: 'one', (2, 3): b'x'}",
            Value::Map(vec![
                (1.into(), "one".into()),
                (Value::Tuple(vec![2.into(), 3.into()]), Value::Bytes(b"x".to_vec())),
            ]),
        ),
        (
            "{'k': [1, {'z': (None, True)}], 'a': np.arange(3), 's': {2.5}}",
            Value::map([
                (
                    "k",
                    Value::List(vec![
                        1.into(),
                        Value::map([("z", Value::Tuple(vec![Value::None, true.into()]))]),
                    ]),
                ),
                ("a", array(&[3], vec![0_i64, 1, 2])),
                ("s", Value::Set(vec![2.5.into()])),
            ]),
        ),
        ("[[[[[[1]]]]]]", (0..6).fold(1.into(), |inner, _| Value::List(vec![inner]))),
    ]
}

fn array<T: Element>(shape: &[usize], elements: Vec<T>) -> Value {
    Value::Array(Array::new(shape, elements).unwrap())
}

fn scalar<T: Element>(element: T) -> Value {
    Value::Array(Array::scalar(element))
}

fn scalars() -> Vec<(&'static str, Value)> {
    vec![
        ("np.bool_(True)", scalar(true)),
        ("np.int8(-7)", scalar(-7_i8)),
        ("np.uint8(7)", scalar(7_u8)),
        ("np.int16(-7)", scalar(-7_i16)),
        ("np.uint16(65535)", scalar(u16::MAX)),
        ("np.int32(7)", scalar(7_i32)),
        ("np.uint32(2**32 - 1)", scalar(u32::MAX)),
        ("np.int64(-2**63)", scalar(i64::MIN)),
        ("np.uint64(2**64 - 1)", scalar(u64::MAX)),
        ("np.float32(1.5)", scalar(1.5_f32)),
        ("np.float64(1.5)", scalar(1.5_f64)),
        ("np.complex64(1 + 2j)", scalar(Complex::new(1.0_f32, 2.0))),
        ("np.complex128(1 + 2j)", scalar(Complex::new(1.0, 2.0))),
        ("np.datetime64('2024-01-02')", times(&[], DateTimeUnit::Day, vec![19_724])),
    ]
}

fn times(shape: &[usize], unit: DateTimeUnit, numbers: Vec<i64>) -> Value {
    Value::Array(Array::new(shape, ArrayData::DateTime(unit, numbers)).unwrap())
}

fn arrays() -> Vec<(&'static str, Value)> {
    let object = |values: Vec<Value>| Value::Array(Array::new([values.len()], values).unwrap());
    vec![
        ("np.array([True, False])", array(&[2], vec![true, false])),
        ("np.array([1, -2], dtype='int8')", array(&[2], vec![1_i8, -2])),
        ("np.array([1, 2], dtype='uint8')", array(&[2], vec![1_u8, 2])),
        ("np.arange(8, dtype='int16').reshape(2, 2, 2)", array(&[2, 2, 2], vec![0_i16, 4, 2, 6, 1, 5, 3, 7])),
        ("np.array([1, 2], dtype='uint16')", array(&[2], vec![1_u16, 2])),
        ("np.array([1, 2], dtype='int32')", array(&[2], vec![1_i32, 2])),
        ("np.array([1, 2], dtype='uint32')", array(&[2], vec![1_u32, 2])),
        ("np.array([1, 2, 3])", array(&[3], vec![1_i64, 2, 3])),
        ("np.array([1, 2], dtype='uint64')", array(&[2], vec![1_u64, 2])),
        ("np.array([[1, 2], [3, 4]], dtype='float32')", array(&[2, 2], vec![1.0_f32, 3.0, 2.0, 4.0])),
        ("np.arange(6.0).reshape(2, 3)", array(&[2, 3], vec![0.0, 3.0, 1.0, 4.0, 2.0, 5.0])),
        (
            "np.asfortranarray(np.arange(6.0).reshape(2, 3))",
            array(&[2, 3], vec![0.0, 3.0, 1.0, 4.0, 2.0, 5.0]),
        ),
        ("np.arange(6.0)[::2]", array(&[3], vec![0.0, 2.0, 4.0])),
        ("np.array([1 + 2j], dtype='complex64')", array(&[1], vec![Complex::new(1.0_f32, 2.0)])),
        ("np.array([1 + 2j, 3 - 4j])", array(&[2], vec![Complex::new(1.0, 2.0), Complex::new(3.0, -4.0)])),
        ("np.array([np.nan, np.inf])", array(&[2], vec![f64::NAN, f64::INFINITY])),
        ("np.zeros(0)", array(&[0], Vec::<f64>::new())),
        ("np.zeros((2, 0, 3))", array(&[2, 0, 3], Vec::<f64>::new())),
        ("np.zeros((1, 1, 1, 1))", array(&[1, 1, 1, 1], vec![0.0])),
        ("np.array(['ab', 'c'], dtype=object)", object(vec!["ab".into(), "c".into()])),
        ("np.array([1, 'a', None], dtype=object)", object(vec![1.into(), "a".into(), Value::None])),
        (
            "np.array(['2024-01-02T03:04:05', 'NaT'], dtype='datetime64[ns]')",
            times(&[2], DateTimeUnit::Nanosecond, vec![1_704_164_645_000_000_000, ArrayData::NOT_A_TIME]),
        ),
        ("np.rec.array([(1, 2.5), (3, 4.5)], dtype=[('x', 'i4'), ('y', 'f8')])", records()),
    ]
}

fn records() -> Value {
    let column = |data: ArrayData| Column::Array(Array::new([2], data).unwrap());
    let fields = [("x", column(vec![1_i32, 3].into())), ("y", column(vec![2.5, 4.5].into()))];
    Value::Records(RecordArray::new(fields).unwrap())
}

/// Around the length from which blobs are compressed, and above.
fn large() -> Vec<(&'static str, Value)> {
    vec![
        ("bytes(987)", Value::Bytes(vec![0; 987])),
        ("bytes(988)", Value::Bytes(vec![0; 988])),
        ("np.zeros(1000)", array(&[1000], vec![0.0; 1000])),
        ("'x' * 2000", "x".repeat(2000).into()),
        ("list(range(500))", Value::List((0..500).map(Value::from).collect())),
        ("np.arange(100000, dtype='int32').reshape(1000, 100)", {
            let columns = (0..100).flat_map(|column| (0..1000).map(move |row| row * 100 + column));
            array(&[1000, 100], columns.collect::<Vec<i32>>())
        }),
    ]
}
