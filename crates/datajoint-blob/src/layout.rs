//! From the order of memory to the order of the format: first axis fastest.

use std::borrow::Cow;

use ndarray::{ArrayBase, Data, Dimension};

use crate::element::Codec;

/// The elements of an array that are laid out as one slice.
pub(crate) enum Layout<'a, A: Clone> {
    /// In the order of the format.
    Fortran(Cow<'a, [A]>),
    /// Last axis fastest.
    Standard(Cow<'a, [A]>),
}

/// Finds the slice behind an array, or gathers one.
pub(crate) fn layout<A: Codec, S: Data<Elem = A>, D: Dimension>(array: &ArrayBase<S, D>) -> Layout<'_, A> {
    if let Some(elements) = array.view().reversed_axes().to_slice() {
        return Layout::Fortran(Cow::Borrowed(elements));
    }
    if let Some(elements) = array.view().to_slice() {
        return Layout::Standard(Cow::Borrowed(elements));
    }
    let steps: Vec<_> = array.strides().iter().map(|step| step.unsigned_abs()).collect();
    if steps.first() < steps.last() {
        Layout::Fortran(Cow::Owned(array.view().reversed_axes().iter().copied().collect()))
    } else {
        Layout::Standard(Cow::Owned(array.iter().copied().collect()))
    }
}

impl<A: Codec> Layout<'_, A> {
    /// The elements in the order of the format.
    pub(crate) fn into_fortran(self, shape: &[usize]) -> Vec<A> {
        match self {
            Self::Fortran(elements) => elements.into_owned(),
            Self::Standard(elements) => {
                let mut fortran = vec![A::default(); elements.len()];
                transpose(&elements, shape, &mut fortran, |element| element);
                fortran
            }
        }
    }
}

/// Reverses the order of the axes: reads with the last one fastest, writes with the first one fastest.
///
/// Both sides have as many elements as the shape.
pub(crate) fn transpose<A: Copy + Default, B>(
    input: &[A],
    shape: &[usize],
    output: &mut [B],
    convert: impl Fn(A) -> B + Copy,
) {
    let shape: Vec<_> = shape.iter().copied().filter(|&length| length != 1).collect();
    let [rows, middle @ .., columns] = &shape[..] else {
        output.iter_mut().zip(input).for_each(|(output, &input)| *output = convert(input));
        return;
    };
    if input.is_empty() {
        return;
    }
    let (row_step, column_step) = (input.len() / rows, input.len() / columns);
    let mut place = vec![0; middle.len()];
    loop {
        let (mut from, mut to, mut from_step, mut to_step) = (0, 0, *columns, *rows);
        for axis in 0..middle.len() {
            let mirrored = middle.len() - 1 - axis;
            to += place[axis] * to_step;
            to_step *= middle[axis];
            from += place[mirrored] * from_step;
            from_step *= middle[mirrored];
        }
        let plane = Plane { rows: *rows, columns: *columns, row_step, column_step };
        match size_of::<A>() {
            1 => plane.transpose::<32, _, _>(&input[from..], &mut output[to..], convert),
            2 | 4 => plane.transpose::<16, _, _>(&input[from..], &mut output[to..], convert),
            _ => plane.transpose::<8, _, _>(&input[from..], &mut output[to..], convert),
        }
        let Some(axis) = (0..middle.len()).find(|&axis| place[axis] + 1 < middle[axis]) else {
            return;
        };
        place[..axis].fill(0);
        place[axis] += 1;
    }
}

/// A matrix whose rows are contiguous in the input and whose columns are in the output.
struct Plane {
    rows: usize,
    columns: usize,
    row_step: usize,
    column_step: usize,
}

impl Plane {
    /// Goes tile by tile, so that each cache line is used whole while it is near.
    fn transpose<const TILE: usize, A: Copy + Default, B>(
        &self,
        input: &[A],
        output: &mut [B],
        convert: impl Fn(A) -> B + Copy,
    ) {
        for column in (0..self.columns).step_by(TILE) {
            let width = TILE.min(self.columns - column);
            for row in (0..self.rows).step_by(TILE) {
                let height = TILE.min(self.rows - row);
                let input = &input[row * self.row_step + column..];
                let output = &mut output[column * self.column_step + row..];
                if width == TILE && height == TILE {
                    self.tile::<TILE, _, _>(input, output, convert);
                } else {
                    for x in 0..width {
                        for (y, output) in output[x * self.column_step..][..height].iter_mut().enumerate() {
                            *output = convert(input[y * self.row_step + x]);
                        }
                    }
                }
            }
        }
    }

    fn tile<const TILE: usize, A: Copy + Default, B>(
        &self,
        input: &[A],
        output: &mut [B],
        convert: impl Fn(A) -> B + Copy,
    ) {
        let mut tile = [[A::default(); TILE]; TILE];
        for (y, row) in tile.iter_mut().enumerate() {
            row.copy_from_slice(&input[y * self.row_step..][..TILE]);
        }
        for x in 0..TILE {
            let output = &mut output[x * self.column_step..][..TILE];
            for (output, row) in output.iter_mut().zip(&tile) {
                *output = convert(row[x]);
            }
        }
    }
}
