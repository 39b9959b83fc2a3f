//! What SQL of users could mean by names of somebody's own making, without a call to be seen.

use datajoint_definition::suggest;
use sqlparser::keywords::ALL_KEYWORDS;

use super::brackets::{Standing, standings};
use super::functions::{is_call, is_schema};
use super::reference::{in_subquery, reference};
use crate::Error;
use crate::dialect::Dialect;
use crate::token::{Token, solid_before, solid_from};

/// Fails for the first type that is none of the server's own: what reads a value of another one, nobody knows here.
pub(super) fn check_types(
    dialect: &dyn Dialect,
    types: &'static [&'static str],
    tokens: &[Token],
    text: &str,
) -> Result<(), Error> {
    let standings = standings(tokens);
    let said = (0..tokens.len()).filter_map(|place| type_at(tokens, &standings, place));
    for names in said.chain(types_of_columns(tokens, &standings)) {
        let [spaces @ .., name] = &names[..] else { continue };
        let is_theirs = matches!(spaces, []) || matches!(spaces, [space] if is_schema(dialect, space));
        let is_listed = match name {
            Token::Name(name, _) => types.contains(&name.as_str()),
            token => token.name().is_some_and(|name| types.contains(&name.to_ascii_lowercase().as_str())),
        };
        if !(is_theirs && is_listed) {
            let shown = names.iter().filter_map(|name| name.name()).collect::<Vec<_>>().join(".");
            let nearest = suggest(&shown.to_ascii_lowercase(), types.iter().copied());
            let nearest =
                nearest.map_or_else(|| ":".to_owned(), |nearest| format!("; did you mean `{nearest}`? Else"));
            let advice = format!(
                "`{shown}` is none of the types that {} has of its own{nearest} cast to `signed`, `double`, `decimal(10, 2)`, `char` \
                 or `date`, or compare with a value that is bound",
                dialect.backend()
            );
            return Err(Error::Fragment { text: text.trim().to_owned(), advice });
        }
    }
    Ok(())
}

/// The name of a type, in its parts, that is said to be one at a place: behind `::` and `RETURNING`, in `CAST(… AS …)`, before
/// a literal.
fn type_at<'a>(tokens: &'a [Token], standings: &[Standing], place: usize) -> Option<Vec<&'a Token>> {
    let token = &tokens[place];
    let is_before_type = token.is("::")
        || token.is_word("returning")
        || (token.is_word("as") && is_in_cast(tokens, standings, place));
    if is_before_type {
        return Some(chain(tokens, solid_from(tokens, place + 1)?));
    }
    let is_literal = matches!(token, Token::Literal(..) | Token::Bytes(..));
    let last = solid_before(tokens, place).filter(|_| is_literal)?;
    let begins = chain_start(tokens, last);
    let is_keyword = begins == last
        && matches!(&tokens[last], Token::Word(word)
            if ALL_KEYWORDS.binary_search(&word.to_ascii_uppercase().as_str()).is_ok());
    (tokens[last].name().is_some() && !is_keyword).then(|| chain(tokens, begins))
}

fn is_in_cast(tokens: &[Token], standings: &[Standing], place: usize) -> bool {
    let before = standings[place].open.and_then(|open| solid_before(tokens, open));
    before.is_some_and(|before| {
        ["cast", "treat", "xmlserialize"].iter().any(|word| tokens[before].is_word(word))
    })
}

/// The types that a query within gives to the columns of what a function returns: `json_to_record(x) AS t(a int, b text)`.
fn types_of_columns<'a>(tokens: &'a [Token], standings: &[Standing]) -> Vec<Vec<&'a Token>> {
    let mut types = Vec::new();
    for (open, close) in (0..tokens.len()).filter_map(|open| Some((open, standings[open].partner?))) {
        if open > close || !lists_columns(tokens, open) {
            continue;
        }
        let mut start = open + 1;
        while let Some(name) = solid_from(tokens, start).filter(|&name| name < close) {
            let kind = solid_from(tokens, name + 1).filter(|&kind| kind < close && !tokens[kind].is(","));
            types.extend(kind.map(|kind| chain(tokens, kind)));
            let is_end = |place: &usize| tokens[*place].is(",") && standings[*place].open == Some(open);
            start = (name..close).find(is_end).map_or(close, |comma| comma + 1);
        }
    }
    types
}

/// True for the bracket before the names, or the names and types, of columns: `AS t (`, and `AS (` behind a call.
fn lists_columns(tokens: &[Token], open: usize) -> bool {
    let before = |place: usize| solid_before(tokens, place);
    let Some(last) = before(open) else { return false };
    let begins_query = || {
        let first = solid_from(tokens, open + 1).map(|first| &tokens[first]);
        let words = ["select", "with", "values", "table"];
        first.is_some_and(|first| first.is("(") || words.iter().any(|word| first.is_word(word)))
    };
    if tokens[last].is_word("as") {
        return before(last).is_some_and(|call| tokens[call].is(")")) && !begins_query();
    }
    let is_named =
        tokens[last].name().is_some() && before(last).is_some_and(|word| tokens[word].is_word("as"));
    is_named && !begins_query()
}

/// The names with points between them that begin at a place.
fn chain(tokens: &[Token], start: usize) -> Vec<&Token> {
    let mut names = vec![&tokens[start]];
    let mut end = start + 1;
    while let Some(point) = solid_from(tokens, end).filter(|&point| tokens[point].is("."))
        && let Some(next) = solid_from(tokens, point + 1)
    {
        names.push(&tokens[next]);
        end = next + 1;
    }
    names
}

