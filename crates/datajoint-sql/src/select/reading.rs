//! SQL that users write, cut into pieces that are written again by us.

use sqlparser::tokenizer::{Token as Piece, Whitespace, Word};

use super::brackets::standings;
use super::position::says_nothing;
use super::{functions, number};
use crate::dialect::Dialect;
use crate::lexicon::{is_run, lex, lex_expression};
use crate::token::{Token, solid_before, solid_from};
use crate::{Error, Result};

/// Returns the pieces of one expression, without its comments; `??` is an operator of one question mark.
///
/// Fails for what is more than an expression, or none: an open quote, comment or bracket, a `;`, a comma or a clause
/// of a query outside brackets, a character that no expression has, and a function that does more than give a value.
pub(super) fn tokens(dialect: &dyn Dialect, text: &str) -> Result<Vec<Token>> {
    let tokens = read(dialect, text, true)?;
    functions::check(dialect, &tokens, text)?;
    Ok(tokens)
}

/// Returns the pieces of one expression in a place where no value is bound: `?` is an operator there, as `??` is.
///
/// Fails as [`tokens`] does, and for a `?` with nothing to compare after it.
pub(super) fn tokens_without_values(dialect: &dyn Dialect, text: &str) -> Result<Vec<Token>> {
    let tokens = tokens_of_part(dialect, text)?;
    functions::check(dialect, &tokens, text)?;
    Ok(tokens)
}

/// Returns the same for a part of an index, whose functions are still to be checked: `name(10)` calls none.
pub(super) fn tokens_of_part(dialect: &dyn Dialect, text: &str) -> Result<Vec<Token>> {
    read(dialect, text, false)
}

fn read(dialect: &dyn Dialect, text: &str, binds: bool) -> Result<Vec<Token>> {
    let refused = |advice: String| Error::Fragment { text: text.trim().to_owned(), advice };
    if text.contains('\0') {
        return Err(refused("it holds a character that no database takes (NUL)".to_owned()));
    }
    let pieces = lex_expression(dialect.lexicon(), text.trim()).map_err(|fault| {
        let hint = if text.contains("\\'") {
            ": a backslash takes the meaning from no quote, a quote within a string is written twice, `'it''s'`"
        } else {
            ""
        };
        refused(format!("{}{hint}", fault.to_lowercase()))
    })?;
    let mut tokens: Vec<Token> = Vec::with_capacity(pieces.len());
    let mut pieces = pieces.into_iter().peekable();
    while let Some((piece, begins)) = pieces.next() {
        let question =
            |(piece, _): &(Piece, Option<char>)| matches!(piece, Piece::Placeholder(text) if text == "?");
        let next = pieces.peek().map(|(next, _)| next);
        let token = match piece {
            Piece::Number(..) | Piece::HexStringLiteral(_) | Piece::Word(Word { quote_style: None, .. })
                if begins.is_some_and(|begins| begins.is_ascii_digit() || begins == '.') =>
            {
                number::number(&piece, next).map_err(refused)?
            }
            Piece::HexStringLiteral(digits) => {
                let bytes = number::bytes(&digits).map_err(refused)?;
                let written = dialect.bytes(&bytes);
                // The word that some servers need before bytes is written once, also where it stands there already.
                if let Some((word, _)) = written.split_once(' ')
                    && let Some(last) = solid_before(&tokens, tokens.len())
                    && tokens[last].is_word(word)
                {
                    tokens.truncate(last);
                }
                Token::Bytes(bytes, written)
            }
            Piece::SingleQuotedString(_) if let Some(prefix) = number::prefix(&tokens) => {
                return Err(refused(prefix));
            }
            Piece::Placeholder(text) if text == "?" => {
                if pieces.next_if(question).is_none() && binds {
                    Token::Placeholder(None)
                } else {
                    operator(dialect, "?").map_err(refused)?
                }
            }
            // `@?` of two pieces: an operator, and what is bound.
            Piece::AtQuestion if pieces.next_if(question).is_some() || !binds => {
                operator(dialect, "@?").map_err(refused)?
            }
            Piece::AtQuestion => {
                tokens.push(operator(dialect, "@").map_err(refused)?);
                Token::Placeholder(None)
            }
            piece => written(dialect, piece).map_err(refused)?,
        };
        // One blank is as good as many, which would be passed over again and again.
        if token.is_blank() && tokens.last().is_some_and(Token::is_blank) {
            continue;
        }
        if tokens.last().is_some_and(|last| grow_together(last.text(), token.text())) {
            tokens.push(Token::Other(" ".to_owned()));
        }
        tokens.push(token);
    }
    check(&tokens).map_err(refused)?;
    // A connection that goes back to its pool must be as it was, and a read-only client must not write.
    if let Some(clause) = lasting_clause(&tokens) {
        return Err(refused(format!(
            "`{clause}` changes more than the value of an expression: call it in a statement of your own"
        )));
    }
    Ok(with_own_types(dialect, tokens))
}

