//! What SQL that users write mentions.

use datajoint_definition::Backend;

use super::reading::{is_piece_of_constant, tokens};
use crate::backends::dialect;
use crate::fragment::Fragment;
use crate::token::{Token, calls, solid_from};

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
