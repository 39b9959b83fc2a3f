//! SQL that users write.

use datajoint_definition::{AttributeType, Backend, CoreType};

use super::Query;
use super::token::{Token, calls, fragment_of, tokens};
use super::translate::translate;
use crate::dialect::dialect;
use crate::fragment::Fragment;
use crate::{Error, Result, Value};

/// The text with a value for each `?` outside quotes; `??` stands for a question mark.
pub(crate) fn fragment(text: &str, parameters: &[Value]) -> Result<Fragment> {
    Ok(fragment_of(&with_values(text, parameters)?))
}

/// The same for a value to be computed, with functions as the backend calls them, and the path of a JSON attribute as
/// what stands there.
pub(super) fn translated(
    backend: Backend,
    query: &Query,
    text: &str,
    parameters: &[Value],
) -> Result<Fragment> {
    if let Some(path) = JsonPath::parse(text)
        && path.is_of(query)
    {
        return Ok(Fragment::text(dialect(backend).json_value(path.attribute, path.path, path.returning)));
    }
    Ok(translate(backend, &with_values(text, parameters)?))
}

fn with_values(text: &str, parameters: &[Value]) -> Result<Vec<Token>> {
    let mut tokens = tokens(text.trim());
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

/// A place within a JSON attribute: `attribute.path`, or `attribute.path:type` for a value of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct JsonPath<'a> {
    pub(super) attribute: &'a str,
    pub(super) path: &'a str,
    pub(super) returning: Option<&'a str>,
}

impl<'a> JsonPath<'a> {
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim();
        let (place, returning) = match text.split_once(':') {
            Some((place, returning)) => (place, Some(returning.trim())),
            None => (text, None),
        };
        let (attribute, path) = place.split_once('.')?;
        let is_name = |name: &str| name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        let in_path = |letter: char| letter.is_alphanumeric() || "_.*[]".contains(letter);
        let in_type = |letter: char| letter.is_alphanumeric() || "_(), ".contains(letter);
        let is_one = !attribute.is_empty()
            && !attribute.starts_with(|letter: char| letter.is_ascii_digit())
            && is_name(attribute)
            && !path.is_empty()
            && path.chars().all(in_path)
            && returning.is_none_or(|returning| returning.chars().all(in_type));
        is_one.then_some(Self { attribute, path, returning })
    }

    /// True when the query has the attribute, as JSON.
    pub(super) fn is_of(&self, query: &Query) -> bool {
        query.column(self.attribute).is_some_and(|column| {
            column.is_plain()
                && matches!(column.attribute.attribute_type, AttributeType::Core(CoreType::Json))
        })
    }
}

/// True when a text has this word outside single quotes.
pub(super) fn mentions(text: &str, name: &str) -> bool {
    tokens(text).iter().any(|token| match token {
        Token::Word(word) => word.eq_ignore_ascii_case(name),
        Token::Quoted(quoted) if !quoted.starts_with('\'') => {
            quoted[1..].trim_end_matches(['"', '`']).eq_ignore_ascii_case(name)
        }
        _ => false,
    })
}

/// True for an expression that names nothing.
pub(super) fn is_constant(fragment: &Fragment) -> bool {
    fragment.texts().all(|text| {
        tokens(text).iter().all(|token| match token {
            Token::Word(word) => word.starts_with(|letter: char| letter.is_ascii_digit()),
            Token::Quoted(quoted) => quoted.starts_with('\''),
            Token::Other(_) | Token::Placeholder(_) => true,
        })
    })
}

/// The text without the calls of these functions.
pub(super) fn outside_calls(text: &str, functions: &[&str]) -> String {
    let tokens = tokens(text);
    let mut outside = String::new();
    let mut place = 0;
    while place < tokens.len() {
        let call = calls(&tokens, place);
        match (&tokens[place], call) {
            (Token::Word(word), Some(call))
                if functions.iter().any(|function| word.eq_ignore_ascii_case(function)) =>
            {
                place = call.end;
            }
            (token, _) => {
                outside.push_str(token.text());
                place += 1;
            }
        }
    }
    outside
}
