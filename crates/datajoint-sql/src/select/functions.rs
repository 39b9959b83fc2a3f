//! Functions that SQL of users calls: those of a closed list, which give a value and do nothing else.
//!
//! A list of what must not be called would let through what nobody thought of: functions that read files, run text as a
//! statement, count sequences on, or change the session that goes back to its pool. So what is not listed is refused, a
//! function of users' own too: what it does, nobody knows here.

use datajoint_definition::{Backend, suggest};

use super::foreign;
use super::position::begins_operand;
use crate::dialect::Dialect;
use crate::token::{Token, calls, solid_before, solid_from, trimmed};
use crate::{Error, backends};

/// Functions that every backend has, some of them by our translation.
pub(super) const EVERYWHERE: [&str; 36] = [
    "abs",
    "avg",
    "ceil",
    "char_length",
    "coalesce",
    "concat",
    "count",
    "curdate",
    "day",
    "floor",
    "group_concat",
    "hour",
    "if",
    "ifnull",
    "left",
    "length",
    "lower",
    "ltrim",
    "max",
    "min",
    "minute",
    "month",
    "now",
    "nullif",
    "replace",
    "right",
    "round",
    "rtrim",
    "second",
    "string_agg",
    "substr",
    "sum",
    "timestampdiff",
    "trim",
    "upper",
    "year",
];

/// Words before a bracket that call nothing.
pub(super) const KEYWORDS: [&str; 42] = [
    "all",
    "and",
    "any",
    "array",
    "as",
    "asymmetric",
    "between",
    "case",
    "collate",
    "distinct",
    "else",
    "except",
    "exists",
    "for",
    "from",
    "having",
    "in",
    "intersect",
    "interval",
    "lateral",
    "leading",
    "limit",
    "not",
    "offset",
    "on",
    "only",
    "or",
    "row",
    "select",
    "some",
    "symmetric",
    "then",
    "to",
    "trailing",
    "union",
    "using",
    "values",
    "variadic",
    "when",
    "where",
    "window",
    "with",
];

/// Returns the functions of a backend's own that SQL of users may call, in order; others may only be called where every
/// backend has them.
///
/// ```
/// use datajoint_definition::Backend;
/// use datajoint_sql::listed_functions;
///
/// assert!(listed_functions(Backend::Postgresql).any(|name| name == "width_bucket"));
/// assert!(!listed_functions(Backend::Postgresql).any(|name| name == "pg_read_file"));
/// ```
pub fn listed_functions(backend: Backend) -> impl Iterator<Item = &'static str> {
    backends::dialect(backend).functions().names()
}

/// Fails for the first function that is called and not listed, and for what else is of somebody's own making.
pub(super) fn check(dialect: &dyn Dialect, tokens: &[Token], text: &str) -> Result<(), Error> {
    if let Some(types) = dialect.functions().types {
        foreign::check_types(dialect, types, tokens, text)?;
    }
    if dialect.functions().calls_by_point {
        foreign::check_parts(dialect, tokens, text)?;
    }
    let called = tokens.iter().enumerate().filter(|(place, _)| is_call(dialect, tokens, *place));
    for (place, token) in called {
        let Some(function) = token.name() else { continue };
        let spaces = qualifier(tokens, place).filter(|space| space.name().is_some());
        let is_theirs = spaces.is_none_or(|space| is_schema(dialect, space));
        if is_theirs && is_listed(dialect, token) {
            if !(dialect.functions().calls_by_point && is_part_of_value(tokens, place)) {
                continue;
            }
            let advice = format!(
                "`(…).{function}` would call a function `{function}` that anybody may have made: write `{function}(…)`, and a \
                 column of a query's without brackets before its point"
            );
            return Err(Error::Fragment { text: text.trim().to_owned(), advice });
        }
        let listed = dialect.functions();
        let known = EVERYWHERE.into_iter().chain(listed.names()).chain(listed.beside());
        let lower = function.to_ascii_lowercase();
        return Err(Error::UnknownFunction {
            attribute: None,
            text: text.trim().to_owned(),
            nearest: suggest(&lower, known).filter(|nearest| *nearest != lower),
            function: match spaces.and_then(Token::name).filter(|_| !is_theirs) {
                Some(space) => format!("{space}.{function}"),
                None => function.to_owned(),
            },
            backend: dialect.backend(),
        });
    }
    Ok(())
}

/// True for a function that gives a value and does nothing else.
fn is_listed(dialect: &dyn Dialect, token: &Token) -> bool {
    let is_one = |name: &str| EVERYWHERE.contains(&name) || dialect.functions().has(name);
    match token {
        // `"LOWER"` is none of PostgreSQL's functions; elsewhere nobody lists a function by capitals.
        Token::Name(name, _) => is_one(name),
        token => token.name().is_some_and(|name| is_one(&name.to_ascii_lowercase())),
    }
}

/// True for a schema of the server's own functions.
pub(super) fn is_schema(dialect: &dyn Dialect, space: &Token) -> bool {
    dialect.functions().schema.is_some_and(|schema| match space {
        Token::Name(name, _) => name == schema,
        token => token.is_word(schema),
    })
}

