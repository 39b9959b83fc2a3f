use datajoint_definition::Backend;

use crate::backends::dialect;
use crate::mysql::CIPHER;
use crate::{Statement, Value};

/// Something that a server says of itself or of the user.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Fact {
    /// The user, as the server knows it.
    User(String),
    /// The seconds since 1970 by its clock.
    Time(f64),
    /// Whether the connection is encrypted.
    Encrypted(bool),
}

/// Returns what a row of one of the [`fact_queries`] tells; `None` for what is no fact.
///
/// ```
/// use datajoint_sql::{Fact, Value, read_fact};
///
/// let row = ["user", "ada@localhost"].map(|text| Value::Text(text.to_owned()));
/// assert_eq!(read_fact(&row), Some(Fact::User("ada@localhost".to_owned())));
/// ```
pub fn read_fact(row: &[Value]) -> Option<Fact> {
    let [Value::Text(name), Value::Text(text)] = row else { return None };
    match name.as_str() {
        "user" => Some(Fact::User(text.clone())),
        "time" => text.parse().ok().map(Fact::Time),
        "encrypted" => Some(Fact::Encrypted(true)),
        CIPHER => Some(Fact::Encrypted(!text.is_empty())),
        _ => None,
    }
}

/// The queries that tell what a server says of itself and of the user: each row is one [`Fact`].
pub fn fact_queries(backend: Backend) -> Vec<Statement> {
    dialect(backend).fact_queries()
}

/// True when a name is as a pattern says: `%` is any text, `_` any character, and a backslash takes that away.
///
/// ```
/// use datajoint_sql::is_like;
///
/// assert!(is_like("lab_ephys", r"lab\_%") && !is_like("laboratory", r"lab\_%"));
/// ```
pub fn is_like(name: &str, pattern: &str) -> bool {
    is_like_bytes(name.as_bytes(), pattern.as_bytes())
}

fn is_like_bytes(name: &[u8], pattern: &[u8]) -> bool {
    match (name, pattern) {
        (_, []) => name.is_empty(),
        (_, [b'%', rest @ ..]) => (0..=name.len()).any(|skipped| is_like_bytes(&name[skipped..], rest)),
        ([_, name @ ..], [b'_', rest @ ..]) => is_like_bytes(name, rest),
        ([first, name @ ..], [b'\\', wanted, rest @ ..] | [wanted, rest @ ..]) => {
            first == wanted && is_like_bytes(name, rest)
        }
        ([], _) => false,
    }
}
