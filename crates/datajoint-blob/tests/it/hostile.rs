//! Damaged and malicious bytes are errors, quickly and without much memory.

use datajoint_blob::{
    Array, Error, MatCell, MatStruct, RecordArray, Result, UnpackOptions, Value, pack, unpack, unpack_as,
    unpack_with,
};
use proptest::{collection::vec, prelude::*};

use crate::{bytes, everything, random::value};

/// Half of what threads have, even without optimisation.
const STACK: usize = 1 << 20;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(1), cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(body in vec(any::<u8>(), 0..200), start in 0_usize..4) {
        let starts: [&[u8]; 4] = [b"mYm\0", b"dj0\0", b"ZL123\0", b"\x93NUMPY\x01\0"];
        everything::try_as(&[starts[start], &body].concat());
    }

    #[test]
    fn random_codes_never_panic(body in vec(prop::sample::select(vec![
        b'A', b'F', b'S', b'C', b'P', 0xFF, 1, 2, 3, 4, 5, 6, 0x0A, 0x0B, 0x0C, 0x0D, b'd', b't', b'u', 0, 0, 0, 0, 0, 0, 0,
    ]), 0..200)) {
        everything::try_as(&[b"dj0\0", &body[..]].concat());
    }

    #[test]
    fn damaged_values_never_panic(value in value(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut blob = pack(&value).unwrap();
        let at = at.index(blob.len());
        if cut {
            blob.truncate(at);
            prop_assert!(unpack(&blob).is_err());
        } else {
            blob[at] = byte;
        }
        everything::try_as(&blob);
    }

    #[test]
    fn a_byte_too_many_is_an_error(value in value(), byte in any::<u8>()) {
        let blob = [pack(&value).unwrap(), vec![byte]].concat();
        prop_assert!(unpack(&blob).is_err());
    }
}

#[track_caller]
fn check(hex: &str, expected: &str) {
    let blob = bytes(&hex.replace(' ', ""));
    let error = unpack(&blob).unwrap_err();
    assert!(error.to_string().contains(expected), "{error}");
    everything::try_as(&blob);
}

#[test]
fn what_is_not_known_is_an_error() {
    check("", "begins with ``, not with `mYm` or `dj0`");
    check("6d596d31 ff", "begins with `mYm1`");
    check("646a3000", "cut short: 1 more bytes");
    check("646a3000 48", "unknown value code 0x48: upgrade");
    check("646a3000 ff 00", "(bytes: 1)");
    check("6d596d00 41 0000000000000000 00000000 00000000", "unknown array type 0");
    check("6d596d00 41 0000000000000000 0d000100 00000000", "unknown array type 65549");
    check("6d596d00 41 0000000000000000 03000000 01000000 0101", "unknown array type 3 (complex)");
    check("6d596d00 41 0000000000000000 06000000 02000000", "invalid complex flag in the blob: 2");
}

#[test]
fn nested_lengths_are_checked() {
    check("646a3000 02 0100000000000000 0200000000000000 ff00", "(bytes: 1)");
    check("646a3000 02 0100000000000000 0000000000000000", "cut short: 1 more bytes");
    check("646a3000 02 0000000000000000 ff", "(bytes: 1)");
}

#[test]
fn invalid_contents_are_errors() {
    check("646a3000 05 0100000000000000 ff", "invalid text");
    check("646a3000 64 0300000000000000 312e2d", "invalid decimal in the blob: \"1.-\"");
    check("646a3000 74 ffffffff ffffffffffffffff", "neither a date nor a time");
    check("646a3000 74 dd5e3401 ffffffffffffffff", "invalid date in the blob: 20209373");
    check("646a3000 74 ffffffff 0010a5d4e8000000", "invalid time of day");
    check("646a3000 46 01000000 6100 ff", "invalid code of a field in the blob: 0xFF");
    check(
        "646a3000 53 0000000000000000 02000000 61006100 0100000000000000 ff 0100000000000000 ff",
        "field name \"a\"",
    );
}

