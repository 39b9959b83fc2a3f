//! A part of an index, as users write it: what is indexed, and how.

use datajoint_schema::Table;

use super::functions;
use super::guarded::guarded;
use super::reading::tokens_of_part;
use super::translate::Translator;
use crate::dialect::Dialect;
use crate::token::{Token, calls, solid_from, trimmed};
use crate::{Error, Result};

/// A part of an index that is more than an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IndexPart {
    pub(crate) what: Indexed,
    /// What stands after it: ` COLLATE …`, a class of operators, ` DESC`, ` NULLS FIRST`; or nothing.
    pub(crate) how: String,
}

/// What is indexed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Indexed {
    Attribute(String),
    /// The beginning of a string, of so many characters.
    Beginning(String, u32),
    /// A call, or an expression between brackets.
    Expression(String),
}

impl IndexPart {
    /// Fails for what is no part of an index of this table on the backend.
    pub(crate) fn parse(dialect: &dyn Dialect, table: &Table, text: &str) -> Result<Self> {
        let refused = |advice: String| Error::Declaration { table: table.name.clone(), advice };
        let part = Self::read(dialect, text).map_err(refused)?;
        match &part.what {
            Indexed::Attribute(name) | Indexed::Beginning(name, _) if table.heading.get(name).is_none() => {
                Err(refused(format!("there is no attribute `{name}` for its index on `{text}`")))
            }
            _ => Ok(part),
        }
    }

    /// Fails for what is no part of an index of any table on the backend, saying why.
    pub(crate) fn read(dialect: &dyn Dialect, text: &str) -> Result<Self, String> {
        let tokens = tokens_of_part(dialect, text).map_err(|error| format!("in an index, {error}"))?;
        if tokens.iter().any(|token| token.is_word("select")) {
            return Err(format!("an index, as on `{text}`, has no query in it"));
        }
        let (head, how) = cut(dialect, trimmed(&tokens));
        let (what, end) = head_of(head).ok_or_else(|| {
            format!(
                "`{text}` is no part of an index: write an attribute, `name(10)`, a call, or an expression between brackets \
                 of its own"
            )
        })?;
        if let Some(place) = solid_from(head, end) {
            let before: String = head[..place].iter().map(Token::text).collect();
            return Err(format!(
                "in the index part `{text}`, `{}` at character {} can't follow `{}`: {} takes {} there",
                head[place].text(),
                before.chars().count() + 1,
                before.trim_end(),
                dialect.backend(),
                dialect.index_tails().text
            ));
        }
        if matches!(what, Indexed::Expression(_)) {
            functions::check(dialect, &tokens, text).map_err(|error| format!("in an index, {error}"))?;
        }
        let what = match what {
            Indexed::Expression(_) => {
                let written = guarded(dialect, head[..end].to_vec());
                let plain: String = written.iter().map(Token::text).collect();
                let translated = Translator::of_index(dialect).translate(&written);
                let translated = translated.map_err(|error| format!("in an index, {error}"))?;
                let translated: String = translated.texts().collect();
                Indexed::Expression(if translated == plain { plain } else { format!("({translated})") })
            }
            what => what,
        };
        Ok(Self { what, how })
    }
}

/// What is indexed, and what stands after it, from the end.
fn cut<'a>(dialect: &dyn Dialect, mut rest: &'a [Token]) -> (&'a [Token], String) {
    let mut how = String::new();
    let tails = dialect.index_tails();
    if tails.has_nulls
        && let Some((before, place)) = without_last(rest, |token| one_of(token, &["first", "last"]))
        && let Some((before, _)) = without_last(before, |token| token.is_word("nulls"))
    {
        how = format!(" NULLS {}", place.text().to_ascii_uppercase());
        rest = before;
    }
    if let Some((before, order)) = without_last(rest, |token| one_of(token, &["asc", "desc"])) {
        how = format!(" {}{how}", order.text().to_ascii_uppercase());
        rest = before;
    }
    if tails.has_classes
        && let Some((before, class)) =
            without_last(rest, |token| matches!(token, Token::Word(word) if word.ends_with("_ops")))
    {
        how = format!(" {}{how}", class.text());
        rest = before;
    }
    if tails.has_collations
        && let Some((before, collation)) = without_last(rest, |token| token.name().is_some())
        && let Some((before, _)) = without_last(before, |token| token.is_word("collate"))
    {
        how = format!(" COLLATE {}{how}", collation.text());
        rest = before;
    }
    (rest, how)
}

fn one_of(token: &Token, words: &[&str]) -> bool {
    words.iter().any(|word| token.is_word(word))
}

/// The pieces before the last one, where it is such a one and not the first.
fn without_last(tokens: &[Token], is_such: impl Fn(&Token) -> bool) -> Option<(&[Token], &Token)> {
    let (last, before) = tokens.split_last()?;
    let before = trimmed(before);
    (is_such(last) && !before.is_empty()).then_some((before, last))
}

/// What is indexed at the beginning of some pieces, and where it ends.
fn head_of(tokens: &[Token]) -> Option<(Indexed, usize)> {
    let expression = |end: usize| Indexed::Expression(tokens[..end].iter().map(Token::text).collect());
    let first = tokens.first()?;
    if first.is("(") {
        let mut depth = 0;
        let close = tokens.iter().position(|token| {
            depth += i32::from(token.is("(")) - i32::from(token.is(")"));
            depth == 0
        })?;
        return Some((expression(close + 1), close + 1));
    }
    let name = first.name().filter(|name| !name.starts_with(|letter: char| letter.is_ascii_digit()))?;
    // A function may have its schema before it.
    let mut last = 0;
    while let Some(dot) = solid_from(tokens, last + 1).filter(|&dot| tokens[dot].is(".")) {
        last = solid_from(tokens, dot + 1).filter(|&next| tokens[next].name().is_some())?;
    }
    let Some(call) = calls(tokens, last) else {
        return (last == 0).then(|| (Indexed::Attribute(name.to_owned()), 1));
    };
    let length = match call.arguments[..] {
        [[Token::Word(digits)]] if last == 0 => digits.parse().ok(),
        _ => None,
    };
    let what =
        length.map_or_else(|| expression(call.end), |length| Indexed::Beginning(name.to_owned(), length));
    Some((what, call.end))
}
