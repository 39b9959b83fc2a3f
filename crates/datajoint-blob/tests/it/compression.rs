//! When and how blobs are compressed.

use datajoint_blob::{
    Array, Bytes, Compression, Error, PackOptions, Value, pack, pack_with, unpack, unpack_as,
};

use crate::bytes;

const ZEROS: &str = "5a4c313233005d1f000000000000789cedc5410d00200c04b02324f8420622e61b193c165cb49fd6a9ec917667bf02000000000000007c0f4e240267";
const LETTERS: &str =
    "5a4c31323300dd07000000000000789c4bc9326060bdc0ce000615a360148c8251300a46c12818f200005a48ab88";

fn noise(count: usize) -> Vec<u8> {
    let mut state = 1_u64;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    })
    .take(count)
    .collect()
}

#[test]
fn compressed_blobs_of_python_are_read() {
    assert_eq!(unpack(&bytes(ZEROS)).unwrap(), Array::new([1000], vec![0.0; 1000]).unwrap().into());
    assert_eq!(unpack(&bytes(LETTERS)).unwrap(), Value::from("x".repeat(2000)));
}

#[test]
fn compressed_blobs_have_the_header_of_python() {
    for (value, expected) in [
        (Value::from(Array::new([1000], vec![0.0; 1000]).unwrap()), ZEROS),
        (Value::from("x".repeat(2000)), LETTERS),
    ] {
        let (blob, expected) = (pack(&value).unwrap(), bytes(expected));
        assert_eq!(blob[..16], expected[..16]);
        assert!(blob.len() <= expected.len() + 8);
        assert_eq!(unpack(&blob).unwrap(), value);
    }
}

#[test]
fn only_more_than_a_thousand_bytes_are_compressed() {
    let plain = pack(&Bytes(vec![0; 987])).unwrap();
    assert_eq!((plain.len(), &plain[..4]), (1000, &b"dj0\0"[..]));
    let compressed = pack(&Bytes(vec![0; 988])).unwrap();
    assert!(compressed.len() < 50 && compressed.starts_with(b"ZL123\0"));
}

#[test]
fn noise_stays_as_it_is() {
    let blob = pack(&Bytes(noise(2000))).unwrap();
    assert_eq!((blob.len(), &blob[..4]), (2013, &b"dj0\0"[..]));
}

#[test]
fn every_level_is_read_back() {
    let value = Value::Bytes([noise(300_000), vec![7; 300_000]].concat());
    let levels = (0..=10).map(Compression::Level).chain([Compression::Auto, Compression::None]);
    for compression in levels {
        let blob = pack_with(&value, &PackOptions::default().compression(compression)).unwrap();
        assert_eq!(unpack(&blob).unwrap(), value, "{compression:?}");
    }
}

#[test]
fn large_noise_is_compressed_as_far_as_it_goes() {
    // Of each eight bytes two are always the same.
    let bytes = noise(600_000).chunks(6).flat_map(|chunk| [chunk, &[0x3F, 0xBF]].concat()).collect();
    let value = Value::Bytes(bytes);
    let blob = pack(&value).unwrap();
    assert!(blob.len() < 760_000, "{}", blob.len());
    assert_eq!(unpack(&blob).unwrap(), value);
}

#[test]
fn another_length_than_announced_is_an_error() {
    for (at, step) in [(6, 1_u8), (6, 0xFF), (7, 1), (7, 0xFF)] {
        let mut blob = bytes(ZEROS);
        blob[at] = blob[at].wrapping_add(step);
        let error = unpack(&blob).unwrap_err();
        assert!(matches!(error, Error::InflatedLength { .. } | Error::Inflate(_)), "{error}");
    }
}

#[test]
fn bytes_after_the_compressed_part_are_an_error() {
    let blob = [bytes(ZEROS), vec![0]].concat();
    assert!(matches!(unpack(&blob), Err(Error::TrailingBytes { count: 1 })));
}

#[test]
fn a_damaged_stream_is_an_error() {
    let blob = bytes(ZEROS);
    for at in 16..blob.len() {
        let mut damaged = blob.clone();
        damaged[at] ^= 0x10;
        assert!(unpack_as::<Vec<f64>>(&damaged).is_err(), "byte {at}");
        assert!(unpack_as::<Vec<f64>>(&blob[..at]).is_err(), "cut at {at}");
    }
}
