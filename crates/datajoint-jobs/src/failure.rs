//! How an error is kept.

use std::error::Error;

/// The most characters of a message in a queue.
const LONGEST: usize = 2047;

/// Returns a message as it fits into a queue: a long one is cut, and says so.
///
/// ```
/// let message = datajoint_jobs::cut(&"x".repeat(3000));
/// assert_eq!(message.chars().count(), 2047);
/// assert!(message.ends_with("x...truncated"));
/// // PostgreSQL keeps no strings with one.
/// assert_eq!(datajoint_jobs::cut("at \0"), "at \u{fffd}");
/// ```
pub fn cut(message: &str) -> String {
    const MARK: &str = "...truncated";
    if message.chars().count() <= LONGEST {
        return message.replace('\0', "\u{fffd}");
    }
    let kept = message
        .chars()
        .take(LONGEST - MARK.len())
        .map(|letter| if letter == '\0' { '\u{fffd}' } else { letter });
    kept.chain(MARK.chars()).collect()
}

/// An error with all that caused it, a line each, as a blob.
pub(crate) fn stack(error: &(dyn Error + 'static)) -> Vec<u8> {
    let mut text = error.to_string();
    let (mut last, mut next) = (text.clone(), error.source());
    while let Some(cause) = next {
        // One that only holds another says the same.
        let told = cause.to_string();
        if told != last {
            text.push_str("\ncaused by: ");
            text.push_str(&told);
        }
        (last, next) = (told, cause.source());
    }
    packed(&text)
}

/// A string as a blob.
pub(crate) fn packed(text: &str) -> Vec<u8> {
    datajoint_blob::pack(text).unwrap_or_default()
}

/// Returns what a message has in common with those of the same fault: without numbers, and without what stands in quotes.
///
/// ```
/// use datajoint_jobs::fingerprint;
///
/// assert_eq!(fingerprint("ValueError: 'x7' at row 12"), fingerprint("ValueError: 'y' at row 3"));
/// assert_ne!(fingerprint("no space"), fingerprint("no file"));
/// ```
pub fn fingerprint(message: &str) -> String {
    let mut common = String::new();
    let mut characters = message.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\'' | '"' | '`' => {
                // An apostrophe within a word ends nowhere.
                let rest: String = characters.clone().take_while(|next| *next != '\n').collect();
                match rest.find(character) {
                    Some(end) => {
                        common.extend([character, '…', character]);
                        for _ in 0..=rest[..end].chars().count() {
                            characters.next();
                        }
                    }
                    None => common.push(character),
                }
            }
            digit if digit.is_ascii_digit() => {
                while characters.next_if(|next| next.is_ascii_digit() || *next == '.').is_some() {}
                common.push('#');
            }
            other => common.push(other),
        }
    }
    common
}
