//! SQL that users write.

use datajoint_definition::{Backend, JsonPath};

use super::exact::exact;
use super::foreign::parts_of_rows;
use super::grouped::grouped;
use super::guarded::guarded;
use super::meaning;
use super::nulls::nulls_in_order;
use super::reading::{tokens, tokens_without_values};
use super::tables::with_tables;
use super::translate::Translator;
use super::{Lower, Query};
use crate::backends::dialect;
use crate::fragment::Fragment;
use crate::json_path;
use crate::token::Token;
use crate::{Error, Result, Value};

/// Returns an expression without values and subqueries, as the backend takes it: read by a tokenizer, and written again.
/// What it gives is read as the same once more, but for strings with a backslash where the server takes that for more than a
/// letter. `?` is an operator of PostgreSQL there, as `??` is.
///
/// Fails for what is more than one expression, or none.
///
/// ```
/// use datajoint_definition::Backend;
/// use datajoint_sql::plain_expression;
///
/// let filter = plain_expression(Backend::Postgresql, "unit > 0 -- the good ones")?;
/// assert_eq!(filter.trim(), "unit > 0");
/// assert_eq!(plain_expression(Backend::Postgresql, "doc ?? 'a'")?, "doc ? 'a'");
/// assert_eq!(plain_expression(Backend::Postgresql, "doc ? 'a'")?, "doc ? 'a'");
/// assert!(plain_expression(Backend::Postgresql, "true); DROP TABLE unit; --").is_err());
/// # Ok::<(), datajoint_sql::Error>(())
/// ```
pub fn plain_expression(backend: Backend, text: &str) -> Result<String> {
    let tokens = tokens_without_values(dialect(backend), text)?;
    if let Some(token) = tokens.iter().find(|token| token.is_word("select")) {
        let advice = format!("`{}` can't stand in it", token.text());
        return Err(Error::Fragment { text: text.trim().to_owned(), advice });
    }
    Ok(guarded(dialect(backend), tokens).iter().map(Token::text).collect())
}

/// Returns the names, keywords and numbers of an expression, those without quotes in lower case.
///
/// Fails for what is more than one expression, or none.
pub fn names_in(backend: Backend, text: &str) -> Result<Vec<String>> {
    let words = tokens(dialect(backend), text)?.into_iter().filter_map(|token| match token {
        Token::Word(word) => Some(word.to_lowercase()),
        Token::Name(name, _) => Some(name),
        _ => None,
    });
    Ok(words.collect())
}

impl Lower {
    /// The expression over a query, with a value for each `?` outside quotes and comments; `??` stands for a question mark.
    pub(super) fn written(&mut self, query: &Query, text: &str, parameters: &[Value]) -> Result<Fragment> {
        let (pieces, parts_of_rows) = self.pieces(query, text, parameters, false)?;
        let mut sql = Translator::of_query(dialect(self.backend)).translate(&pieces)?;
        sql.note_parts_of_rows(parts_of_rows);
        Ok(sql)
    }

    /// The same for a value to be computed, with functions as the backend calls them, and the path of a JSON attribute as
    /// what stands there.
    pub(super) fn computed(
        &mut self,
        query: &Query,
        attribute: &str,
        text: &str,
        parameters: &[Value],
    ) -> Result<Fragment> {
        let backend = self.backend;
        if JsonPath::attribute_meant(text).is_some_and(|document| query.has_document(document)) {
            return Ok(Fragment::text(dialect(backend).json_value(&json_path::place(text)?)));
        }
        let pieces = self.pieces(query, text, parameters, true).map_err(|error| error.computing(attribute));
        let (pieces, parts_of_rows) = pieces?;
        let translated =
            Translator::of_query(dialect(backend)).translate(&query.aggregates(backend, &pieces));
        let mut sql = translated.map_err(|error| error.computing(attribute))?;
        sql.note_parts_of_rows(parts_of_rows);
        Ok(sql)
    }

    /// The pieces as they are sent, and what stands behind a point in queries within.
    fn pieces(
        &mut self,
        query: &Query,
        text: &str,
        parameters: &[Value],
        is_computed: bool,
    ) -> Result<(Vec<Token>, Vec<String>)> {
        let backend = self.backend;
        let tokens = query.with_quotes(backend, with_values(backend, text, parameters)?);
        let tokens = with_tables(dialect(backend), query.with_sources(backend, tokens));
        let tokens = grouped(backend, tokens);
        let unknown = query.unknown_name(backend, text, &tokens)?;
        if self.unknown.name.is_none() {
            self.unknown.name = unknown.map(Box::new);
        }
        meaning::check(dialect(backend), query, &tokens, text)?;
        let tokens = meaning::with_numbers(dialect(backend), query, tokens);
        let tokens = exact(dialect(backend), query, tokens);
        let tokens = nulls_in_order(dialect(backend), tokens);
        let parts_of_rows = parts_of_rows(dialect(backend), &tokens);
        let tokens = guarded(dialect(backend), tokens);
        Ok((self.compared(query, text, &tokens, is_computed)?, parts_of_rows))
    }
}

fn with_values(backend: Backend, text: &str, parameters: &[Value]) -> Result<Vec<Token>> {
    let mut tokens = tokens(dialect(backend), text)?;
    let mut values = parameters.iter();
    let mut placeholders = 0;
    for token in &mut tokens {
        if let Token::Placeholder(value) = token {
            placeholders += 1;
            *value = values.next().cloned();
        }
    }
    if placeholders == parameters.len() {
        Ok(tokens)
    } else {
        Err(Error::Placeholders { text: text.trim().to_owned(), placeholders, values: parameters.len() })
    }
}
