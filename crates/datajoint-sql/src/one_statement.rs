use datajoint_definition::Backend;
use sqlparser::tokenizer::{Token, Whitespace};

use crate::backends::dialect;
use crate::lexicon::{is_digits, is_run, lex};

/// Returns true for a string that holds one statement at most, whatever its literals and comments hold.
///
/// Where the protocol takes several statements in one string, this is what a string has to pass.
///
/// ```
/// use datajoint_definition::Backend;
/// use datajoint_sql::is_one_statement;
///
/// assert!(is_one_statement(Backend::Sqlite, "SELECT ';' -- ; twice\n ;"));
/// assert!(!is_one_statement(Backend::Sqlite, "SELECT 1; SELECT 2"));
/// assert!(is_one_statement(Backend::Mysql, r"SELECT '\'; SELECT 2'"));
/// assert!(!is_one_statement(Backend::Postgresql, r"SELECT '\'; SELECT 2"));
/// ```
pub fn is_one_statement(backend: Backend, sql: &str) -> bool {
    if !sql.contains(';') {
        return true;
    }
    let Ok(pieces) = lex(dialect(backend).lexicon(), sql) else { return false };
    let Some(end) = pieces.iter().position(|piece| *piece == Token::SemiColon) else {
        return pieces.iter().all(is_certain);
    };
    let is_blank = |piece: &Token| matches!(piece, Token::SemiColon | Token::Whitespace(_));
    pieces.iter().all(is_certain) && pieces[end..].iter().all(is_blank)
}

/// Returns false for a piece that a server may cut elsewhere than the tokenizer does.
fn is_certain(piece: &Token) -> bool {
    match piece {
        Token::Whitespace(Whitespace::MultiLineComment(text)) => !is_run(text),
        Token::HexStringLiteral(digits) | Token::SingleQuotedByteStringLiteral(digits) => is_digits(digits),
        Token::Char(_) | Token::Backslash => false,
        _ => true,
    }
}
