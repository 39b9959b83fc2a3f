//! Values within calls in SQL that users write: each is what the same value would be if it were written out.
//!
//! A server that knows functions by the types of their arguments has none for a value of the driver's type: `round(x, ?)`
//! takes an `integer`, and a bound integer comes as `bigint`. What a comparison places is no matter of this.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::brackets::Standing;
use super::functions::is_call;
use crate::dialect::Dialect;
use crate::fragment::Fragment;
use crate::token::{Token, solid_before, solid_from};

/// Returns what is to stand for values within calls, but for those at the places that are known.
pub(super) fn literals(
    dialect: &dyn Dialect,
    tokens: &[Token],
    standings: &[Standing],
    placed: &[bool],
    known: &HashSet<usize>,
) -> Vec<(Range<usize>, Fragment)> {
    let mut calls = Calls { dialect, tokens, standings, functions: HashMap::new() };
    let mut edits = Vec::new();
    for (place, token) in tokens.iter().enumerate() {
        if let Token::Placeholder(Some(value)) = token
            && !placed[place]
            && !known.contains(&place)
            && let Some((function, is_argument)) = calls.around(place)
            && let Some(literal) = dialect.as_literal(value, function.filter(|_| is_argument))
        {
            edits.push((place..place + 1, literal));
        }
    }
    edits
}

/// The calls of an expression.
struct Calls<'a> {
    dialect: &'a dyn Dialect,
    tokens: &'a [Token],
    standings: &'a [Standing],
    /// What stands before brackets that were met: a function that is called, or nothing of the kind.
    functions: HashMap<usize, Option<usize>>,
}

impl<'a> Calls<'a> {
    /// The function in whose call a value stands, and whether the value is an argument of it, not a part of one; `None` for
    /// a value in no call, or in a query of its own there.
    fn around(&mut self, place: usize) -> Option<(Option<&'a str>, bool)> {
        let tokens = self.tokens;
        let mut item = place..place + 1;
        let mut is_whole = true;
        let mut open = self.standings[place].open;
        while let Some(bracket) = open {
            let before = solid_before(tokens, item.start)?;
            let after = solid_from(tokens, item.end);
            let begins = before == bracket || tokens[before].is(",") || tokens[before].is_word("distinct");
            let ends = after.is_some_and(|after| tokens[after].is(")") || tokens[after].is(","));
            is_whole &= begins && ends;
            if let Some(function) = self.function(bracket) {
                return Some((tokens[function].name(), is_whole));
            }
            let first = solid_from(tokens, bracket + 1)?;
            if ["select", "with", "values"].iter().any(|word| tokens[first].is_word(word)) {
                return None;
            }
            // Brackets around the value alone are no more than that.
            let close = self.standings[bracket].partner?;
            is_whole &= before == bracket && after == Some(close);
            item = bracket..close + 1;
            open = self.standings[bracket].open;
        }
        None
    }

    fn function(&mut self, bracket: usize) -> Option<usize> {
        let (dialect, tokens) = (self.dialect, self.tokens);
        *self.functions.entry(bracket).or_insert_with(|| {
            solid_before(tokens, bracket).filter(|&before| is_call(dialect, tokens, before))
        })
    }
}
