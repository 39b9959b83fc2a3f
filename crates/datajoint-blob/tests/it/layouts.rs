//! Whatever its layout in memory, an array makes the same blob.

use datajoint_blob::{Array, Element, npy, pack, unpack_as};
use ndarray::{Array as NdArray, ArrayD, ArrayViewD, Axis, IxDyn, Slice};
use num_complex::Complex;
use proptest::{collection::vec, prelude::*, sample::Index};

fn numbered<A: Element>(shape: &[usize], from: impl Fn(u32) -> A) -> ArrayD<A> {
    let mut count = 0;
    NdArray::from_shape_simple_fn(IxDyn(shape), || {
        count += 1;
        from(count)
    })
}

fn check<A: Element>(array: &ArrayViewD<'_, A>) {
    // Spelt out element by element, first axis fastest.
    let elements: Vec<A> = array.view().reversed_axes().iter().copied().collect();
    let plain = Array::new(array.shape(), elements).unwrap();
    let blob = pack(array).unwrap();
    assert_eq!(blob, pack(&plain).unwrap());
    assert_eq!(Array::from_ndarray(array), plain);
    assert_eq!(unpack_as::<ArrayD<A>>(&blob).unwrap(), array);
    assert_eq!(npy::from_slice::<A, IxDyn>(&npy::to_vec(array).unwrap()).unwrap(), array);
    assert_eq!(npy::read(&npy::to_vec(array).unwrap()).unwrap(), plain);
    assert_eq!(npy::read(&npy::array_to_vec(&plain).unwrap()).unwrap(), plain);
}

#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "any number will do")]
fn check_each(shape: &[usize], transform: impl Fn(&mut Transformed<'_>)) {
    fn one<A: Element>(shape: &[usize], from: impl Fn(u32) -> A, transform: &impl Fn(&mut Transformed<'_>)) {
        let array = numbered(shape, from);
        let mut indices = Transformed { permutation: (0..shape.len()).collect(), slices: Vec::new(), shape };
        transform(&mut indices);
        let mut view = array.view();
        for &(axis, slice) in &indices.slices {
            view.slice_axis_inplace(Axis(axis), slice);
        }
        check(&view.permuted_axes(&indices.permutation[..]));
    }
    one(shape, |number| number as u8, &transform);
    one(shape, |number| number % 3 == 0, &transform);
    one(shape, |number| number as i16, &transform);
    one(shape, |number| number as f32, &transform);
    one(shape, f64::from, &transform);
    one(shape, |number| Complex::new(f64::from(number), -1.0), &transform);
}

struct Transformed<'a> {
    permutation: Vec<usize>,
    slices: Vec<(usize, Slice)>,
    shape: &'a [usize],
}

#[test]
fn tiles_and_their_edges_are_transposed_right() {
    for shape in [[64, 64], [65, 31], [1, 100], [100, 1], [3, 500], [500, 3], [0, 7], [33, 97]] {
        check_each(&shape, |_| {});
        check_each(&shape, |array| array.permutation.reverse());
    }
    for shape in [[40, 3, 40], [3, 40, 2], [17, 16, 9], [1, 9, 1]] {
        check_each(&shape, |_| {});
    }
    check_each(&[5, 4, 3, 2, 33], |_| {});
    check_each(&[], |_| {});
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn any_view_is_packed_right(shape in vec(0_usize..12, 0..5), order in vec(any::<Index>(), 5), steps in vec((0_isize..3, -3_isize..4), 5)) {
        check_each(&shape, |array| {
            for (at, other) in order.iter().enumerate().take(array.shape.len()) {
                array.permutation.swap(at, other.index(at + 1));
            }
            for (axis, &(start, step)) in steps.iter().enumerate().take(array.shape.len()) {
                let start = start.min(array.shape[axis].cast_signed());
                array.slices.push((axis, Slice::new(start, None, if step == 0 { 1 } else { step })));
            }
        });
    }
}
