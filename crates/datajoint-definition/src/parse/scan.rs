//! Walks along a line: text between quotes is one piece.

use std::ops::Range;

/// The first place of `wanted` outside quotes. A quote that nothing closes is a character like any other.
pub(super) fn find_unquoted(text: &str, wanted: char) -> Option<usize> {
    unquoted(text).find(|(_, character)| *character == wanted).map(|(at, _)| at)
}

/// The characters outside quotes, and where they stand.
pub(super) fn unquoted(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = text.get(at..)?;
            let character = rest.chars().next()?;
            let here = at;
            if let Some(length) = closing_quote(rest) {
                at += length;
            } else {
                at += character.len_utf8();
                return Some((here, character));
            }
        }
    })
}

/// How long the quoted text is that begins here, both quotes included.
fn closing_quote(text: &str) -> Option<usize> {
    let quote = text.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    text.get(1..)?.find(quote).map(|length| length + 2)
}

/// True when a quote is opened and nothing closes it.
pub(super) fn has_open_quote(text: &str) -> bool {
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\'']) {
        rest = rest.get(at..).unwrap_or_default();
        match closing_quote(rest) {
            Some(length) => rest = rest.get(length..).unwrap_or_default(),
            None => return true,
        }
    }
    false
}

/// A part of a line without the blanks around it, each tab as blanks up to the next eighth column.
///
/// So a comment reads back from the database the same, whether Rust or Python declared the table.
pub(super) fn cleaned(line: &str, part: Range<usize>) -> String {
    let text = line.get(part.clone()).unwrap_or_default();
    if !text.contains('\t') {
        return text.trim().to_owned();
    }
    let mut cleaned = String::new();
    let mut column = 0_usize;
    for (at, character) in line.char_indices() {
        let width = if character == '\t' { 8 - column % 8 } else { 1 };
        column += width;
        if part.contains(&at) {
            if character == '\t' {
                cleaned.extend(std::iter::repeat_n(' ', width));
            } else {
                cleaned.push(character);
            }
        }
    }
    cleaned.trim().to_owned()
}
