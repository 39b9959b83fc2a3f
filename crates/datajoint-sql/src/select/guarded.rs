//! Calls in SQL that users write, each so that it calls a function of the server's own, whatever others made under its
//! name: a server that looks for functions along a path takes the one whose types fit best.

use std::collections::{HashMap, HashSet};

use super::functions::{is_call, qualifier};
use crate::dialect::{Dialect, Guard};
use crate::token::{Token, calls};

/// Returns the pieces with what each call needs. They are checked before: see [`functions::check`](super::functions::check).
pub(super) fn guarded(dialect: &dyn Dialect, tokens: Vec<Token>) -> Vec<Token> {
    let mut named = HashSet::new();
    let mut clauses = HashMap::new();
    for place in 0..tokens.len() {
        if !is_call(dialect, &tokens, place) || qualifier(&tokens, place).is_some() {
            continue;
        }
        let Some(call) = calls(&tokens, place) else { continue };
        match dialect.guard(&tokens, place, &call) {
            Guard::AsItIs => {}
            Guard::Named => {
                named.insert(place);
            }
            Guard::Clause(clause) => {
                clauses.insert(call.end - 1, clause);
            }
        }
    }
    let mut written = Vec::with_capacity(tokens.len() + clauses.len());
    for (place, token) in tokens.into_iter().enumerate() {
        written.extend(clauses.get(&place).map(|clause| Token::Other(format!(" {clause}"))));
        written.push(match token {
            Token::Word(name) if named.contains(&place) => {
                Token::Name(name.to_ascii_lowercase(), dialect.called(&name))
            }
            Token::Name(name, written) if named.contains(&place) => {
                Token::Name(name, dialect.called(&written))
            }
            token => token,
        });
    }
    written
}