/// The pieces with the types of casts as the backend calls them.
fn with_own_types(dialect: &dyn Dialect, tokens: Vec<Token>) -> Vec<Token> {
    let begins_cast = |place: &usize| {
        tokens[*place].is_word("cast")
            && solid_from(&tokens, place + 1).is_some_and(|open| tokens[open].is("("))
    };
    if !(0..tokens.len()).any(|place| begins_cast(&place)) {
        return tokens;
    }
    let standings = standings(&tokens);
    let is_of_cast = |place: usize| {
        let open = standings[place].open;
        open.and_then(|open| solid_before(&tokens, open)).is_some_and(|name| tokens[name].is_word("cast"))
    };
    let mut written = Vec::with_capacity(tokens.len());
    let mut place = 0;
    while place < tokens.len() {
        written.push(tokens[place].clone());
        place += 1;
        if !tokens[place - 1].is_word("as") || !is_of_cast(place - 1) {
            continue;
        }
        let close = standings[place - 1].open.and_then(|open| standings[open].partner);
        let Some(close) = close.filter(|&close| close > place) else { continue };
        let kind = tokens[place..close].iter().filter(|token| !token.is_blank());
        let name: Vec<&str> = kind.map(Token::text).collect();
        if let Some(own) = dialect.own_type(&name.join(" ").to_ascii_lowercase()) {
            for word in own {
                written.extend([Token::Other(" ".to_owned()), Token::Word((*word).to_owned())]);
            }
            place = close;
        }
    }
    written
}

/// Returns the words of a clause that counts a sequence on, or locks rows.
fn lasting_clause(tokens: &[Token]) -> Option<&'static str> {
    const CLAUSES: [(&str, &str, &str); 6] = [
        ("next", "value", "next value for"),
        ("for", "update", "for update"),
        ("for", "share", "for share"),
        ("for", "no", "for no key update"),
        ("for", "key", "for key share"),
        ("lock", "in", "lock in share mode"),
    ];
    tokens.iter().enumerate().find_map(|(place, token)| {
        let next = &tokens[solid_from(tokens, place + 1)?];
        let is_one = |(first, second, _): &&(&str, &str, &str)| token.is_word(first) && next.is_word(second);
        CLAUSES.iter().find(is_one).map(|(.., clause)| *clause)
    })
}

