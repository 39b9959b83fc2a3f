//! The options of reading.

use datajoint_blob::{Array, FromBlob, MatCell, MatStruct, UnpackOptions, Value, pack, unpack_with};
use ndarray::{Array1, Array2, array};

use crate::bytes;

#[track_caller]
fn squeezed<T: FromBlob>(value: &Value) -> T {
    unpack_with(&pack(value).unwrap(), &UnpackOptions::default().squeeze(true)).unwrap()
}

#[test]
fn squeezing_drops_dimensions_of_one() {
    let row = Value::from(array![[1.0, 2.0]]);
    assert_eq!(squeezed::<Array1<f64>>(&row), array![1.0, 2.0]);
    assert_eq!(squeezed::<Vec<f64>>(&row), [1.0, 2.0]);
    assert_eq!(squeezed::<Value>(&row), array![1.0, 2.0].into());
}

#[test]
fn squeezing_makes_plain_values() {
    assert_eq!(squeezed::<Value>(&array![[2.5]].into()), Value::Float(2.5));
    assert_eq!(squeezed::<Value>(&Array::scalar(7_u8).into()), Value::from(7));
    assert_eq!(squeezed::<Value>(&Array::scalar(true).into()), Value::Bool(true));
    assert_eq!(squeezed::<Value>(&Array::chars("abc").into()), Value::from("abc"));
    let object = Array::new([1], vec![Value::Bytes(vec![1])]).unwrap();
    assert_eq!(squeezed::<Value>(&object.into()), Value::Bytes(vec![1]));
}

#[test]
fn squeezing_keeps_the_containers_of_matlab() {
    let cell = squeezed::<MatCell>(&MatCell::new([1, 1], vec![array![[5_u8]].into()]).unwrap().into());
    assert_eq!((cell.shape(), cell.values()), (&[][..], &[Value::from(5)][..]));
    let fields = MatStruct::new([1, 1], vec!["a".into()], vec![Value::None]).unwrap();
    assert_eq!(squeezed::<MatStruct>(&fields.into()).shape(), []);
}

#[test]
fn sizes_of_32_bits_are_read_on_request() {
    let options = UnpackOptions::default().dims_32bit(true);
    let matrix = "6d596d00 41 02000000 01000000 02000000 06000000 00000000 000000000000f03f 0000000000000040";
    let matrix = bytes(&matrix.replace(' ', ""));
    assert_eq!(unpack_with::<Array2<f64>>(&matrix, &options).unwrap(), array![[1.0, 2.0]]);
    assert!(unpack_with::<Array2<f64>>(&matrix, &UnpackOptions::default()).is_err());
    let cell =
        "6d596d00 43 01000000 01000000 19000000 41 01000000 01000000 06000000 00000000 000000000000f03f";
    let cell: Vec<Vec<f64>> = unpack_with(&bytes(&cell.replace(' ', "")), &options).unwrap();
    assert_eq!(cell, [[1.0]]);
}

#[test]
fn the_limit_of_size_holds_for_plain_blobs_too() {
    let blob = pack(&[0_u8; 100]).unwrap();
    let length = blob.len() as u64;
    assert!(unpack_with::<Value>(&blob, &UnpackOptions::default().max_size(length)).is_ok());
    assert!(unpack_with::<Value>(&blob, &UnpackOptions::default().max_size(length - 1)).is_err());
}
