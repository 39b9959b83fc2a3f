//! Files of numpy.

use datajoint_blob::{Array, ArrayData, DType, DateTimeUnit, Value, npy};
use ndarray::{Array1, Array2, Ix1, Ix2, IxDyn, ShapeBuilder, array};
use num_complex::Complex;

fn file(version: u8, header: &str, elements: &[u8]) -> Vec<u8> {
    let length = u32::try_from(header.len()).unwrap().to_le_bytes();
    let length = if version == 1 { &length[..2] } else { &length };
    [b"\x93NUMPY", &[version, 0][..], length, header.as_bytes(), elements].concat()
}

#[track_caller]
fn check_error(file: &[u8], expected: &str) {
    let error = npy::read(file).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn headers_are_written_like_those_of_numpy() {
    let written = npy::to_vec(&Array2::<f64>::zeros((1, 1000))).unwrap();
    let header = b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1000), }";
    assert!(written.starts_with(header));
    assert_eq!((written[127], written.len()), (b'\n', 128 + 8000));
    let written = npy::to_vec(&Array1::<bool>::default(3)).unwrap();
    assert!(written[10..].starts_with(b"{'descr': '|b1', 'fortran_order': False, 'shape': (3,), } "));
    let written = npy::to_vec(&ndarray::arr0(1_u8)).unwrap();
    assert!(written[10..].starts_with(b"{'descr': '|u1', 'fortran_order': False, 'shape': (), } "));
    let written = npy::to_vec(&Array2::<f64>::zeros((2, 3).f())).unwrap();
    assert!(written[10..].starts_with(b"{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), } "));
}

#[test]
fn every_version_is_read() {
    for version in 1..=3 {
        let file =
            file(version, "{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }\n", &[1, 0, 2, 0]);
        assert_eq!(npy::from_slice::<i16, Ix1>(&file).unwrap(), array![1, 2]);
    }
}

#[test]
fn both_byte_orders_are_read() {
    let header = |descr: &str| format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (2,), }}\n");
    let big = file(1, &header(">u2"), &[0, 1, 2, 3]);
    assert_eq!(npy::from_slice::<u16, Ix1>(&big).unwrap(), array![1, 0x203]);
    let elements: Vec<u8> = [1.5_f32, -2.0, 3.0, 4.0].iter().flat_map(|part| part.to_be_bytes()).collect();
    let big = file(1, &header(">c8"), &elements);
    let expected = array![Complex::new(1.5_f32, -2.0), Complex::new(3.0, 4.0)];
    assert_eq!(npy::from_slice::<Complex<f32>, Ix1>(&big).unwrap(), expected);
    assert_eq!(npy::read(&big).unwrap(), Array::from_ndarray(&expected));
}

#[test]
fn both_orders_of_axes_are_read() {
    let elements = [1, 2, 3, 4, 5, 6];
    let standard = file(1, "{'shape': (2, 3), 'fortran_order': False, 'descr': '|u1'}\n", &elements);
    assert_eq!(npy::from_slice::<u8, Ix2>(&standard).unwrap(), array![[1, 2, 3], [4, 5, 6]]);
    assert_eq!(*npy::read(&standard).unwrap().data(), ArrayData::U8(vec![1, 4, 2, 5, 3, 6]));
    let fortran = file(1, "{'shape': (2, 3), 'fortran_order': True, 'descr': '|u1'}\n", &elements);
    assert_eq!(npy::from_slice::<u8, Ix2>(&fortran).unwrap(), array![[1, 3, 5], [2, 4, 6]]);
    assert_eq!(*npy::read(&fortran).unwrap().data(), ArrayData::U8(elements.to_vec()));
}

#[test]
fn times_are_read_and_written() {
    let times = Array::new([2], ArrayData::DateTime(DateTimeUnit::Nanosecond, vec![1, i64::MIN])).unwrap();
    let written = npy::array_to_vec(&times).unwrap();
    assert!(written[10..].starts_with(b"{'descr': '<M8[ns]'"));
    assert_eq!(npy::read(&written).unwrap(), times);
}

#[test]
fn a_header_alone_tells_where_to_read() {
    let written = npy::to_vec(&Array2::<f32>::zeros((384, 5))).unwrap();
    let header = npy::Header::parse(&written[..128]).unwrap();
    assert_eq!((header.dtype(), header.shape()), (DType::F32, &[384, 5][..]));
    assert_eq!((header.data_offset(), header.data_length().unwrap()), (128, 384 * 5 * 4));
    assert!(!header.fortran_order() && !header.is_big_endian());
}

#[test]
fn another_type_or_rank_is_an_error() {
    let written = npy::to_vec(&array![1_i64, 2]).unwrap();
    let error = npy::from_slice::<i32, Ix1>(&written).unwrap_err().to_string();
    assert!(
        error.contains("wanted an array of int32 with 1 dimension, found an array of int64 with shape [2]"),
        "{error}"
    );
    assert!(npy::from_slice::<i64, Ix2>(&written).is_err());
    assert!(npy::from_slice::<i64, IxDyn>(&written).is_ok());
}

#[test]
fn damaged_files_are_errors() {
    check_error(b"", "does not begin as one");
    check_error(b"\x93NUMPY", "ends within its header");
    check_error(b"\x93NUMPY\x04\x00\x10\x00", "version 4.0 is unknown");
    check_error(&file(1, "{'descr': '<f8'}\n", &[]), "lacks");
    check_error(&file(1, "{'descr': '<f8', \n", &[]), "the header is damaged");
    check_error(
        &file(1, "{'descr': '<f8', 'fortran_order': 'no', 'shape': ()}\n", &[]),
        "unexpected entry \"fortran_order\"",
    );
    let one = "{'descr': '<f8', 'fortran_order': False, 'shape': (1,)}\n";
    check_error(&file(1, one, &[0; 7]), "announces 8 bytes of elements, the file has 7");
    check_error(&file(1, one, &[0; 9]), "announces 8 bytes of elements, the file has 9");
    let huge = "{'descr': '<f8', 'fortran_order': False, 'shape': (9223372036854775807,)}\n";
    check_error(&file(1, huge, &[]), "beyond this machine");
}

#[test]
fn what_is_no_number_is_refused_by_name() {
    for descr in ["<U3", "|O", "|S5", "<f2", "<f16", "|V8", "<M8", "<M8[25us]", "<m8[ns]", "=f8", "|f8"] {
        let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (), }}\n");
        check_error(&file(1, &header, &[]), &format!("elements of type `{descr}` are not supported"));
    }
    check_error(
        &file(1, "{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (), }\n", &[]),
        "are not supported",
    );
    let objects = Array::new([1], vec![Value::None]).unwrap();
    assert!(npy::array_to_vec(&objects).is_err());
}
