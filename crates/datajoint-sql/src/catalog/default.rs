//! What a default of a catalog says: a literal, the present moment, or what only the server can compute.
//!
//! Whatever is not in the closed list of forms here is an expression, kept as the server said it.

use datajoint_definition::{AttributeType, CoreType, DefaultValue, NativeCategory};

/// A default as the server says it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SaidDefault<'a> {
    pub(crate) text: &'a str,
    /// True where the server says that it is no literal.
    pub(crate) is_expression: bool,
    /// The type of the column, in the words of the server.
    pub(crate) kind: &'a str,
    /// The type of the attribute.
    pub(crate) attribute_type: &'a AttributeType,
}

impl SaidDefault<'_> {
    /// True for a type of which the present moment is a value.
    pub(crate) fn is_moment(&self) -> bool {
        match self.attribute_type {
            AttributeType::Core(core) => matches!(core, CoreType::DateTime { .. } | CoreType::Date),
            AttributeType::Native(native) => native.category == NativeCategory::Temporal,
            AttributeType::Codec(_) => false,
        }
    }
}

/// `CURRENT_TIMESTAMP` with a precision, as a definition writes it.
pub(crate) fn now(text: &str) -> Option<DefaultValue> {
    let upper = text.trim().to_ascii_uppercase();
    let rest = upper.strip_prefix("CURRENT_TIMESTAMP")?;
    let rest = if rest == "()" { "" } else { rest };
    let precision = match rest.trim().strip_prefix('(') {
        None if rest.is_empty() => None,
        None => return None,
        Some(digits) => Some(digits.strip_suffix(')')?.trim().parse().ok().filter(|digits| *digits <= 6)?),
    };
    // None are what is meant without a number.
    let precision = precision.filter(|digits| *digits > 0);
    Some(DefaultValue::CurrentTimestamp { precision })
}

/// A literal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal<'a> {
    Null,
    Truth(bool),
    Number(&'a str),
    Text(String),
    /// `X'…'`: the digits.
    Bytes(&'a str),
}

impl Literal<'_> {
    /// The default that it is.
    pub(crate) fn into_default(self) -> DefaultValue {
        DefaultValue::Value(match self {
            Self::Null => return DefaultValue::Null,
            Self::Truth(truth) => if truth { "1" } else { "0" }.to_owned(),
            Self::Number(text) | Self::Bytes(text) => text.to_owned(),
            Self::Text(text) => text,
        })
    }
}

/// The literal that a text is, in brackets perhaps, and the type that it is cast to; `None` for all else.
///
/// What follows `::` is not looked at: it may be more than a type.
pub(crate) fn literal_of(text: &str, has_escapes: bool) -> Option<(Literal<'_>, Option<&str>)> {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')'))
        && let Some((found, None)) = literal_of(inner, has_escapes)
    {
        return Some((found, None));
    }
    if let Some((inner, cast)) = text.strip_prefix('(').and_then(|rest| rest.rsplit_once(")::")) {
        let (found, within) = literal_of(inner, has_escapes)?;
        return within.is_none().then_some((found, Some(cast)));
    }
    let (found, rest) = beginning(text, has_escapes)?;
    match rest.trim() {
        "" => Some((found, None)),
        rest => rest.strip_prefix("::").map(|cast| (found, Some(cast))),
    }
}

fn beginning(text: &str, has_escapes: bool) -> Option<(Literal<'_>, &str)> {
    if let Some(rest) = text.strip_prefix('\'') {
        let (string, rest) = string(rest, has_escapes)?;
        return Some((Literal::Text(string), rest));
    }
    if let Some((digits, rest)) =
        text.strip_prefix(['x', 'X']).and_then(|rest| rest.strip_prefix('\'')?.split_once('\''))
    {
        return crate::lexicon::is_digits(digits).then_some((Literal::Bytes(digits), rest));
    }
    let is_of_word = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.');
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text).trim_start();
    let mut end = text.len() - unsigned.len();
    let bytes = text.as_bytes();
    while let Some(letter) = text[end..].chars().next() {
        // The sign of an exponent.
        let is_sign = matches!(letter, '-' | '+') && end > 0 && matches!(bytes[end - 1], b'e' | b'E');
        if !is_of_word(letter) && !is_sign {
            break;
        }
        end += letter.len_utf8();
    }
    let (word, rest) = text.split_at(end);
    let begins_as_number = unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    Some((
        match word.to_ascii_lowercase().as_str() {
            "null" => Literal::Null,
            "true" => Literal::Truth(true),
            "false" => Literal::Truth(false),
            _ if begins_as_number && word.parse::<f64>().is_ok() => Literal::Number(word),
            _ => return None,
        },
        rest,
    ))
}

/// A string up to its closing quote, and what follows.
fn string(text: &str, has_escapes: bool) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut letters = text.char_indices().peekable();
    while let Some((place, letter)) = letters.next() {
        match letter {
            '\'' if letters.next_if(|(_, next)| *next == '\'').is_none() => {
                return Some((value, &text[place + 1..]));
            }
            '\\' if has_escapes => value.push(meant(letters.next()?.1)),
            letter => value.push(letter),
        }
    }
    None
}

/// What a letter behind a backslash stands for.
pub(crate) const fn meant(letter: char) -> char {
    match letter {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'b' => '\u{8}',
        '0' => '\0',
        'Z' => '\u{1a}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{Literal, literal_of};

    #[test]
    fn a_literal_is_the_whole_of_a_default() {
        for (text, found) in [
            ("5", Literal::Number("5")),
            ("(-5)", Literal::Number("-5")),
            ("1.5e-3", Literal::Number("1.5e-3")),
            ("9e999", Literal::Number("9e999")),
            ("'a''b'", Literal::Text("a'b".to_owned())),
            ("X'0aff'", Literal::Bytes("0aff")),
            ("NULL", Literal::Null),
            ("true", Literal::Truth(true)),
        ] {
            assert_eq!(literal_of(text, false), Some((found, None)), "{text}");
        }
        assert_eq!(literal_of("'a'::text", false), Some((Literal::Text("a".to_owned()), Some("text"))));
        assert_eq!(literal_of("(1.5)::real", false), Some((Literal::Number("1.5"), Some("real"))));
        for text in [
            "abs(-5)",
            "5 + 1",
            "'a' || 'b'",
            "('a') || ('b')",
            "upper('abc')",
            "current_user",
            "1 - 2",
            "X'0'0'",
            "--1",
            "(('a'::text)::varchar)::char",
            "inf",
            "nan",
            "abc",
            "",
            "'a",
        ] {
            assert_eq!(literal_of(text, false), None, "{text}");
        }
    }
}
