//! Statements as people may run them by hand.

use std::borrow::Cow;

use datajoint_definition::Backend;
use sqlparser::tokenizer::{Token, Whitespace};

use crate::backends::dialect;
use crate::lexicon::{lex, lex_expression};
use crate::{Statement, Value, quote_text, show_value};

/// Returns the text of a statement with its values in their places, for people to read and to run; what is sent has them
/// bound.
///
/// ```
/// use datajoint_definition::Backend;
/// use datajoint_sql::{Statement, Value, show_statement};
///
/// let sql = "INSERT INTO note VALUES (?, 'why?', ?)".to_owned();
/// let statement = Statement { sql, parameters: vec![Value::Int(1), Value::Text("it's".to_owned())], ..Statement::default() };
/// assert_eq!(show_statement(Backend::Sqlite, &statement), "INSERT INTO note VALUES (1, 'why?', 'it''s')");
/// ```
pub fn show_statement(backend: Backend, statement: &Statement) -> String {
    let Ok(pieces) = lex(dialect(backend).lexicon(), &statement.sql) else { return statement.sql.clone() };
    let mut values = statement.parameters.iter();
    let shown = pieces.into_iter().map(|piece| match piece {
        Token::Placeholder(sign) => values.next().map_or(sign, |value| literal(backend, value)),
        piece => piece.to_string(),
    });
    shown.collect()
}

/// Returns an expression as a sentence can have it: of a long one its beginning and its end.
pub fn show_expression(text: &str) -> Cow<'_, str> {
    const MOST: usize = 400;
    const END: usize = 100;
    let text = text.trim();
    let length = text.chars().count();
    if length <= MOST {
        return text.into();
    }
    let beginning: String = text.chars().take(MOST - END).collect();
    let end: String = text.chars().skip(length - END).collect();
    format!("{beginning} … {end}").into()
}

/// Returns an expression of a user with `?` in the place of each value, for what is kept longer than the rows that it tells of.
///
/// Names and operators alone stay, and nothing of what can't be cut into pieces, or has other values on another backend.
///
/// ```
/// use datajoint_sql::show_without_values;
///
/// assert_eq!(show_without_values("name = 'ada' and \"age\" > 7 -- hers"), "name = ? and \"age\" > ?");
/// assert_eq!(show_without_values("name = 'ada"), "?");
/// assert_eq!(show_without_values("name <> all(array['ada'])"), "?");
/// ```
pub fn show_without_values(text: &str) -> String {
    // Which of them reads it is not known here, and `[…]` is a name on one of them.
    let mut shown = Backend::ALL.into_iter().map(|backend| without_values(backend, text));
    let Some(Some(first)) = shown.next() else { return "?".to_owned() };
    if shown.all(|other| other.as_ref() == Some(&first)) {
        show_expression(&first).into_owned()
    } else {
        "?".to_owned()
    }
}

/// The names and operators of an expression, as a backend reads it; none of what it can't be cut into.
fn without_values(backend: Backend, text: &str) -> Option<String> {
    let pieces = lex_expression(dialect(backend).lexicon(), text).ok()?;
    Some(pieces.into_iter().map(|(piece, _)| without_value(&piece)).collect())
}

fn without_value(piece: &Token) -> String {
    let is_operator =
        |text: &str| text.chars().all(|letter| letter.is_ascii_punctuation() && !"'\"`".contains(letter));
    match piece {
        Token::Word(_) => piece.to_string(),
        Token::Whitespace(Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_)) => {
            String::new()
        }
        Token::Whitespace(_) => " ".to_owned(),
        piece => Some(piece.to_string()).filter(|text| is_operator(text)).unwrap_or_else(|| "?".to_owned()),
    }
}

fn literal(backend: Backend, value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Text(text) => quote_text(backend, text),
        Value::Bytes(bytes) => format!("X'{}'", crate::literal::hexadecimal(bytes)),
        Value::Int(_) | Value::UInt(_) | Value::Bool(_) => show_value(value),
        other => quote_text(backend, show_value(other).trim_matches(['"', '\''])),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    /// Something of a value, wherever a server may see one.
    const SECRET: &str = "zqx";

    fn hostile() -> impl Strategy<Value = String> {
        let pieces = vec![
            "'", "''", "\"", "`", "[", "]", "\\", "\\'", "E'", "N'", "x'", "U&'", "_utf8'", "$$", "$q$",
            "--", "-- ", "/*", "*/", "/*!", "#", "array[", "(", ")", " ", "\n", "name", "=", "7", "?",
            SECRET, "'zqx'", "[zqx]", "\"zqx\"",
        ];
        prop::collection::vec(prop::sample::select(pieces), 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 4096,
            failure_persistence: None,
            rng_seed: RngSeed::Fixed(7),
            ..ProptestConfig::default()
        })]

        /// What one server alone takes for a value does not stay.
        #[test]
        fn no_value_stays_on_any_backend(text in hostile()) {
            let shown = show_without_values(&text);
            for backend in Backend::ALL {
                let Ok(pieces) = lex_expression(dialect(backend).lexicon(), &text) else { continue };
                let is_name = pieces.iter().any(|(piece, _)| {
                    matches!(piece, Token::Word(_)) && piece.to_string().contains(SECRET)
                });
                prop_assert!(is_name || !shown.contains(SECRET), "{backend}: {text:?} is shown as {shown:?}");
            }
        }
    }
}
