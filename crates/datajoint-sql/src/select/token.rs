//! SQL that users write, in pieces.

use crate::Value;
use crate::fragment::Fragment;

/// A piece of SQL.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A name, a keyword or a number.
    Word(String),
    /// A text or name between quotes, with them.
    Quoted(String),
    /// Blanks, operators and parentheses; parentheses and commas stand alone.
    Other(String),
    /// A `?`, and what is bound there.
    Placeholder(Option<Value>),
}

impl Token {
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Word(text) | Self::Quoted(text) | Self::Other(text) => text,
            Self::Placeholder(_) => "?",
        }
    }

    pub(super) fn is_blank(&self) -> bool {
        matches!(self, Self::Other(text) if text.trim().is_empty())
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self, Self::Word(text) if text.eq_ignore_ascii_case(word))
    }
}

/// The pieces of a text; `??` is an operator of one question mark.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' | '`' => {
                let close = rest[1..].find(first).map_or(rest.len(), |place| place + 2);
                tokens.push(Token::Quoted(rest[..close].to_owned()));
                close
            }
            '?' if rest.starts_with("??") => {
                tokens.push(Token::Other("?".to_owned()));
                2
            }
            '?' => {
                tokens.push(Token::Placeholder(None));
                1
            }
            letter if is_word(letter) => {
                let end = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
                tokens.push(Token::Word(rest[..end].to_owned()));
                end
            }
            '(' | ')' | ',' => {
                tokens.push(Token::Other(first.to_string()));
                1
            }
            _ => {
                let is_end = |letter: char| is_word(letter) || "'\"`?(),".contains(letter);
                let end = rest.find(is_end).unwrap_or(rest.len());
                tokens.push(Token::Other(rest[..end].to_owned()));
                end
            }
        };
        rest = &rest[length..];
    }
    tokens
}

/// The text of the pieces, with the values.
pub(super) fn fragment_of(tokens: &[Token]) -> Fragment {
    let mut sql = Fragment::default();
    for token in tokens {
        match token {
            Token::Placeholder(Some(value)) => sql.push_value(value.clone()),
            token => sql.push(token.text()),
        }
    }
    sql
}

/// A call of a function.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) arguments: Vec<&'a [Token]>,
    /// Where the pieces after it begin.
    pub(super) end: usize,
}

/// The call whose name stands at a place.
pub(super) fn calls(tokens: &[Token], place: usize) -> Option<Call<'_>> {
    let is = |token: &Token, text: &str| matches!(token, Token::Other(other) if other == text);
    let open = place + 1 + tokens[place + 1..].iter().take_while(|token| token.is_blank()).count();
    if !tokens.get(open).is_some_and(|token| is(token, "(")) {
        return None;
    }
    let (mut depth, mut start, mut arguments) = (0, open + 1, Vec::new());
    for (at, token) in tokens.iter().enumerate().skip(open) {
        if is(token, "(") {
            depth += 1;
        } else if is(token, ")") {
            depth -= 1;
            if depth == 0 {
                arguments.push(trimmed(&tokens[start..at]));
                if arguments == [&[] as &[Token]] {
                    arguments.clear();
                }
                return Some(Call { arguments, end: at + 1 });
            }
        } else if depth == 1 && is(token, ",") {
            arguments.push(trimmed(&tokens[start..at]));
            start = at + 1;
        }
    }
    None
}

/// The pieces without blanks around them.
pub(super) fn trimmed(mut tokens: &[Token]) -> &[Token] {
    while let [first, rest @ ..] = tokens
        && first.is_blank()
    {
        tokens = rest;
    }
    while let [rest @ .., last] = tokens
        && last.is_blank()
    {
        tokens = rest;
    }
    tokens
}
