//! Pieces of SQL that users write.

use crate::Value;
use crate::fragment::Fragment;

/// A piece of SQL, as it is sent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    /// A name, a keyword or a number.
    Word(String),
    /// A name between quotes or of a function of the server's own: itself, and as it is sent.
    Name(String, String),
    /// A literal string: what it says, and as it is sent.
    Literal(String, String),
    /// Bytes that are written out: themselves, and as they are sent.
    Bytes(Vec<u8>, String),
    /// Blanks, operators and parentheses; each stands alone.
    Other(String),
    /// A `?`, and what is bound there.
    Placeholder(Option<Value>),
}

impl Token {
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Word(text)
            | Self::Name(_, text)
            | Self::Literal(_, text)
            | Self::Bytes(_, text)
            | Self::Other(text) => text,
            Self::Placeholder(_) => "?",
        }
    }

    /// A name with or without quotes, a keyword or a number.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Word(name) | Self::Name(name, _) => Some(name),
            Self::Literal(..) | Self::Bytes(..) | Self::Other(_) | Self::Placeholder(_) => None,
        }
    }

    pub(crate) fn is_blank(&self) -> bool {
        count_look();
        matches!(self, Self::Other(text) if text.trim().is_empty())
    }

    pub(crate) fn is_word(&self, word: &str) -> bool {
        count_look();
        matches!(self, Self::Word(text) if text.eq_ignore_ascii_case(word))
    }

    pub(crate) fn is(&self, other: &str) -> bool {
        count_look();
        matches!(self, Self::Other(text) if text == other)
    }
}

#[cfg(test)]
thread_local! {
    /// How often a piece was looked at in this thread: what work costs, whatever else the machine does.
    pub(crate) static LOOKS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

fn count_look() {
    #[cfg(test)]
    LOOKS.with(|looks| looks.set(looks.get() + 1));
}

/// The text of the pieces, with the values.
pub(crate) fn fragment_of(tokens: &[Token]) -> Fragment {
    let mut sql = Fragment::default();
    for token in tokens {
        match token {
            Token::Placeholder(Some(value)) => sql.push_value(value.clone()),
            token => sql.push(token.text()),
        }
    }
    sql
}

/// A text with values as pieces.
pub(crate) fn of_fragment(fragment: Fragment) -> impl Iterator<Item = Token> {
    fragment.into_pieces().map(|piece| match piece {
        Ok(text) => Token::Other(text),
        Err(value) => Token::Placeholder(Some(value)),
    })
}

/// A call of a function.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) arguments: Vec<&'a [Token]>,
    /// Where the pieces after it begin.
    pub(crate) end: usize,
}

/// The call whose name stands at a place.
pub(crate) fn calls(tokens: &[Token], place: usize) -> Option<Call<'_>> {
    let open = place + 1 + tokens[place + 1..].iter().take_while(|token| token.is_blank()).count();
    if !tokens.get(open).is_some_and(|token| token.is("(")) {
        return None;
    }
    let (mut depth, mut start, mut arguments) = (0, open + 1, Vec::new());
    for (at, token) in tokens.iter().enumerate().skip(open) {
        if token.is("(") {
            depth += 1;
        } else if token.is(")") {
            depth -= 1;
            if depth == 0 {
                arguments.push(trimmed(&tokens[start..at]));
                if arguments == [&[] as &[Token]] {
                    arguments.clear();
                }
                return Some(Call { arguments, end: at + 1 });
            }
        } else if depth == 1 && token.is(",") {
            arguments.push(trimmed(&tokens[start..at]));
            start = at + 1;
        }
    }
    None
}

/// The pieces without blanks around them.
pub(crate) fn trimmed(mut tokens: &[Token]) -> &[Token] {
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

/// The place of the first piece from a place on that is no blank.
pub(crate) fn solid_from(tokens: &[Token], start: usize) -> Option<usize> {
    (start..tokens.len()).find(|&place| !tokens[place].is_blank())
}

/// The place of the last piece before a place that is no blank.
pub(crate) fn solid_before(tokens: &[Token], end: usize) -> Option<usize> {
    (0..end).rev().find(|&place| !tokens[place].is_blank())
}
