//! Blobs written by MATLAB.

use std::collections::BTreeMap;

use datajoint_blob::{Array, ArrayData, Error, MatCell, MatStruct, Value, pack, unpack, unpack_as};
use ndarray::{Array2, array};
use num_complex::Complex;

use crate::{bytes, hex};

const WORD: &str = "6d596d00410200000000000000010000000000000003000000000000000400000000000000610062006300";
const GRID: &str =
    "6d596d004102000000000000000200000000000000020000000000000004000000000000006100620063006400";
const LETTER: &str = "6d596d004102000000000000000100000000000000010000000000000004000000000000007a00";
const NUMBER: &str =
    "6d596d004102000000000000000100000000000000010000000000000006000000000000000000000000000440";
const NO_NUMBERS: &str = "6d596d00410200000000000000000000000000000000000000000000000600000000000000";
const NO_CELLS: &str = "6d596d0043020000000000000000000000000000000000000000000000";
const NO_FIELDS: &str = "6d596d005302000000000000000100000000000000010000000000000000000000";

#[test]
fn every_blob_is_written_back_the_same() {
    for blob in [WORD, GRID, LETTER, NUMBER, NO_NUMBERS, NO_CELLS, NO_FIELDS] {
        assert_eq!(hex(&pack(&unpack(&bytes(blob)).unwrap()).unwrap()), blob);
    }
}

#[test]
fn a_row_of_characters_is_text() {
    assert_eq!(unpack_as::<String>(&bytes(WORD)).unwrap(), "abc");
    assert_eq!(unpack_as::<String>(&bytes(LETTER)).unwrap(), "z");
    assert_eq!(unpack(&bytes(WORD)).unwrap(), Array::chars("abc").into());
}

#[test]
fn characters_beyond_one_byte_are_kept() {
    let blob = pack(&Array::chars("µΩ𝄞")).unwrap();
    assert_eq!(unpack_as::<String>(&blob).unwrap(), "µΩ𝄞");
}

#[test]
fn a_grid_of_characters_is_no_text() {
    let grid = unpack_as::<Array>(&bytes(GRID)).unwrap();
    assert_eq!(grid.shape(), [2, 2]);
    assert_eq!(*grid.data(), ArrayData::Char("abcd".encode_utf16().collect()));
    let error = unpack_as::<String>(&bytes(GRID)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "wanted text, found an array of char with shape [2, 2]: ask for that type, or for a `Value`"
    );
}

#[test]
fn a_number_is_a_matrix_of_one() {
    assert_eq!(unpack_as::<Array2<f64>>(&bytes(NUMBER)).unwrap(), array![[2.5]]);
    assert_eq!(unpack_as::<f64>(&bytes(NUMBER)).unwrap(), 2.5);
}

#[test]
fn empty_arrays_keep_their_shape() {
    assert_eq!(unpack_as::<Array2<f64>>(&bytes(NO_NUMBERS)).unwrap().dim(), (0, 0));
    assert_eq!(unpack_as::<MatCell>(&bytes(NO_CELLS)).unwrap().shape(), [0, 0]);
    assert_eq!(unpack_as::<Vec<f64>>(&bytes(NO_CELLS)).unwrap(), []);
    assert_eq!(unpack_as::<MatStruct>(&bytes(NO_FIELDS)).unwrap().shape(), [1, 1]);
}

#[test]
fn complex_integers_become_floats() {
    let blob =
        "6d596d0041 0100000000000000 0200000000000000 0a000000 01000000 0100 feff 0300 0400".replace(' ', "");
    let expected = [Complex::new(1.0, 3.0), Complex::new(-2.0, 4.0)];
    assert_eq!(unpack_as::<Vec<Complex<f64>>>(&bytes(&blob)).unwrap(), expected);
    assert_eq!(unpack_as::<Array>(&bytes(&blob)).unwrap().elements(), Some(&expected[..]));
}

#[test]
fn complex_integers_too_long_for_floats_are_an_error() {
    let blob =
        "6d596d0041 0100000000000000 0100000000000000 0f000000 01000000 ffffffffffffff7f 0000000000000000";
    let error = unpack(&bytes(&blob.replace(' ', ""))).unwrap_err();
    assert!(error.to_string().starts_with("9223372036854775807 does not fit complex128"), "{error}");
}

#[test]
fn a_struct_of_one_element_is_a_mapping() {
    let fields = MatStruct::single([("rate", Value::from(2)), ("name", Array::chars("A1").into())]).unwrap();
    let blob = pack(&fields).unwrap();
    assert_eq!(unpack(&blob).unwrap().get("rate"), Some(&Value::from(2)));
    assert!(unpack_as::<BTreeMap<String, Value>>(&blob).is_ok_and(|map| map["rate"] == Value::from(2)));
}

#[test]
fn a_row_or_column_of_cells_is_a_list() {
    let cells = || vec![Array::chars("a").into(), Array::chars("b").into()];
    for shape in [vec![1, 2], vec![2, 1], vec![2]] {
        let blob = pack(&MatCell::new(shape, cells()).unwrap()).unwrap();
        assert_eq!(unpack_as::<Vec<String>>(&blob).unwrap(), ["a", "b"]);
    }
    let square = MatCell::new([2, 2], [cells(), cells()].concat()).unwrap();
    assert!(unpack_as::<Vec<String>>(&pack(&square).unwrap()).is_err());
}

#[test]
fn sparse_arrays_are_refused_by_name() {
    assert!(matches!(unpack(b"mYm\0P\0\0\0\0"), Err(Error::Sparse)));
}
