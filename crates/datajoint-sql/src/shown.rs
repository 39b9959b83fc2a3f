//! Statements as people may run them by hand.

use std::borrow::Cow;

use datajoint_definition::Backend;
use sqlparser::tokenizer::Token;

use crate::backends::dialect;
use crate::lexicon::lex;
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

fn literal(backend: Backend, value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Text(text) => quote_text(backend, text),
        Value::Bytes(bytes) => format!("X'{}'", crate::literal::hexadecimal(bytes)),
        Value::Int(_) | Value::UInt(_) | Value::Bool(_) => show_value(value),
        other => quote_text(backend, show_value(other).trim_matches(['"', '\''])),
    }
}