/// True for pieces that would be another one together: two literals with a quote between them, the signs that begin a
/// comment, `??`, `U&'…'` and `b"…"`.
fn grow_together(last: &str, next: &str) -> bool {
    let quotes = ['\'', '"', '`'];
    (last.ends_with(quotes) && next.starts_with(quotes))
        || (last == "&" && next.starts_with(quotes))
        || (last.ends_with(is_of_word) && next.starts_with(['"', '`']))
        || ['-', '?'].iter().any(|&sign| last.ends_with(sign) && next.starts_with(sign))
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The piece as it is sent.
fn written(dialect: &dyn Dialect, piece: Piece) -> Result<Token, String> {
    let literal = |text: String| {
        let written = dialect.string(&text);
        Ok(Token::Literal(text, written))
    };
    match piece {
        Piece::Word(Word { value, quote_style: None, .. }) => Ok(Token::Word(value)),
        Piece::Word(Word { value, quote_style: Some(quote), .. }) => {
            let close = if quote == '[' { ']' } else { quote };
            let name = value.replace(&format!("{close}{close}"), &close.to_string());
            let written = dialect.identifier(&name);
            Ok(Token::Name(name, written))
        }
        // A string is of the character set of its attribute, whatever stands before it.
        Piece::SingleQuotedString(text) | Piece::NationalStringLiteral(text) => {
            // Between its quotes stands what the tokenizer found there, with two quotes for one.
            literal(text.replace("''", "'"))
        }
        Piece::SingleQuotedByteStringLiteral(_) => Err(number::BITS.to_owned()),
        Piece::EscapedStringLiteral(text) | Piece::UnicodeStringLiteral(text) => literal(text),
        Piece::DollarQuotedString(text) if dialect.lexicon().has_dollar_quotes => literal(text.value),
        Piece::Whitespace(Whitespace::Newline | Whitespace::SingleLineComment { .. }) => {
            Ok(Token::Other("\n".to_owned()))
        }
        Piece::Whitespace(Whitespace::MultiLineComment(comment)) if is_run(&comment) => {
            Err("MySQL and MariaDB run what stands in such a comment: write it without `/*!`".to_owned())
        }
        Piece::Whitespace(_) => Ok(Token::Other(" ".to_owned())),
        piece => operator(dialect, &piece.to_string()),
    }
}

/// An operator, a bracket or a comma; other signs end a statement, assign, or name what nobody binds.
fn operator(dialect: &dyn Dialect, sign: &str) -> Result<Token, String> {
    let anywhere = "()[],.+-*/%=<>!|&^~";
    let is_known = |letter: char| anywhere.contains(letter) || dialect.lexicon().signs.contains(letter);
    if sign.chars().all(is_known) && sign != ":=" {
        return Ok(Token::Other(sign.to_owned()));
    }
    Err(format!("`{sign}` belongs in no expression of {}", dialect.backend()))
}

/// What begins or ends a clause of a query.
const CLAUSES: [&str; 11] =
    ["select", "from", "where", "group", "having", "union", "intersect", "except", "order", "limit", "into"];

/// How deep brackets may stand within each other. Each costs the server a part of its stack.
const DEEPEST: usize = 400;

/// Said of a `?` that would be a value's.
const WITHOUT_VALUE: &str = "its `?` stands for a value, and none can be given here";

/// Fails unless brackets match, and outside of them stands no comma and no clause of a query.
fn check(tokens: &[Token]) -> Result<(), String> {
    let asks = |token: &Token| token.is("?") || token.is("@?");
    let mut open = Vec::new();
    let mut before: Option<&Token> = None;
    let mut same = 0_usize;
    for token in tokens.iter().filter(|token| !token.is_blank()) {
        if before.is_some_and(asks) && [")", "]", ","].iter().any(|sign| token.is(sign)) {
            return Err(WITHOUT_VALUE.to_owned());
        }
        // A sign or `not` before a value is as a bracket around it.
        let is_same = |before: &Token| {
            (says_nothing(before) && says_nothing(token))
                || (before.text() == token.text() && matches!(token, Token::Other(_)) && !is_bracket(token))
        };
        same = if before.is_some_and(is_same) { same + 1 } else { 0 };
        if same > DEEPEST {
            return Err(format!(
                "`{}` stands there more than {DEEPEST} times in a row: write it once, or not at all",
                token.text()
            ));
        }
        if matches!((before, token), (Some(Token::Literal(..)), Token::Literal(..))) {
            return Err(
                "two strings behind each other are one on some servers and none on others: write one"
                    .to_owned(),
            );
        }
        match token {
            Token::Other(sign) if sign == "(" || sign == "[" => {
                open.push(sign.as_str());
                if open.len() > DEEPEST {
                    return Err(format!(
                        "its brackets stand within each other more than {DEEPEST} deep: write a long row of `AND` or `OR` \
                         without brackets, or give its values as one list (`is_in`, a list of keys)"
                    ));
                }
            }
            Token::Other(sign) if sign == ")" || sign == "]" => {
                let opened = if sign == ")" { "(" } else { "[" };
                if open.pop() != Some(opened) {
                    return Err(format!("its `{sign}` closes nothing"));
                }
            }
            Token::Other(sign) if sign == "," && open.is_empty() => {
                return Err("a comma outside brackets makes it more than one expression".to_owned());
            }
            // Of a part of an array, `a[1:2]`.
            Token::Other(sign) if sign == ":" && open.last() != Some(&"[") => {
                return Err("`:` belongs in no expression".to_owned());
            }
            Token::Word(word) if open.is_empty() && is_clause(word, before) => {
                return Err(format!(
                    "`{word}` belongs to a query: put one that gives a value between brackets"
                ));
            }
            _ => {}
        }
        before = Some(token);
    }
    match open.last() {
        Some(bracket) => Err(format!("nothing closes its `{bracket}`")),
        None if before.is_some_and(asks) => Err(WITHOUT_VALUE.to_owned()),
        None => Ok(()),
    }
}

fn is_bracket(token: &Token) -> bool {
    ["(", ")", "[", "]"].iter().any(|bracket| token.is(bracket))
}

/// True for a word of a query, but for `IS DISTINCT FROM` and `WITHIN GROUP`, and names after a point.
pub(super) fn is_clause(word: &str, before: Option<&Token>) -> bool {
    let follows = |first: &str, second: &str| {
        word.eq_ignore_ascii_case(second) && before.is_some_and(|token| token.is_word(first))
    };
    CLAUSES.iter().any(|clause| word.eq_ignore_ascii_case(clause))
        && !follows("distinct", "from")
        && !follows("within", "group")
        && !before.is_some_and(|token| token.is("."))
}

/// True for a part of an expression, cut where a value is bound, that names nothing.
pub(super) fn is_piece_of_constant(dialect: &dyn Dialect, text: &str) -> bool {
    let names_nothing = |piece: &Piece| match piece {
        Piece::Word(word) => {
            word.quote_style.is_none() && word.value.starts_with(|first: char| first.is_ascii_digit())
        }
        _ => true,
    };
    lex(dialect.lexicon(), text).is_ok_and(|pieces| pieces.iter().all(names_nothing))
}
