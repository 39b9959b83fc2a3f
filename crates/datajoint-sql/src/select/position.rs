//! Where in an expression a value begins: a word before a bracket is an operator behind a value, and the name of a function
//! where a value is to come. `name like (…)` calls nothing; `not like(…)` does.

use super::functions::KEYWORDS;
use crate::token::{Token, solid_before};

/// Words behind which a value comes, besides [`KEYWORDS`].
const BEFORE_VALUES: [&str; 24] = [
    "binary",
    "both",
    "by",
    "content",
    "default",
    "div",
    "document",
    "first",
    "glob",
    "ilike",
    "is",
    "join",
    "like",
    "mod",
    "next",
    "overlaps",
    "passing",
    "placing",
    "ref",
    "regexp",
    "returning",
    "rlike",
    "similar",
    "tablesample",
];

/// Words behind which a value comes where they stand behind one themselves; elsewhere they are names.
const BETWEEN_VALUES: [&str; 9] =
    ["escape", "groups", "match", "range", "rows", "separator", "value", "xor", "zone"];

/// True where a value is to begin, so that a word there with a bracket behind it calls a function.
pub(super) fn begins_operand(tokens: &[Token], place: usize) -> bool {
    let (mut place, mut is_otherwise) = (place, false);
    loop {
        match behind(tokens, place) {
            Behind::Known(begins) => return begins != is_otherwise,
            Behind::As(before) => place = before,
            Behind::Unlike(before) => (place, is_otherwise) = (before, !is_otherwise),
        }
    }
}

/// True for words that say of what follows only what stands before them says.
pub(super) fn says_nothing(token: &Token) -> bool {
    token.is_word("not") || BETWEEN_VALUES.iter().any(|word| token.is_word(word))
}

/// What stands before a place says of it.
enum Behind {
    Known(bool),
    /// A value begins there if one begins at the place of this word.
    As(usize),
    /// A value begins there unless one begins at the place of this word.
    Unlike(usize),
}

fn behind(tokens: &[Token], place: usize) -> Behind {
    let Some(before) = solid_before(tokens, place) else { return Behind::Known(true) };
    let word = match &tokens[before] {
        Token::Word(word) => word,
        Token::Name(..) | Token::Literal(..) | Token::Bytes(..) | Token::Placeholder(_) => {
            return Behind::Known(false);
        }
        sign @ Token::Other(_) => return Behind::Known(![")", "]", "."].iter().any(|end| sign.is(end))),
    };
    let word_before = solid_before(tokens, before).map(|place| &tokens[place]);
    if word_before.is_some_and(|token| token.is(".")) {
        return Behind::Known(false);
    }
    let is_one_of = |words: &[&str]| words.iter().any(|known| word.eq_ignore_ascii_case(known));
    if word.eq_ignore_ascii_case("not") {
        // Behind a value it belongs to the operator: `name NOT LIKE …`.
        return Behind::As(before);
    }
    // `PASSING BY VALUE x`, `xmlroot(x, VERSION y)`.
    let is_of_xml = (word.eq_ignore_ascii_case("value")
        && word_before.is_some_and(|token| token.is_word("by")))
        || (word.eq_ignore_ascii_case("version") && word_before.is_some_and(|token| token.is(",")));
    if is_of_xml || is_one_of(&KEYWORDS) || is_one_of(&BEFORE_VALUES) {
        return Behind::Known(true);
    }
    if is_one_of(&BETWEEN_VALUES) { Behind::Unlike(before) } else { Behind::Known(false) }
}
