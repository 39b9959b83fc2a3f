//! The names of objects that go by their contents.

use std::fmt::Write as _;

use md5::{Digest as _, Md5};

/// How many letters the name of a content has.
const LENGTH: usize = 26;

/// The name of a content: its MD5 digest in letters and digits, as DataJoint for Python names it.
///
/// ```
/// use datajoint_store::content_hash;
///
/// assert_eq!(content_hash(b"abc"), "saavbgb42jh3bvuwh56sryl7oi");
/// ```
pub fn content_hash(content: &[u8]) -> String {
    base32(&Md5::digest(content))
}

/// The digest of a content that comes in pieces.
#[derive(Default)]
pub struct ContentDigest(Md5);

impl ContentDigest {
    /// Takes the next piece.
    pub fn add(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// Returns the name of the whole, as [`content_hash`] gives it.
    pub fn name(self) -> String {
        base32(&self.0.finalize())
    }
}

impl std::fmt::Debug for ContentDigest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ContentDigest")
    }
}

/// True for what [`content_hash`] could have given.
pub fn is_content_hash(name: &str) -> bool {
    name.len() == LENGTH && name.bytes().all(|letter| matches!(letter, b'a'..=b'z' | b'2'..=b'7'))
}

/// The letters of RFC 4648 in lower case, without what fills them up.
fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let bits = bytes.len() * 8;
    let bit = |place: usize| bytes.get(place / 8).is_some_and(|byte| byte >> (7 - place % 8) & 1 == 1);
    let letter =
        |place: usize| (0..5).fold(0, |letter, next| letter << 1 | usize::from(bit(place * 5 + next)));
    (0..bits.div_ceil(5)).map(|place| char::from(LETTERS[letter(place)])).collect()
}

/// The first digits of the digest of a string.
pub(crate) fn short_digest(text: &str) -> String {
    Md5::digest(text.as_bytes()).iter().take(4).fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
