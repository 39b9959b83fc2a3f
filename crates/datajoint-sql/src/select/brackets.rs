//! How the pieces of an expression stand within brackets: found in one pass, so that what asks of every piece costs no
//! more than the length of the text.

use crate::token::Token;

/// Where each piece stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Standing {
    /// The bracket that is open around it.
    pub(super) open: Option<usize>,
    /// The last `BY` before it within the same brackets.
    pub(super) by: Option<usize>,
    /// The other one of a pair of brackets.
    pub(super) partner: Option<usize>,
    /// True for the `AND` of a `BETWEEN`.
    pub(super) is_of_between: bool,
}

/// What is known of the brackets that are open.
#[derive(Debug, Default)]
struct Level {
    open: Option<usize>,
    by: Option<usize>,
    /// How many `BETWEEN`s wait for their `AND`.
    betweens: usize,
}

/// Returns where each of the pieces stands.
pub(super) fn standings(tokens: &[Token]) -> Vec<Standing> {
    let mut levels = vec![Level::default()];
    let mut standings: Vec<Standing> = Vec::with_capacity(tokens.len());
    for (place, token) in tokens.iter().enumerate() {
        let mut standing = Standing::default();
        if let Some(level) = levels.last_mut() {
            standing.open = level.open;
            standing.by = level.by;
            if token.is_word("by") {
                level.by = Some(place);
            } else if token.is_word("between") {
                level.betweens += 1;
            } else if token.is_word("and") && level.betweens > 0 {
                level.betweens -= 1;
                standing.is_of_between = true;
            }
        }
        // A piece may be more than one sign where it was written by us.
        for sign in brackets(token) {
            if sign == '(' {
                levels.push(Level { open: Some(place), ..Level::default() });
            } else if levels.len() > 1 {
                standing.partner = levels.pop().and_then(|level| level.open);
            }
        }
        if let Some(open) = standing.partner.and_then(|open| standings.get_mut(open)) {
            open.partner = Some(place);
        }
        standings.push(standing);
    }
    standings
}

fn brackets(token: &Token) -> impl Iterator<Item = char> {
    let text = if let Token::Other(text) = token { text.as_str() } else { "" };
    text.chars().filter(|letter| matches!(letter, '(' | ')'))
}
