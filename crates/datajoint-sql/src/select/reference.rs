//! Names in an expression.

use std::ops::Range;

use crate::token::{Token, solid_before, solid_from};

/// A name as it stands in an expression: `x`, `"x"`, `table.x`, `schema.table.x`.
#[derive(Debug, Clone)]
pub(super) struct Reference<'a> {
    pub(super) qualifiers: Vec<&'a Token>,
    pub(super) name: &'a Token,
    /// Its pieces, and where they stand.
    pub(super) pieces: &'a [Token],
    pub(super) at: Range<usize>,
}

impl Reference<'_> {
    /// The name without its qualifiers.
    pub(super) fn name(&self) -> &str {
        self.name.name().unwrap_or_default()
    }
}

/// The reference that begins at a place; none within another one, and none where a function is called.
pub(super) fn reference(tokens: &[Token], start: usize) -> Option<Reference<'_>> {
    tokens.get(start)?.name()?;
    if solid_before(tokens, start).is_some_and(|before| tokens[before].is(".")) {
        return None;
    }
    let (mut chain, mut end) = (vec![&tokens[start]], start + 1);
    while let Some(dot) = solid_from(tokens, end).filter(|&dot| tokens[dot].is(".")) {
        let next = solid_from(tokens, dot + 1).filter(|&next| tokens[next].name().is_some())?;
        chain.push(&tokens[next]);
        end = next + 1;
    }
    let is_called = solid_from(tokens, end).is_some_and(|next| tokens[next].is("("));
    let name = chain.pop()?;
    (!is_called).then_some(Reference { qualifiers: chain, name, pieces: &tokens[start..end], at: start..end })
}

/// Which pieces stand in a query of their own, where names may be those of other tables.
pub(super) fn in_subquery(tokens: &[Token]) -> Vec<bool> {
    let begins_query = |open: usize| {
        solid_from(tokens, open + 1).is_some_and(|first| {
            ["select", "with", "values", "table"].iter().any(|word| tokens[first].is_word(word))
        })
    };
    let mut open: Vec<bool> = Vec::new();
    let mut within = Vec::with_capacity(tokens.len());
    for (place, token) in tokens.iter().enumerate() {
        if token.is("(") {
            open.push(open.last() == Some(&true) || begins_query(place));
        } else if token.is(")") {
            open.pop();
        }
        within.push(open.last() == Some(&true));
    }
    within
}
