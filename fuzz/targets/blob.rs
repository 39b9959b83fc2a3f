//! No bytes make the reader panic, and what it reads can be written and read again.
#![no_main]

#[path = "../../crates/datajoint-blob/tests/it/everything.rs"]
mod everything;

/// What blobs and arrays begin with; the first byte chooses one, as the fuzzer would seldom find them.
const STARTS: [&[u8]; 5] = [b"", b"mYm\0", b"dj0\0", b"ZL123\0", b"\x93NUMPY\x01\0"];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((choice, body)) = bytes.split_first() else { return };
    let bytes = [STARTS[usize::from(*choice) % STARTS.len()], body].concat();
    everything::try_as(&bytes);
    if let Ok(value) = datajoint_blob::unpack(&bytes) {
        let blob = datajoint_blob::pack(&value).expect("what was read can be written");
        let again = datajoint_blob::unpack(&blob).expect("what was written can be read");
        // NaN is unlike itself, so that the texts are compared.
        assert_eq!(format!("{again:?}"), format!("{value:?}"));
    }
});
