//! What SQL that users write mentions.

use datajoint_definition::Backend;

use super::reading::{is_piece_of_constant, tokens};
use crate::backends::dialect;
use crate::fragment::Fragment;
use crate::token::Token;

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
