/// Returns a number for a string, the same in every build and every release: FNV-1a of 64 bits.
///
/// ```
/// assert_eq!(datajoint_schema::fingerprint("a"), 0xaf63_dc4c_8601_ec8c);
/// ```
pub fn fingerprint(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