/// What stands before the point before a name.
pub(super) fn qualifier(tokens: &[Token], place: usize) -> Option<&Token> {
    let point = solid_before(tokens, place).filter(|&point| tokens[point].is("."))?;
    solid_before(tokens, point).map(|space| &tokens[space])
}

/// True for the name of a function that is called.
pub(super) fn is_call(dialect: &dyn Dialect, tokens: &[Token], place: usize) -> bool {
    if tokens[place].name().is_none_or(|name| name.starts_with(|first: char| first.is_ascii_digit())) {
        return false;
    }
    if dialect.functions().calls_by_point && is_part_of_value(tokens, place) {
        return !is_part_of_pair(tokens, place);
    }
    // Every bracket is closed: what was read says so. To look for its end would take as long as the call is for each piece in it.
    if !solid_from(tokens, place + 1).is_some_and(|open| tokens[open].is("(")) {
        return false;
    }
    let Token::Word(word) = &tokens[place] else { return !names_type_or_alias(tokens, place) };
    let is_one_of = |words: &[&str]| words.iter().any(|known| word.eq_ignore_ascii_case(known));
    let is_keyword = qualifier(tokens, place).is_none()
        && (is_one_of(&KEYWORDS)
            || (is_one_of(dialect.functions().operators) && !begins_operand(tokens, place)));
    !is_keyword && !names_type_or_alias(tokens, place)
}

/// True for `f` in `(value).f`, which PostgreSQL takes for `f(value)`.
fn is_part_of_value(tokens: &[Token], place: usize) -> bool {
    let mut place = place;
    loop {
        let Some(point) = solid_before(tokens, place).filter(|&point| tokens[point].is(".")) else {
            return false;
        };
        match solid_before(tokens, point) {
            Some(before) if tokens[before].name().is_some() => place = before,
            Some(_) => return true,
            None => return false,
        }
    }
}

/// The functions whose results have columns of these names: `(json_each(x)).key` calls nothing.
const OF_PAIRS: [&str; 4] = ["json_each", "json_each_text", "jsonb_each", "jsonb_each_text"];

/// True for `key` and `value` of a pair that a function gives.
fn is_part_of_pair(tokens: &[Token], place: usize) -> bool {
    let is_part = ["key", "value"].iter().any(|part| tokens[place].is_word(part));
    let close = solid_before(tokens, place).and_then(|point| solid_before(tokens, point));
    let open = close.filter(|_| is_part).and_then(|close| Some((opening(tokens, close)?, close)));
    open.is_some_and(|(open, close)| gives_pairs(&tokens[open + 1..close]))
}

/// The bracket that the one at a place closes.
fn opening(tokens: &[Token], close: usize) -> Option<usize> {
    let mut depth = 0;
    (0..=close).rev().find(|&place| {
        depth += i32::from(tokens[place].is(")")) - i32::from(tokens[place].is("("));
        depth == 0
    })
}

/// True for a call of such a function and nothing else.
fn gives_pairs(tokens: &[Token]) -> bool {
    match trimmed(tokens) {
        [open, within @ .., close] if open.is("(") && close.is(")") => gives_pairs(within),
        tokens => {
            let open = tokens.iter().position(|token| token.is("("));
            let called = open.and_then(|open| solid_before(tokens, open));
            called.is_some_and(|called| {
                OF_PAIRS.iter().any(|name| tokens[called].is_word(name))
                    && calls(tokens, called).is_some_and(|call| call.end == tokens.len())
                    && tokens[..called].iter().all(|token| token.is(".") || token.name().is_some())
            })
        }
    }
}

/// True for a type with its sizes, and for what a query calls a table and its columns: `x::numeric(9, 2)`, `as t(a, b)`.
fn names_type_or_alias(tokens: &[Token], place: usize) -> bool {
    solid_before(tokens, place).is_some_and(|before| {
        let before = &tokens[before];
        before.is("::") || ["as", "with", "recursive"].iter().any(|word| before.is_word(word))
    }) || is_not_materialized(tokens, place)
}

/// True for `AS NOT MATERIALIZED (…)`.
fn is_not_materialized(tokens: &[Token], place: usize) -> bool {
    let not = solid_before(tokens, place).filter(|&before| tokens[before].is_word("not"));
    tokens[place].is_word("materialized")
        && not.and_then(|not| solid_before(tokens, not)).is_some_and(|before| tokens[before].is_word("as"))
}

/// True for a word behind the last piece of a value, so that it begins none.
pub(crate) fn follows_operand(tokens: &[Token], place: usize) -> bool {
    let is_not = solid_before(tokens, place).is_some_and(|before| tokens[before].is_word("not"));
    !is_not && !begins_operand(tokens, place)
}

#[cfg(test)]
mod tests {
    use crate::backends::dialect;
    use datajoint_definition::Backend;

    #[test]
    fn lists_are_in_order() {
        for backend in Backend::ALL {
            let names: Vec<&str> = dialect(backend).functions().names().collect();
            assert!(names.len() > 60, "{backend}");
            assert!(names.is_sorted_by(|a, b| a < b), "{backend}");
            assert!(names.iter().all(|name| name.to_ascii_lowercase() == **name), "{backend}");
        }
    }
}
