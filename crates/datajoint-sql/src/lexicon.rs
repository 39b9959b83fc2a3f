//! How each backend cuts a string of SQL into pieces. The cutting is sqlparser's; only the rules are here.

use std::any::TypeId;

use sqlparser::dialect::Dialect;
use sqlparser::tokenizer::{Location, Token, Tokenizer};

/// Returns the pieces of a statement, with literals as they are written. Fails for a quote or a comment that nothing
/// closes.
pub(crate) fn lex(lexicon: &'static Lexicon, sql: &str) -> Result<Vec<Token>, String> {
    cut(&Reading { lexicon, is_of_users: false }, sql)
}

/// Returns the pieces of an expression of a user, each with the letter that it begins with there: `0x41` and `x'41'` are
/// one piece otherwise. On every backend a name stands between double quotes or backticks, and a string between single
/// quotes, in which a backslash is a letter as all others.
pub(crate) fn lex_expression(
    lexicon: &'static Lexicon,
    sql: &str,
) -> Result<Vec<(Token, Option<char>)>, String> {
    let rules = Reading { lexicon, is_of_users: true };
    let pieces = Tokenizer::new(&rules, sql).with_unescape(false).tokenize_with_location();
    let mut letters = sql.chars().peekable();
    let (mut line, mut column) = (1, 1);
    let mut beginning = |start: Location| {
        while (line, column) < (start.line, start.column)
            && let Some(letter) = letters.next()
        {
            (line, column) = if letter == '\n' { (line + 1, 1) } else { (line, column + 1) };
        }
        letters.peek().copied()
    };
    let pieces: Vec<(Token, Option<char>)> = pieces
        .map_err(|fault| fault.message)?
        .into_iter()
        .map(|piece| (piece.token, beginning(piece.span.start)))
        .collect();
    check_comments(lexicon, pieces.iter().map(|(piece, _)| piece))?;
    Ok(pieces)
}

fn cut(rules: &Reading, sql: &str) -> Result<Vec<Token>, String> {
    let pieces = Tokenizer::new(rules, sql).with_unescape(false).tokenize().map_err(|fault| fault.message)?;
    check_comments(rules.lexicon, pieces.iter())?;
    Ok(pieces)
}

fn check_comments<'a>(lexicon: &Lexicon, mut pieces: impl Iterator<Item = &'a Token>) -> Result<(), String> {
    if hides_comment(lexicon, &mut pieces) {
        return Err("a comment begins within an operator: put a blank before it".to_owned());
    }
    Ok(())
}

/// Returns true for a comment that MySQL or MariaDB runs: `/*! … */`, `/*M! … */`.
pub(crate) fn is_run(comment: &str) -> bool {
    comment.starts_with('!') || comment.starts_with("M!")
}

/// Returns true when signs that the tokenizer took for operators begin a comment for the server: `|/*`, `#--`.
fn hides_comment<'a>(lexicon: &Lexicon, pieces: &mut impl Iterator<Item = &'a Token>) -> bool {
    let is_sign = |letter: char| letter.is_ascii_punctuation() && !"'\"`$_".contains(letter);
    let mut last = None;
    pieces.any(|piece| {
        let text = piece.to_string();
        if matches!(piece, Token::Whitespace(_)) || !text.chars().all(is_sign) {
            last = None;
            return false;
        }
        let signs: String = last.into_iter().chain(text.chars()).collect();
        last = text.chars().last();
        signs.contains("/*") || (signs.contains("--") && !lexicon.needs_blank_in_comments)
    })
}

/// Returns true for what `X'…'` and `B'…'` can hold.
pub(crate) fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The rules by which a server reads literals, names and comments, in a session as this library sets it up.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct Lexicon {
    /// The dialect of sqlparser: some rules of its tokenizer hang on the type.
    pub(crate) kind: fn() -> TypeId,
    /// What may begin a quoted name.
    pub(crate) quotes: &'static str,
    /// True where a name may begin with `$`.
    pub(crate) has_dollar_names: bool,
    /// True where a name may begin with a digit.
    pub(crate) has_numeric_names: bool,
    /// True where a backslash takes the meaning from what follows it in a string.
    pub(crate) has_backslash_escapes: bool,
    /// True where `#` begins a comment.
    pub(crate) has_hash_comments: bool,
    /// True where `--` begins a comment only with a blank after it.
    pub(crate) needs_blank_in_comments: bool,
    /// True where a comment may stand in another one.
    pub(crate) has_nested_comments: bool,
    /// True for `E'…'` and `U&'…'`.
    pub(crate) has_escape_strings: bool,
    /// True for `$$…$$`.
    pub(crate) has_dollar_quotes: bool,
    /// The words that are no names of columns without quotes: what they are asked for is an error, or another value. In lower
    /// case, one a line, in order.
    pub(crate) reserved: &'static str,
    /// The signs of operators that not every server has.
    pub(crate) signs: &'static str,
    /// What the server keeps of each row under a name that no table declares.
    pub(crate) of_each_row: &'static [&'static str],
    /// The names that no column can have, or that would be the column where statements mean something else by them.
    pub(crate) no_columns: &'static [&'static str],
}

/// A lexicon, and what users may write everywhere.
#[derive(Debug)]
struct Reading {
    lexicon: &'static Lexicon,
    is_of_users: bool,
}

impl Dialect for Reading {
    fn dialect(&self) -> TypeId {
        (self.lexicon.kind)()
    }

    fn is_identifier_start(&self, character: char) -> bool {
        // A blank that is no ASCII, as web pages have it, is sent as one that is.
        character.is_ascii_alphabetic()
            || character == '_'
            || (!character.is_ascii() && !character.is_whitespace())
            || (character == '$' && self.lexicon.has_dollar_names)
    }

    fn is_identifier_part(&self, character: char) -> bool {
        self.is_identifier_start(character) || character.is_ascii_digit() || character == '$'
    }

    fn is_delimited_identifier_start(&self, character: char) -> bool {
        self.lexicon.quotes.contains(character) || (self.is_of_users && matches!(character, '"' | '`'))
    }

    fn supports_string_literal_backslash_escape(&self) -> bool {
        self.lexicon.has_backslash_escapes && !self.is_of_users
    }

    fn supports_hash_comment(&self) -> bool {
        self.lexicon.has_hash_comments
    }

    fn requires_single_line_comment_whitespace(&self) -> bool {
        self.lexicon.needs_blank_in_comments
    }

    fn supports_numeric_prefix(&self) -> bool {
        self.lexicon.has_numeric_names
    }

    fn supports_nested_comments(&self) -> bool {
        self.lexicon.has_nested_comments
    }

    fn supports_string_escape_constant(&self) -> bool {
        self.lexicon.has_escape_strings
    }

    fn supports_unicode_string_literal(&self) -> bool {
        self.lexicon.has_escape_strings
    }
}
