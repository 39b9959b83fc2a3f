//! A lock from somebody else is read and written as it was, or is refused.
#![no_main]

use datajoint_lock::Lock;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Ok(lock) = Lock::parse(text) else { return };
    assert_eq!(Lock::parse(&lock.to_string()).as_ref(), Ok(&lock));
});