#[test]
fn announced_lengths_cost_nothing() {
    let huge = "ffffffffffffff7f";
    check(&format!("646a3000 02 {huge}"), "cut short");
    check(&format!("646a3000 04 {huge}"), "cut short");
    check(&format!("646a3000 05 {huge}"), "cut short");
    check(&format!("6d596d00 41 {huge}"), "cut short");
    check(&format!("6d596d00 41 0100000000000000 {huge} 06000000 00000000"), "cut short");
    check(&format!("6d596d00 41 0100000000000000 {huge} 05000000 00000000"), "cut short");
    check(&format!("6d596d00 41 0200000000000000 {huge} {huge} 06000000 00000000"), "memory of this machine");
    check(&format!("6d596d00 43 0100000000000000 {huge}"), "cut short");
    check(&format!("6d596d00 53 0100000000000000 {huge} 01000000 6100"), "cut short");
    check(&format!("5a4c31323300 {huge} 789c"), "more than the limit");
    check("5a4c31323300 ffffff0000000000 789c", "expected a length of 16777215 in bytes");
    check("646a3000 46 ffffffff", "cut short");
}

#[test]
fn an_empty_array_may_have_any_other_length() {
    let blob = bytes(
        &"6d596d0041 0200000000000000 0000000000000000 ffffffffffffff7f 06000000 00000000".replace(' ', ""),
    );
    assert_eq!(unpack_as::<Array>(&blob).unwrap().shape(), [0, 0x7FFF_FFFF_FFFF_FFFF]);
    everything::try_as(&blob);
}

fn nested(levels: usize) -> Value {
    wrapped(levels, |inner| Value::List(vec![inner]))
}

fn wrapped(levels: usize, wrap: impl Fn(Value) -> Value) -> Value {
    (0..levels).fold(Value::None, |inner, _| wrap(inner))
}

#[test]
fn the_deepest_nesting_fits_a_small_stack() {
    type Wrap = fn(Value) -> Value;
    let wraps: [(usize, Wrap); 6] = [
        (256, |inner| Value::Tuple(vec![inner])),
        (256, |inner| Value::map([("key", inner)])),
        (256, |inner| Array::new([1], vec![inner]).unwrap().into()),
        (256, |inner| MatCell::new([1], vec![inner]).unwrap().into()),
        (256, |inner| MatStruct::single([("field", inner)]).unwrap().into()),
        // Two levels at a time: the column in the record array, the value in the column.
        (128, |inner| {
            let objects = Array::new([1], vec![inner]).unwrap();
            RecordArray::new([("field", objects.into())]).unwrap().into()
        }),
    ];
    for (levels, wrap) in wraps {
        let work = move || {
            let value = wrapped(levels, wrap);
            assert_eq!(unpack(&pack(&value).unwrap()).unwrap(), value);
        };
        std::thread::Builder::new().stack_size(STACK).spawn(work).unwrap().join().unwrap();
    }
}

#[test]
fn deep_nesting_is_an_error_both_ways() {
    assert_eq!(unpack(&pack(&nested(256)).unwrap()).unwrap(), nested(256));
    assert!(matches!(pack(&nested(257)), Err(Error::TooDeep { limit: 256 })));
    let blob = pack(&nested(9)).unwrap();
    assert!(unpack_with::<Value>(&blob, &UnpackOptions::default().max_depth(9)).is_ok());
    let result = unpack_with::<Value>(&blob, &UnpackOptions::default().max_depth(8));
    assert!(matches!(result, Err(Error::TooDeep { limit: 8 })));
}

#[test]
fn deeply_nested_fields_are_an_error() {
    let blob = [b"dj0\0".to_vec(), b"F\x01\0\0\0a\0".repeat(100_000)].concat();
    assert!(matches!(unpack(&blob), Err(Error::TooDeep { limit: 256 })));
}

#[test]
fn shapes_have_to_go_with_the_elements() {
    fn check<T: std::fmt::Debug>(result: &Result<T>) {
        assert!(matches!(result, Err(Error::Shape { .. })), "{result:?}");
    }
    check(&Array::new([2, 2], vec![1.0]));
    check(&Array::new([usize::MAX, 2], vec![1.0]));
    check(&MatCell::new([2], vec![Value::None]));
    check(&MatStruct::new([2], vec!["a".into()], vec![Value::None]));
    let column = |length| Array::new([length], vec![0_u8; length]).unwrap().into();
    check(&RecordArray::new([("a", column(1)), ("b", column(2))]));
    assert!(RecordArray::new([("a", column(1)), ("a", column(1))]).is_err());
    assert!(MatStruct::single([("a\0", Value::None)]).is_err());
}
