//! Words of messages that every crate needs.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::{self, Display, Formatter};

/// Returns a number with its noun: `1 row`, `2 rows`.
///
/// ```
/// use datajoint_definition::count;
///
/// assert_eq!(count(1, "row"), "1 row");
/// assert_eq!(count(0, "key"), "0 keys");
/// assert_eq!(count(2_u64, "index"), "2 indexes");
/// assert_eq!(count(2, "try"), "2 tries");
/// ```
#[expect(clippy::needless_pass_by_value, reason = "it is called with numbers as they are")]
pub fn count<N: Display + PartialEq + From<u8>>(number: N, noun: &str) -> String {
    if number == N::from(1) {
        return format!("1 {noun}");
    }
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{number} {stem}ies"),
        _ if noun.ends_with(['x', 's']) => format!("{number} {noun}es"),
        _ => format!("{number} {noun}s"),
    }
}

/// Returns a string as a terminal may show it: letters that would do something there, or turn the order of others, are
/// written as escapes. Ends of lines and tabulators stay.
///
/// ```
/// use datajoint_definition::printable;
///
/// assert_eq!(printable("a\tü\n"), "a\tü\n");
/// assert_eq!(printable("\u{1b}[31mred"), "\\u{1b}[31mred");
/// assert_eq!(printable("\u{202e}cod.exe"), "\\u{202e}cod.exe");
/// ```
pub fn printable(text: &str) -> Cow<'_, str> {
    let is_active = |letter: char| {
        (letter.is_control() && !matches!(letter, '\n' | '\t'))
            || matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(is_active) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_active(letter) {
            shown.extend(letter.escape_unicode());
        } else {
            shown.push(letter);
        }
    }
    Cow::Owned(shown)
}

/// Writes an error as people read it: what happened, then each reason that this does not say already.
///
/// `{:#?}` writes the same as a structure, for programs that log it.
///
/// # Errors
///
/// Fails when the formatter does.
pub fn report(error: &dyn Error, formatter: &mut Formatter<'_>) -> fmt::Result {
    let message = error.to_string();
    let mut reasons: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(reason) = next {
        let text = reason.to_string();
        if !message.contains(&text) && !reasons.iter().any(|known| known.contains(&text)) {
            reasons.push(text);
        }
        next = reason.source();
    }
    if formatter.alternate() {
        return formatter
            .debug_struct("Error")
            .field("message", &message)
            .field("reasons", &reasons)
            .finish();
    }
    formatter.write_str(&message)?;
    for reason in reasons {
        write!(formatter, "\n  because: {reason}")?;
    }
    Ok(())
}

/// Implements `Debug` for an error as its [`report`], which is what a `main` shows that returns it.
#[macro_export]
macro_rules! debug_as_report {
    ($($error:ty),* $(,)?) => {$(
        impl ::std::fmt::Debug for $error {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::report(self, formatter)
            }
        }
    )*};
}
