//! Literals in SQL that users write: each form means the same on every backend, or is refused.
//!
//! Servers disagree on most forms: `0x41` is a number on one, bytes on the second, and either on the third as what stands
//! beside it wants; `1_000` is a thousand, a number with a name behind it, or a name.

use sqlparser::tokenizer::{Token as Piece, Word};

use crate::token::Token;

/// Said of `b'1010'`.
pub(super) const BITS: &str =
    "`b'…'` is a number on one server and a string of bits on another: write the number, `10` or `0x0A`";

/// Returns the number that begins with a digit or a point, with what follows it at once.
///
/// Fails for what is one number here and something else there.
pub(super) fn number(piece: &Piece, next: Option<&Piece>) -> Result<Token, String> {
    let (shown, number) = match piece {
        Piece::HexStringLiteral(digits) => (format!("0x{digits}"), hexadecimal(digits)),
        Piece::Number(text, false) => (text.clone(), decimal(text)),
        piece => (piece.to_string(), Err(" is no number of SQL".to_owned())),
    };
    let follows = match next {
        Some(Piece::Word(Word { quote_style: None, value, .. })) => value.as_str(),
        Some(Piece::Number(text, _) | Piece::SingleQuotedString(text)) => text.as_str(),
        _ => "",
    };
    if !follows.is_empty() || matches!(piece, Piece::Word(_)) {
        return Err(format!(
            "`{shown}{follows}` is one thing on one server and another on the next: write the number in decimal or as `0x…` \
             without signs between its digits, a blank before what follows it, and a name that begins with a digit between \
             quotes"
        ));
    }
    number.map(Token::Word).map_err(|fault| format!("`{shown}`{fault}"))
}

/// A hexadecimal number in decimal: SQLite makes a negative one of what has more than 63 bits.
fn hexadecimal(digits: &str) -> Result<String, String> {
    if digits.is_empty() {
        return Err(" has no digits".to_owned());
    }
    let number = i64::from_str_radix(digits, 16);
    let too_large = " is more than a hexadecimal number can be (0x7fffffffffffffff): write it in decimal, or bytes as `x'…'`";
    number.map(|number| number.to_string()).map_err(|_| too_large.to_owned())
}

/// A decimal number as it is written, if a float can hold it, too: where it can't, one server makes infinity or zero of it,
/// and the next an error.
fn decimal(text: &str) -> Result<String, String> {
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let is_zero = mantissa.bytes().all(|digit| matches!(digit, b'0' | b'.'));
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && (is_zero || number != 0.0) => Ok(text.to_owned()),
        Ok(_) => Err(" is beyond what a float can hold: bind it, or write it without an exponent".to_owned()),
        Err(_) => Err(" is no number of SQL".to_owned()),
    }
}

/// Returns what is to be said of a string with letters before it that make something else of it on some servers.
pub(super) fn prefix(before: &[Token]) -> Option<String> {
    let (prefix, shown) = match before {
        [.., Token::Word(word), Token::Other(sign)] if sign == "&" => (word, format!("{word}&'…'")),
        [.., Token::Word(word)] if !word.eq_ignore_ascii_case("u") => (word, format!("{word}'…'")),
        _ => return None,
    };
    if prefix.eq_ignore_ascii_case("b") {
        return Some(BITS.to_owned());
    }
    let is_known = ["e", "q", "r", "u"].iter().any(|known| prefix.eq_ignore_ascii_case(known));
    is_known.then(|| {
        format!("not every server has strings as `{shown}`: bind the string, or write it between single quotes alone")
    })
}

/// Returns the bytes between the quotes of `x'…'`.
pub(super) fn bytes(digits: &str) -> Result<Vec<u8>, String> {
    let fault = || {
        format!(
            "`x'{digits}'` is no row of bytes, which are two hexadecimal digits each: fill it up with a zero, or write a number \
             as `0x…`"
        )
    };
    let pairs = digits.as_bytes().chunks(2);
    let byte = |pair: &[u8]| match pair {
        [high, low] => {
            let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
            Some(value(*high)? << 4 | value(*low)?)
        }
        _ => None,
    };
    pairs.map(byte).collect::<Option<Vec<u8>>>().ok_or_else(fault)
}
