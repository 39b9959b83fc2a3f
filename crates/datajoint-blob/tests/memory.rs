//! Memory grows by what is there, never by what a blob or a file announces.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use datajoint_blob::{
    Array, Compression, PackOptions, UnpackOptions, Value, npy, pack_with, unpack_as, unpack_with,
};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// As much as may be in use at once for so many bytes.
const TIMES: usize = 64;
/// And for none at all.
const LEAST: usize = 512 * 1024;

/// Everything that reads bytes reads these; none may take more than they are worth.
#[track_caller]
fn check(what: &str, bytes: &[u8]) {
    let options = UnpackOptions::default().max_size(u64::MAX);
    let readers: [(&str, &dyn Fn()); 6] = [
        ("value", &|| drop(unpack_with::<Value>(bytes, &options))),
        ("values", &|| drop(unpack_with::<Vec<Value>>(bytes, &options))),
        ("numbers", &|| drop(unpack_with::<Vec<f64>>(bytes, &options))),
        ("pairs", &|| drop(unpack_with::<std::collections::HashMap<String, Vec<String>>>(bytes, &options))),
        ("array", &|| drop(unpack_as::<Array>(bytes))),
        ("npy", &|| drop(npy::read(bytes))),
    ];
    for (reader, read) in readers {
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        read();
        let used = MEMORY.peak_usage().saturating_sub(before);
        assert!(used <= TIMES * bytes.len() + LEAST, "{what}, as {reader}: {used} bytes for {}", bytes.len());
    }
}

fn header(magic: &[u8], rest: &[&[u8]]) -> Vec<u8> {
    [magic, &rest.concat()].concat()
}

/// Bytes without a pattern.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let next = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    (0..length).map(next).collect()
}

// One test: its memory is that of the whole program.
#[test]
fn nothing_is_allocated_on_the_word_of_the_bytes() {
    let count = |number: u64| number.to_le_bytes();

    // A stream that inflates to a part of what it announces.
    let stream = {
        let options = PackOptions::default().compression(Compression::Level(1));
        pack_with(&noise(1 << 20).iter().map(|byte| byte % 16).collect::<Vec<u8>>(), &options).unwrap()
    };
    assert!(stream.starts_with(b"ZL123\0"));
    for times in [8_u64, 100, 1000] {
        let mut hostile = stream.clone();
        hostile[6..14].copy_from_slice(&count(times * stream.len() as u64));
        check("a stream that ends early", &hostile);
        hostile.truncate(hostile.len() / 2);
        check("a stream that is cut", &hostile);
    }

    // Lists within lists, each of which announces as much as could follow.
    for code in [2_u8, 3, 1, 4] {
        let mut nested = Vec::new();
        let room = 256 * 1024;
        for level in 0..200_u64 {
            nested.push(code);
            nested.extend(count((room - level * 40) / 20));
            nested.extend(count(room - (level + 1) * 17));
        }
        nested.resize(usize::try_from(room).unwrap(), 0);
        check("nested lists", &header(b"dj0\0", &[&nested]));
    }

    // Shapes.
    for huge in [u64::MAX, u64::MAX >> 1, 1 << 40, 1 << 32, 1 << 20] {
        for kind in [b'A', b'C', b'S', b'P'] {
            for dimensions in [1_u64, 2, 1 << 40] {
                let shape =
                    [kind.to_le_bytes().as_slice(), &count(dimensions), &count(huge), &count(huge)].concat();
                check("a shape", &header(b"mYm\0", &[&shape, &[6, 0, 0, 0, 0, 0, 0, 0], &[0; 64]]));
                check("a shape and no fields", &header(b"mYm\0", &[&shape, &[0; 64]]));
            }
        }
        for code in 0..=10_u8 {
            check("a count", &header(b"dj0\0", &[&[code], &count(huge), &[0; 64]]));
        }
        let shape = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({huge}, 1)}}");
        let length = u16::try_from(shape.len()).unwrap().to_le_bytes();
        check("a file of numpy", &header(b"\x93NUMPY\x01\0", &[&length, shape.as_bytes(), &[0; 64]]));
    }

    // Whatever else.
    let random = noise(400_000);
    for (number, chunk) in random.chunks(97).enumerate() {
        let magic: [&[u8]; 4] = [b"mYm\0", b"dj0\0", b"ZL123\0", b"\x93NUMPY\x02\0"];
        check("noise", &header(magic[number % 4], &[chunk]));
    }
}
