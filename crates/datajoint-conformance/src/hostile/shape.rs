//! Statements by the kinds of their pieces: what stays the same, whatever a value or a name holds.

use std::collections::BTreeSet;

use datajoint::Backend;
use sqlparser::dialect::{Dialect, MySqlDialect, PostgreSqlDialect};
use sqlparser::tokenizer::{Token, Tokenizer, Whitespace};

/// A number that stands where a road takes SQL: `4711 = 4711`.
pub const MARK: &str = "4711";
/// A piece that holds it.
const MARKED: &str = "<4711>";

/// The kinds of a statement's pieces; keywords and signs are their own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shape(Vec<String>);

impl Shape {
    /// Cut by sqlparser's own rules of the server, not by those of this library.
    pub fn of(backend: Backend, sql: &str) -> Self {
        let dialect: &dyn Dialect = match backend {
            Backend::Postgresql => &PostgreSqlDialect {},
            _ => &MySqlDialect {},
        };
        match Tokenizer::new(dialect, sql).tokenize() {
            Ok(pieces) => Self(pieces.iter().filter_map(kind).collect()),
            Err(fault) => Self(vec![format!("{fault}: {sql}")]),
        }
    }

    /// True for a statement of these, or, where a road takes SQL, for one of them with another expression in its place.
    pub fn is_meant(&self, meant: &BTreeSet<Self>, takes_sql: bool) -> bool {
        meant.contains(self) || (takes_sql && meant.iter().any(|other| self.is_within(other)))
    }

    /// True for a statement that only reads.
    pub fn reads(&self) -> bool {
        self.0.first().is_some_and(|word| word == "SELECT" || word == "SHOW")
    }

    /// True for the pieces of another statement around its marks, with a closed expression at each.
    fn is_within(&self, marked: &Self) -> bool {
        let fixed = marked.around_marks();
        fixed.len() > 1 && is_filled(&self.0, &fixed)
    }

    /// The pieces before, between and after the expressions that hold a mark; those between two marks of one belong to it.
    fn around_marks(&self) -> Vec<&[String]> {
        let marks: Vec<usize> = (0..self.0.len()).filter(|&place| self.0[place] == MARKED).collect();
        let (mut fixed, mut end, mut before) = (Vec::new(), 0, None);
        for mark in marks {
            let is_same = before.is_some_and(|before| {
                !self.0[before..mark].iter().any(|piece| "()".contains(piece.as_str()))
            });
            if !is_same {
                fixed.push(&self.0[end..mark]);
            }
            (end, before) = (mark + 1, Some(mark));
        }
        fixed.push(&self.0[end..]);
        fixed
    }
}

/// True for these pieces in turn, with a closed expression between each two.
fn is_filled(seen: &[String], fixed: &[&[String]]) -> bool {
    let Some((first, rest)) = fixed.split_first() else { return seen.is_empty() };
    let Some(seen) = seen.strip_prefix(*first) else { return false };
    if rest.is_empty() {
        return seen.is_empty();
    }
    (1..=seen.len()).any(|end| is_closed(&seen[..end]) && is_filled(&seen[end..], rest))
}

/// What begins a clause or a statement.
const CLAUSES: [&str; 16] = [
    "SELECT", "FROM", "WHERE", "GROUP", "HAVING", "UNION", "ORDER", "LIMIT", "INTO", "DROP", "DELETE",
    "UPDATE", "INSERT", "CREATE", "ALTER", "GRANT",
];

/// True for pieces that leave no bracket open, close none of others, and begin no clause of their own.
fn is_closed(pieces: &[String]) -> bool {
    let mut depth = 0_i32;
    for piece in pieces {
        depth += match piece.as_str() {
            "(" | "[" => 1,
            ")" | "]" => -1,
            _ => 0,
        };
        let is_loose = depth == 0 && (piece == "," || CLAUSES.contains(&piece.as_str()));
        if depth < 0 || piece == ";" || is_loose {
            return false;
        }
    }
    depth == 0
}

fn kind(piece: &Token) -> Option<String> {
    let literal = |text: &str| if text == MARK { MARKED } else { "'…'" }.to_owned();
    Some(match piece {
        Token::Whitespace(Whitespace::MultiLineComment(text))
            if text.starts_with('!') || text.starts_with("M!") =>
        {
            format!("/*{text}*/")
        }
        Token::Whitespace(_) => return None,
        Token::Word(word) if word.quote_style.is_some() => "name".to_owned(),
        Token::Word(word) => word.value.to_uppercase(),
        Token::Number(text, _)
        | Token::SingleQuotedString(text)
        | Token::DoubleQuotedString(text)
        | Token::EscapedStringLiteral(text)
        | Token::UnicodeStringLiteral(text)
        | Token::HexStringLiteral(text)
        | Token::NationalStringLiteral(text)
        | Token::SingleQuotedByteStringLiteral(text) => literal(text),
        Token::DollarQuotedString(text) => literal(&text.value),
        Token::Placeholder(_) => "?".to_owned(),
        sign => sign.to_string(),
    })
}
