//! SQL that users write.

use crate::fragment::Fragment;
use crate::{Error, Result, Value};

/// The text with a value for each `?` outside quotes; `??` stands for a question mark.
pub(crate) fn fragment(text: &str, parameters: &[Value]) -> Result<Fragment> {
    let text = text.trim();
    let mut sql = Fragment::default();
    let mut values = parameters.iter();
    let mut placeholders = 0;
    let mut quote: Option<char> = None;
    let mut characters = text.chars().peekable();
    let mut pending = String::new();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), close) if open == close => quote = None,
            (None, '\'' | '"' | '`') => quote = Some(character),
            (None, '?') if characters.peek() == Some(&'?') => {
                characters.next();
            }
            (None, '?') => {
                placeholders += 1;
                sql.push(&std::mem::take(&mut pending));
                if let Some(value) = values.next() {
                    sql.push_value(value.clone());
                }
                continue;
            }
            _ => {}
        }
        pending.push(character);
    }
    sql.push(&pending);
    if placeholders == parameters.len() {
        Ok(sql)
    } else {
        Err(Error::Placeholders { text: text.to_owned(), placeholders, values: parameters.len() })
    }
}

/// True when a text has this word outside single quotes.
pub(super) fn mentions(text: &str, name: &str) -> bool {
    let mut in_text = false;
    let is_word = |character: char| character.is_alphanumeric() || character == '_' || character == '\'';
    text.split_inclusive(|character| !is_word(character)).any(|piece| {
        piece.split('\'').enumerate().any(|(place, part)| {
            if place > 0 {
                in_text = !in_text;
            }
            !in_text
                && part.trim_end_matches(|character: char| !is_word(character)).eq_ignore_ascii_case(name)
        })
    })
}