fn chain_start(tokens: &[Token], last: usize) -> usize {
    let mut start = last;
    while let Some(point) = solid_before(tokens, start).filter(|&point| tokens[point].is("."))
        && let Some(before) = solid_before(tokens, point)
    {
        start = before;
    }
    start
}

/// Returns what stands behind a point in queries within, `f` of `x.f`: columns of tables that nobody knows here, or what
/// would be calls with their rows. None where the server makes no calls of them.
pub(super) fn parts_of_rows(dialect: &dyn Dialect, tokens: &[Token]) -> Vec<String> {
    if !dialect.functions().calls_by_point || !tokens.iter().any(|token| token.is(".")) {
        return Vec::new();
    }
    let within = in_subquery(tokens);
    let named = (0..tokens.len()).filter(|&place| within[place]).filter_map(|place| {
        let found = reference(tokens, place).filter(|found| !found.qualifiers.is_empty())?;
        Some(match found.name {
            Token::Name(name, _) => name.clone(),
            token => token.name()?.to_ascii_lowercase(),
        })
    });
    named.collect()
}

/// Fails for `x.f` where `x` is what a query within calls the result of a function and `f` none of its columns: that is a
/// call of `f`.
pub(super) fn check_parts(dialect: &dyn Dialect, tokens: &[Token], text: &str) -> Result<(), Error> {
    if !tokens.iter().any(|token| token.is(".")) {
        return Ok(());
    }
    let results = results(dialect, tokens);
    for place in 0..tokens.len() {
        let Some(part) = tokens[place].name() else { continue };
        let point = solid_before(tokens, place).filter(|&point| tokens[point].is("."));
        let Some(before) = point.and_then(|point| solid_before(tokens, point)) else { continue };
        let is_part = chain_start(tokens, place) == before;
        let of = results.iter().filter(|result| is_part && is_same(result.name, &tokens[before]));
        let mut of = of.peekable();
        if of.peek().is_some() && !of.any(|result| result.has(&tokens[place])) {
            return Err(Error::UnknownFunction {
                attribute: None,
                text: text.trim().to_owned(),
                function: part.to_owned(),
                nearest: None,
                backend: dialect.backend(),
            });
        }
    }
    Ok(())
}

/// What a query within calls the result of a function, and the names that it gives to columns.
struct ResultOf<'a> {
    name: &'a Token,
    columns: Vec<&'a Token>,
}

impl ResultOf<'_> {
    /// Names that functions give to columns themselves, besides the one of a single column.
    const OWN: [&'static str; 3] = ["key", "ordinality", "value"];

    fn has(&self, part: &Token) -> bool {
        is_same(self.name, part)
            || self.columns.iter().any(|column| is_same(column, part))
            || Self::OWN.iter().any(|own| part.is_word(own))
    }
}

/// The results of functions from which queries within read.
fn results<'a>(dialect: &dyn Dialect, tokens: &'a [Token]) -> Vec<ResultOf<'a>> {
    let standings = standings(tokens);
    let mut found = Vec::new();
    // Whether a list of tables is read, within each bracket.
    let mut reads = vec![false];
    for (place, token) in tokens.iter().enumerate() {
        if token.is("(") {
            reads.push(false);
        } else if token.is(")") && reads.len() > 1 {
            reads.pop();
        }
        let Some(is_read) = reads.last_mut() else { continue };
        let ends = ["select", "where", "group", "having", "order", "limit", "union", "intersect", "except"];
        if token.is_word("from") {
            *is_read = true;
        } else if ends.iter().any(|word| token.is_word(word)) {
            *is_read = false;
        }
        if !*is_read || token.name().is_none() || token.is_word("as") {
            continue;
        }
        if is_call(dialect, tokens, place) {
            // It has its own name where it is given none.
            found.push(ResultOf { name: token, columns: Vec::new() });
        }
        let before = solid_before(tokens, place).and_then(|before| {
            if tokens[before].is_word("as") { solid_before(tokens, before) } else { Some(before) }
        });
        let is_result = before.is_some_and(|before| {
            tokens[before].is_word("ordinality") || ends_function(dialect, tokens, &standings, before)
        });
        if is_result {
            let open = solid_from(tokens, place + 1).filter(|&open| tokens[open].is("("));
            let close = open.and_then(|open| standings[open].partner);
            let columns = open.zip(close).map(|(open, close)| &tokens[open + 1..close]).unwrap_or_default();
            found.push(ResultOf {
                name: token,
                columns: columns.iter().filter(|token| token.name().is_some()).collect(),
            });
        }
    }
    found
}

/// True for the bracket behind the arguments of a function, or behind several in `ROWS FROM (…)`.
fn ends_function(dialect: &dyn Dialect, tokens: &[Token], standings: &[Standing], close: usize) -> bool {
    let open = standings[close].partner.filter(|&open| tokens[close].is(")") && open < close);
    let Some(before) = open.and_then(|open| solid_before(tokens, open)) else { return false };
    let is_rows_from = || {
        tokens[before].is_word("from")
            && solid_before(tokens, before).is_some_and(|rows| tokens[rows].is_word("rows"))
    };
    is_call(dialect, tokens, before) || is_rows_from()
}

/// True for two ways to write one name.
fn is_same(one: &Token, other: &Token) -> bool {
    let folded = |token: &Token| match token {
        Token::Name(name, _) => Some(name.clone()),
        token => token.name().map(str::to_ascii_lowercase),
    };
    folded(one).is_some() && folded(one) == folded(other)
}
