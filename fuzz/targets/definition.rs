//! No text makes the parser panic, and what it accepts prints as text that parses to the same.
#![no_main]

#[path = "../../crates/datajoint-definition/tests/it/everything.rs"]
mod everything;

libfuzzer_sys::fuzz_target!(|text: &str| {
    everything::look_at(text);
    if let Some((printed, same)) = everything::printed_again(text) {
        assert!(same, "{text:?} prints as {printed:?}");
    }
});
