//! What generated code says in one word.

use super::ValueError;

/// What reading and writing values gives.
pub type ValueResult<T> = Result<T, ValueError>;

/// The error for a text that an enum has no member for.
pub fn unknown_member(text: &str, members: &[&str]) -> ValueError {
    ValueError::new(format!("`{text}` is none of `{}`", members.join("`, `")))
}
