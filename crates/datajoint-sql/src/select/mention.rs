//! What SQL that users write mentions.

use datajoint_definition::{Backend, JsonType};

use super::reading::{is_piece_of_constant, tokens};
use crate::backends::dialect;
use crate::fragment::Fragment;
use crate::token::{Token, calls, solid_from};

/// A place within a JSON attribute: `attribute.path`, or `attribute.path:type` for a value of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct JsonPath<'a> {
    pub(super) attribute: &'a str,
    pub(super) path: &'a str,
    pub(super) returning: Option<JsonType>,
}

impl<'a> JsonPath<'a> {
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim();
        let (place, returning) = match text.split_once(':') {
            Some((place, kind)) => (place, Some(JsonType::parse(kind)?)),
            None => (text, None),
        };
        let (attribute, path) = place.split_once('.')?;
        let is_name = |name: &str| name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        let in_path = |letter: char| letter.is_alphanumeric() || "_.*[]".contains(letter);
        let is_one = !attribute.is_empty()
            && !attribute.starts_with(|letter: char| letter.is_ascii_digit())
            && is_name(attribute)
            && !path.is_empty()
            && path.chars().all(in_path);
        is_one.then_some(Self { attribute, path, returning })
    }
}

/// True when an expression names one of these outside literal strings. What is no expression names nothing.
pub(super) fn mentions<'a>(backend: Backend, text: &str, names: impl Iterator<Item = &'a str>) -> bool {
    let mut names = names.peekable();
    names.peek().is_some()
        && tokens(dialect(backend), text)
            .is_ok_and(|tokens| names.by_ref().any(|name| mentioned(&tokens, name)))
}

fn mentioned(tokens: &[Token], name: &str) -> bool {
    tokens.iter().any(|token| token.name().is_some_and(|word| word.eq_ignore_ascii_case(name)))
}

/// True for an expression that names nothing.
pub(super) fn is_constant(backend: Backend, fragment: &Fragment) -> bool {
    fragment.texts().all(|text| is_piece_of_constant(dialect(backend), text))
}

/// True when an expression names this other than in calls of these functions.
pub(super) fn mentions_outside(backend: Backend, text: &str, functions: &[&str], name: &str) -> bool {
    let Ok(tokens) = tokens(dialect(backend), text) else { return false };
    let mut outside = Vec::new();
    let mut place = 0;
    while place < tokens.len() {
        match (&tokens[place], calls(&tokens, place)) {
            (Token::Word(word), Some(call))
                if functions.iter().any(|function| word.eq_ignore_ascii_case(function)) =>
            {
                place = end_of_filter(&tokens, call.end);
            }
            (token, _) => {
                outside.push(token.clone());
                place += 1;
            }
        }
    }
    mentioned(&outside, name)
}

/// Where the call before a place ends, with the `FILTER (…)` that belongs to it.
fn end_of_filter(tokens: &[Token], end: usize) -> usize {
    let filter = solid_from(tokens, end).filter(|&next| tokens[next].is_word("filter"));
    filter.and_then(|filter| calls(tokens, filter)).map_or(end, |call| call.end)
}
