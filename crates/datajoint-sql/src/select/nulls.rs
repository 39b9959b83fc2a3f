//! Nulls come first in an order on every backend, and last in one that descends, in SQL of users, too.

use crate::dialect::Dialect;
use crate::token::{Token, solid_before, solid_from};

/// Words behind an order.
const ENDS: [&str; 11] = [
    "except",
    "fetch",
    "for",
    "groups",
    "intersect",
    "limit",
    "offset",
    "range",
    "rows",
    "separator",
    "union",
];

/// What is known within some brackets.
#[derive(Default)]
struct Level {
    /// Where the part of an order begins that goes on.
    part: Option<usize>,
    /// True where nulls are left out, or what is ordered must be what is distinct.
    has_no_nulls: bool,
}

/// The pieces with a word on nulls behind each part of an order that has none, where the server has another order.
pub(super) fn nulls_in_order(dialect: &dyn Dialect, tokens: Vec<Token>) -> Vec<Token> {
    if dialect.nulls(false).is_empty() || !tokens.iter().any(|token| token.is_word("order")) {
        return tokens;
    }
    let mut levels = vec![Level::default()];
    let mut ends = vec![None; tokens.len() + 1];
    for place in 0..=tokens.len() {
        let depth = levels.len();
        let Some(level) = levels.last_mut() else { break };
        let token = tokens.get(place);
        let is = |sign: &str| token.is_some_and(|token| token.is(sign));
        let is_word =
            |words: &[&str]| token.is_some_and(|token| words.iter().any(|word| token.is_word(word)));
        if let Some(start) = level.part {
            let last = solid_before(&tokens, place).filter(|&last| last >= start);
            let is_end = token.is_none() || is(",") || is(")") || is_word(&ENDS);
            if let Some(last) = last.filter(|_| is_end) {
                let is_told = tokens[start..=last].iter().any(|token| token.is_word("nulls"));
                if !is_told {
                    ends[last] = Some(tokens[last].is_word("desc"));
                }
                level.part = is(",").then_some(place + 1);
            }
        }
        let follows_order =
            || solid_before(&tokens, place).is_some_and(|before| tokens[before].is_word("order"));
        if is("(") {
            let first = solid_from(&tokens, place + 1);
            let is_distinct = first.is_some_and(|first| tokens[first].is_word("distinct"));
            // `WITHIN GROUP (ORDER BY x)`
            let is_group = solid_before(&tokens, place).is_some_and(|before| tokens[before].is_word("group"));
            levels.push(Level { part: None, has_no_nulls: is_distinct || is_group });
        } else if is(")") && depth > 1 {
            levels.pop();
        } else if is_word(&["by"]) && follows_order() && !level.has_no_nulls {
            level.part = Some(place + 1);
        }
    }
    let mut written = Vec::with_capacity(tokens.len());
    for (place, token) in tokens.into_iter().enumerate() {
        written.push(token);
        if let Some(descends) = ends[place] {
            for word in dialect.nulls(descends).split_whitespace() {
                written.extend([Token::Other(" ".to_owned()), Token::Word(word.to_owned())]);
            }
        }
    }
    written
}
