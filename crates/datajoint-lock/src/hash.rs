use std::fmt;
use std::str::FromStr;

/// A number for what a table is to programs and databases, written as 16 hexadecimal digits.
///
/// It is the FNV-1a hash, of 64 bits, of the lines that the lock has of the table: the same in every build and every release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash(u64);

impl Hash {
    /// The hash of lines.
    pub(crate) fn of(text: &str) -> Self {
        Self(datajoint_schema::fingerprint(text))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

/// Reads the 16 digits.
impl FromStr for Hash {
    type Err = String;

    fn from_str(digits: &str) -> Result<Self, String> {
        let is_hash = digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u64::from_str_radix(digits, 16).ok().filter(|_| is_hash);
        number.map(Self).ok_or_else(|| format!("`{digits}` is no hash: it has 16 hexadecimal digits"))
    }
}
