//! Blobs that one side packs and the other unpacks.

mod goldens;

use datajoint::blob::{Compression, PackOptions, Value, pack, pack_with, unpack};
use goldens::{goldens, packed_as_others};
use serde_json::json;

use crate::beside::Beside;
use crate::wire::{bytes, hexadecimal};

/// What Rust packs, Python unpacks to what an expression of its own gives.
pub(crate) async fn blobs_of_rust_are_unpacked_by_python(beside: &mut Beside) {
    let plain = PackOptions::default().compression(Compression::None);
    let mut failures = Vec::new();
    for (expression, value) in goldens() {
        for blob in [pack(&value).unwrap(), pack_with(&value, &plain).unwrap()] {
            let arguments = json!({"hexadecimal": hexadecimal(&blob), "expression": expression});
            let both = beside.python.call("unpack_equal", &arguments);
            if both[0] != both[1] {
                failures.push(format!("{expression}: Python unpacks {} for {}", both[0], both[1]));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What Python packs, Rust unpacks to the value meant, and Rust would have packed it in the same bytes.
pub(crate) async fn blobs_of_python_are_unpacked_by_rust(beside: &mut Beside) {
    let plain = PackOptions::default().compression(Compression::None);
    let mut failures = Vec::new();
    for (expression, value) in goldens().into_iter().chain(packed_as_others()) {
        let packed = [false, true].map(|compress| {
            let arguments = json!({"expression": expression, "compress": compress});
            bytes(beside.python.call("pack", &arguments).as_str().unwrap())
        });
        for blob in &packed {
            match unpack(blob) {
                Ok(read) if same(&read, &value) => {}
                read => failures.push(format!("{expression}: Rust unpacks {read:?} for {value:?}")),
            }
        }
        let ours = hexadecimal(&pack_with(&value, &plain).unwrap());
        let theirs = hexadecimal(&packed[0]);
        if ours != theirs {
            failures.push(format!("{expression}: Rust packs {ours}, Python {theirs}"));
        }
        // The streams are not the same, but one is smaller than the plain bytes when the other is.
        let is_compressed = |blob: &[u8]| blob.starts_with(b"ZL123\0");
        if is_compressed(&pack(&value).unwrap()) != is_compressed(&packed[1]) {
            failures.push(format!("{expression}: one side compresses, the other doesn't"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// NaN is not equal to itself, but its text is.
fn same(one: &Value, other: &Value) -> bool {
    format!("{one:?}") == format!("{other:?}")
}
