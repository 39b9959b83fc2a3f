//! What a confirmation is bound to.

use sha2::{Digest as _, Sha256};

/// A hash of the parts of a plan, of 128 bits. Every plan that is confirmed by a hash has it from here.
///
/// ```
/// use datajoint_guard::Fingerprint;
///
/// let of = |parts: &[&str]| {
///     let mut fingerprint = Fingerprint::new("example");
///     for part in parts {
///         fingerprint.add(part);
///     }
///     fingerprint.finish()
/// };
/// assert_eq!(of(&["ab", "c"]).len(), 32);
/// assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
/// ```
#[derive(Debug, Clone)]
pub struct Fingerprint(Sha256);

impl Fingerprint {
    /// Begins one of plans of a kind, which no plan of another kind has.
    pub fn new(kind: &str) -> Self {
        let mut new = Self(Sha256::new());
        new.add(kind);
        new
    }

    /// Adds a part. Where one ends and the next begins counts.
    pub fn add(&mut self, part: impl AsRef<[u8]>) -> &mut Self {
        let part = part.as_ref();
        self.0.update((part.len() as u64).to_be_bytes());
        self.0.update(part);
        self
    }

    /// Returns the hash as 32 hexadecimal digits.
    pub fn finish(self) -> String {
        format!("{:032x}", self.number())
    }

    fn number(self) -> u128 {
        let digest = self.0.finalize();
        digest.iter().take(16).fold(0, |number, byte| number << 8 | u128::from(*byte))
    }
}

/// A digest of the keys of rows: the same for the same keys in any order, and another one for others, though they be as
/// many.
///
/// ```
/// use datajoint_guard::Keys;
///
/// let of = |keys: &[&str]| {
///     let mut digest = Keys::default();
///     keys.iter().for_each(|key| digest.add(Keys::one([key])));
///     digest
/// };
/// assert_eq!(of(&["1", "2"]), of(&["2", "1"]));
/// assert_ne!(of(&["1", "2"]), of(&["1", "3"]));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Keys(u128);

impl Keys {
    /// Returns the digest of one row, by the values of its key.
    pub fn one<P: AsRef<[u8]>>(key: impl IntoIterator<Item = P>) -> Self {
        let mut fingerprint = Fingerprint::new("key");
        for part in key {
            fingerprint.add(part);
        }
        Self(fingerprint.number())
    }

    /// Adds a row, or all rows of another digest.
    pub fn add(&mut self, other: Self) {
        self.0 = self.0.wrapping_add(other.0);
    }

    pub(crate) const fn bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }
}
